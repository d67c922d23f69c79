"""One person against one or many postings: analyse, fetch vectors, rank. Knows no state of matches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date

import msgspec

from app.bots.match import likeness, person, policy, ranking, requirements, skills
from app.bots.match.corrected import corrected
from app.bots.match.explanation import Score
from app.bots.match.person import Person
from app.bots.match.policy import Facts, Filter
from app.bots.match.requirements import Needs
from app.bots.match.scale import Scale
from app.bots.match.store import Vacancy
from app.bots.match.types import ScoreResult
from app.bots.match.vectors import Lookup
from app.postings.terms import Terms, terms
from app.seekers.corrections import NOTHING, Corrections
from app.seekers.types import Preferences

_needs: OrderedDict[tuple[str, int], Needs] = OrderedDict()
_terms: OrderedDict[tuple[str, int], Terms] = OrderedDict()
_MOST_NEEDS = 1000


def needs_of(vacancy: Vacancy) -> Needs:
    """A posting's wishes, remembered per version."""
    key = (str(vacancy.id), vacancy.version)
    if key not in _needs:
        _needs[key] = requirements.analyse(vacancy.title, vacancy.description_text)
        while len(_needs) > _MOST_NEEDS:
            _needs.popitem(last=False)
    return _needs[key]


def terms_of(vacancy: Vacancy) -> Terms:
    """What a posting says of its terms, remembered per version."""
    key = (str(vacancy.id), vacancy.version)
    if key not in _terms:
        _terms[key] = terms(vacancy.employment_type, vacancy.title, vacancy.description_text)
        while len(_terms) > _MOST_NEEDS:
            _terms.popitem(last=False)
    return _terms[key]


_HIDDEN = 3  # skills; of less, hidden text is some program's mark


def person_of(text: str, today: date, own: Corrections = NOTHING, hidden: str = "") -> Person:
    """A resume's text as scoring sees it, with what the seeker corrected in its reading; `hidden`: see parse.Parsed.

    Its entries are left out: they were for the corrections, and scoring keeps and loads many people.
    """
    who = corrected(person.person(text, today), own, today)
    hides = bool(hidden) and len(skills.default().find(hidden)) >= _HIDDEN
    return msgspec.structs.replace(who, jobs=[], studies=[], hides=hides)


def lookup(model: str, needs: Sequence[Needs], who: Person) -> Lookup:
    """Start collecting the vectors for these postings and this person."""
    public = [text for one in needs for text in likeness.posting_texts(one)]
    return Lookup(model, public, likeness.resume_texts(who))


def scored(needs: Sequence[Needs], who: Person, found: Lookup, scale: Scale) -> list[Score]:
    """The scores in order, by this scale; `found` has all vectors by now."""
    postings = [likeness.asked(one, found.found) for one in needs]
    likes = likeness.of_postings(postings, likeness.told(who, found.found))
    return [ranking.score(one, who, like, scale=scale) for one, like in zip(needs, likes, strict=True)]


def filters_of(wanted: Preferences, vacancy: Vacancy) -> list[Filter]:
    """The hard filters that a posting falls into."""
    return policy.filters(
        wanted,
        Facts(
            company=vacancy.company,
            location=vacancy.location,
            places=vacancy.places,
            remote=vacancy.remote,
            pay=vacancy.pay,
            terms=terms_of(vacancy) if policy.asks_for_terms(wanted) else Terms(),
        ),
    )


def result(score: Score, found: list[Filter], decision: str) -> ScoreResult:
    """A score as it is handed out."""
    return ScoreResult(
        score=score.score,
        decision=decision,
        components=score.components,
        matched=score.matched,
        missing=score.missing,
        would_raise=score.would_raise,
        lines=score.lines,
        notes=score.notes,
        filters=found,
    )
