"""Which answers of a person are taken: tables, no fixtures."""

from typing import Any

import pytest

from app.applications import fitting


def _field(kind: str, **more: Any) -> dict[str, Any]:
    return {"key": "q_1", "question": "What?", "kind": kind, "options": [], "required": True} | more


def _said(field: dict[str, Any], answer: Any) -> list[str]:
    given = [{"key": field["key"], "question": field["question"], "answer": answer}]
    return [wrong.message for wrong in fitting.problems(fitting.asked([field]), given)]


BOX = {"options": ["I agree"], "question": "I agree that you read this"}


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        (_field("number"), "7"),
        (_field("number"), 7),
        (_field("date"), "1990-05-01"),
        (_field("select", options=["Yes", "No"]), "no"),
        (_field("checkboxes", options=["Mon", "Tue"]), ["Mon", "Tue"]),
        (_field("checkbox", **BOX), "I agree"),
        (_field("checkbox", **BOX), "Yes"),
        (_field("textarea"), "two\nlines"),
        (_field("email"), "ada@example.org"),
        (_field("url"), "example.org/ada"),
        (_field("text", required=False), ""),
    ],
)
def test_what_fits_is_taken(field: dict[str, Any], answer: Any) -> None:
    assert _said(field, answer) == []


@pytest.mark.parametrize(
    ("field", "answer", "takes"),
    [
        (_field("number"), "about seven", "a plain number"),
        (_field("date"), "next spring", "a date such as 2027-01-31"),
        (_field("date"), "2027-02-30", "a date such as 2027-01-31"),
        (_field("select", options=["Yes", "No"]), "Perhaps", "It takes: Yes; No"),
        (_field("radio", options=["Yes", "No"]), "", "needs an answer"),
        (_field("checkboxes", options=["Mon", "Tue"]), ["Mon", "Sun"], "It takes: Mon; Tue"),
        (_field("checkbox", **BOX), "Perhaps", "doesn't say yes"),
        (_field("text", max_length=3), "four", "this takes 3"),
        (_field("text"), "   ", "The answer is empty"),
        (_field("text"), "two\nlines", "this takes one"),
        (_field("text"), {"a": 1}, "no text"),
        (_field("text"), [["nested"]], "no text"),
        (_field("email"), "ada at example.org", "a mail address"),
        (_field("url"), "my page", "a web address"),
        (_field("file"), "see attached", "sent by hand"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(field: dict[str, Any], answer: Any, takes: str) -> None:
    [message] = _said(field, answer)
    assert message.startswith(f"“{field['question']}”")
    assert takes in message


def test_a_problem_names_the_field() -> None:
    questions = fitting.asked([_field("number"), _field("text", key="q_2")])
    given = [{"key": "q_2", "answer": "fine"}, {"key": "q_1", "answer": "many"}]
    assert [wrong.path for wrong in fitting.problems(questions, given)] == ["answers.q_1"]


def test_two_questions_of_one_wording_are_told_apart_by_key_and_two_of_one_key_by_wording() -> None:
    same_words = fitting.asked([_field("number"), _field("text", key="q_2")])
    given = [{"key": "q_2", "question": "What?", "answer": "words"}, {"key": "q_1", "question": "What?", "answer": "3"}]
    assert list(fitting.problems(same_words, given)) == []
    same_key = fitting.asked([_field("number"), _field("text", question="Why?")])
    given = [{"key": "q_1", "question": "Why?", "answer": "words"}, {"key": "q_1", "question": "What?", "answer": "3"}]
    assert list(fitting.problems(same_key, given)) == []


def test_an_unnamed_question_is_not_answered_by_another_unnamed_one() -> None:
    questions = fitting.asked([_field("text", key=""), _field("text", key="", question="Why?")])
    [wrong] = fitting.problems(questions, [{"key": "", "question": "What?", "answer": "this"}])
    assert wrong.path == "answers.Why?"


def test_answers_are_kept_under_the_words_of_the_form() -> None:
    questions = fitting.asked([_field("text")])
    given = [{"key": "q_1", "question": "what", "answer": "this"}, {"question": "Besides?", "answer": "that"}]
    assert fitting.as_asked(questions, given) == [
        {"key": "q_1", "question": "What?", "answer": "this"},
        {"question": "Besides?", "answer": "that"},
    ]
