"""The score on real vectors: high where it fits, low where it doesn't, monotone, and never high on thin ground."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.bots.match import likeness, ranking, requirements
from app.bots.match.embedder_client import Embedder
from app.bots.match.person import person
from app.bots.match.ranking import Score
from app.bots.match.scale import packaged
from app.postings.text import describe
from app.practice import catalogue
from app.practice.behaviour import Behaviour

TODAY = date(2026, 11, 23)
POSTING = """We build card payments for shops.
What you will do
- Design and run payment services in Python
- Own REST APIs on PostgreSQL and Kafka
What you bring
- 5+ years of backend engineering with Python
- PostgreSQL and query tuning
- Kafka
- Docker and Kubernetes
- Go
Nice to have
- Terraform
What we offer
- Free lunch and Java beans"""
TITLE = "Senior Python Engineer, Payments"
NURSE = (Path(__file__).parents[2] / "app" / "seekers" / "demo" / "maria_lind.txt").read_text()


async def scored(embedder: Embedder, resume: str, title: str = TITLE, posting: str = POSTING) -> Score:
    needs, who = requirements.analyse(title, posting), person(resume, TODAY)
    texts = list(dict.fromkeys(likeness.texts_of(needs, who)))
    vectors = dict(zip(texts, await embedder.embed(texts), strict=True))
    (like,) = likeness.of_postings([likeness.asked(needs, vectors)], likeness.told(who, vectors))
    return ranking.score(needs, who, like)


def test_a_posting_as_wishes() -> None:
    needs = requirements.analyse(TITLE, POSTING)
    asked = ["Python", "PostgreSQL", "Query tuning", "Kafka", "Docker", "Kubernetes", "Go"]
    assert needs.skills("required") == asked
    assert needs.skills("nice") == ["Terraform"]
    assert needs.years == 5
    assert not any("Java" in wish.skills for wish in needs.wishes)  # benefits are not wishes


async def test_fits_and_says_why(embedder: Embedder, jane_text: str) -> None:
    found = await scored(embedder, jane_text)
    assert found.score > 80
    assert {"Python", "PostgreSQL", "Kafka"} <= set(found.matched)
    assert sum(part.weight for part in found.components) == pytest.approx(100, abs=0.3)
    assert sum(part.score * part.weight for part in found.components) / 100 == pytest.approx(found.raw, abs=0.3)
    assert found.score == pytest.approx(packaged().score(found.raw), abs=0.3)  # nothing caps it


async def test_unrelated_is_low(embedder: Embedder) -> None:
    assert (await scored(embedder, NURSE)).score < 40


async def test_a_missing_skill_added_never_lowers_and_raises_as_promised(embedder: Embedder, jane_text: str) -> None:
    posting = POSTING.replace("- Go\n", "- Ansible\n- Elasticsearch and Cassandra\n")
    before = await scored(embedder, jane_text, posting=posting)
    assert "Cassandra" in before.missing
    assert before.would_raise[0].points > 0
    for skill in before.missing:
        listed = await scored(embedder, jane_text.replace("SKILLS\n", f"SKILLS\n{skill}, "), posting=posting)
        assert listed.score > before.score
    gain = before.would_raise[0]
    shown = jane_text.replace("EDUCATION", f"• Used {gain.skill} for two years\n\nEDUCATION")
    after = await scored(embedder, shown, posting=posting)
    assert after.score == pytest.approx(before.score + gain.points, abs=1.5)


@pytest.mark.parametrize("posting", ["", "Python engineer wanted.", "- Python\n- Kafka"])
async def test_thin_postings_stay_below_ninety(embedder: Embedder, jane_text: str, posting: str) -> None:
    found = await scored(embedder, jane_text, posting=posting)
    assert found.score < 90
    assert found.notes


async def test_a_list_of_keywords_stays_below_ninety(embedder: Embedder) -> None:
    words = "Jo Doe\nSenior Python Engineer, Payments\n\nSKILLS\nPython, PostgreSQL, query tuning, Kafka, Docker, "
    found = await scored(embedder, words + "Kubernetes, Go, Terraform, REST APIs, payments")
    assert found.score < 75


async def test_an_empty_resume_is_nothing(embedder: Embedder) -> None:
    assert (await scored(embedder, "Jo Doe")).score < 10


@pytest.mark.slow
async def test_the_demo_seekers_against_the_practice_board(embedder: Embedder, jane_text: str) -> None:
    seen = {(one.employer.name, one.title): one for one in catalogue.load().every(Behaviour())}
    needs = [requirements.analyse(one.title or "", describe(one.description_html)[1]) for one in seen.values()]
    people = [person(text, TODAY) for text in (jane_text, NURSE)]
    texts = list(dict.fromkeys(text for one in needs for who in people for text in likeness.texts_of(one, who)))
    vectors = dict(zip(texts, await embedder.embed(texts), strict=True))
    asked = [likeness.asked(one, vectors) for one in needs]
    jane, maria = (
        [
            ranking.score(one, who, like).score
            for one, like in zip(needs, likeness.of_postings(asked, likeness.told(who, vectors)), strict=True)
        ]
        for who in people
    )
    assert max(jane) >= 90
    assert sum(60 <= score < 90 for score in jane) >= 3  # the floor means that one in four of them fits
    assert sum(score < 40 for score in jane) > len(jane) / 2
    assert max(maria) >= 90
