"""What templates are given: plain words, nothing that a template could trip over."""

from app.web.pages import cards, desk_views, scorecard, verdict
from app.web.pages.links import safe_link
from app.web.pages.profile_form import one_line, patch
from app.web.pages.sign import landing, own_path
from app.web.pages.toasts import toast
from app.words import ordinal


def test_a_forms_field_becomes_a_question() -> None:
    found = desk_views.question(
        {"key": "q7", "question": "Shifts?", "kind": "checkboxes", "options": ["Early", "Late"]}
    )
    assert (found.key, found.label, found.multiple, found.required) == ("q7", "Shifts?", True, True)
    assert desk_views.question({"name": "x", "options": [{"label": "Yes", "value": 1}]}).options == ["Yes"]
    assert desk_views.question({}).label == "A question without words"


def test_only_web_addresses_become_links() -> None:
    assert safe_link("https://jobs.example/7") == "https://jobs.example/7"
    assert safe_link("javascript:alert(1)") == ""
    assert safe_link(None) == ""


def test_signing_in_leads_nowhere_else() -> None:
    traps = (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/a\nb",
        "/\t/evil.example",
        "/\r/evil.example",
    )
    for trap in (*traps, "/sign-out", "/api/seekers/me", "portal", ""):
        assert own_path(trap) == ""
    assert own_path("/portal/matches?after=7") == "/portal/matches?after=7"


def test_signing_in_leads_to_a_page_of_ones_own_role() -> None:
    assert landing("/portal/matches?after=7", "seeker") == "/portal/matches?after=7"
    assert landing("/portal/matches?after=7", "employee") == "/desk"
    assert landing("/portalish", "seeker") == "/portal"
    assert landing("/operations", "supervisor") == "/operations"
    assert landing("//evil.example", "operator") == "/operations"


def test_what_would_raise_the_score_is_ticked_once_the_draft_has_it() -> None:
    before = {"would_raise": [{"skill": "Go", "points": 4.0}], "missing": ["Go", "Kafka"], "matched": ["SQL"]}
    card = scorecard.scorecard(84, 80, 90, [{"label": "Work", "score": 70.0}], before, ["go", "SQL"])
    assert [(gap.words, gap.met) for gap in card.gaps] == [("Go", True), ("Kafka", False)]
    assert card.left == 1
    assert verdict.sentence(84, [], before) == "84: one of three skills is shown; Go is missing."


def test_a_profile_form_keeps_what_it_does_not_show() -> None:
    sent = {"profile.phone": " 7 ", "profile.links.github": "g", "preferences.titles": "Nurse, ", "rogue": "x"}
    found = patch(sent, {"portfolio": "p"})
    assert found["profile"] == {"links": {"portfolio": "p", "github": "g"}, "phone": "7"}
    assert found["preferences"] == {"titles": ["Nurse"]}
    assert found["matching_active"] is False


def test_words() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21)] == ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st"]
    assert one_line(["Early", "Late"]) == "Early, Late"
    assert desk_views.first_name("Ada King Okafor") == "Ada K."
    assert set(cards.OPEN) <= set(cards.WORDS)


def test_a_toast_survives_the_header() -> None:
    assert toast("Größe “7” saved").headers["HX-Trigger"].isascii()
