"""Our own postings: read from data/*.toml once, shown with the edits that the control routes asked for."""

import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.practice.behaviour import Behaviour, Edit
from app.practice.model import Ats, Employer, Posting, Vacancy

DATA = Path(__file__).parent / "data"
FILLER = "<p>We mean every word of it.</p>" * 62_501  # just above 2,000,000 bytes
SCRIPT = (
    "<script>document.title='owned';fetch('/control/behaviour',{method:'DELETE'})</script>"
    "<img src=x onerror=\"document.title='owned'\"><a href=\"javascript:document.title='owned'\">Our culture</a>"
)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """One data file: an employer with the board it uses and its vacancies."""

    name: str
    ats: Ats
    token: str
    prefix: str
    tagline: str
    about: str
    jobs: tuple[Vacancy, ...]
    benefits: tuple[str, ...] = ()


class Catalogue:
    """Every posting of ours by board; `listed` gives a board's open ones as the behaviour in force shows them."""

    def __init__(self, postings: list[Posting]) -> None:
        self._boards: dict[tuple[str, str], list[Posting]] = {}
        for posting in postings:
            self._boards.setdefault((posting.ats, posting.token), []).append(posting)

    def boards(self) -> list[tuple[str, str, Employer]]:
        return [(ats, token, postings[0].employer) for (ats, token), postings in self._boards.items()]

    def employer(self, ats: str, token: str) -> Employer | None:
        found = self._boards.get((ats, token))
        return found[0].employer if found else None

    def listed(self, ats: str, token: str, behaviour: Behaviour) -> list[Posting] | None:
        """None where there is no such board."""
        found = self._boards.get((ats, token))
        return None if found is None else [shown for p in found for shown in _shown(p, behaviour)]

    def find(self, ats: str, token: str, posting_id: str, behaviour: Behaviour) -> Posting | None:
        """None where it never was or was removed."""
        return next((p for p in self.listed(ats, token, behaviour) or [] if p.id == posting_id), None)

    def every(self, behaviour: Behaviour) -> list[Posting]:
        return [p for ats, token in self._boards for p in self.listed(ats, token, behaviour) or []]


def load(folder: Path = DATA) -> Catalogue:
    """Raises msgspec.ValidationError naming the field when a data file is wrong."""
    files = [msgspec.toml.decode(path.read_bytes(), type=_File) for path in sorted(folder.glob("*.toml"))]
    return Catalogue([posting for file in files for vacancy in file.jobs for posting in _postings(file, vacancy)])


def lines() -> list[str]:
    """Every line of our vacancies, each once: a corpus for checks and measurements of language models."""
    vacancies = [posting.vacancy for posting in load().every(Behaviour())]
    own = ((v.title, v.about, *v.duties, *v.requirements, *v.nice) for v in vacancies)
    return list(dict.fromkeys(line for some in own for line in some))


def _postings(file: _File, vacancy: Vacancy) -> Iterator[Posting]:
    employer = Employer(file.name, file.prefix, file.tagline, file.about, file.benefits)
    for ats in (file.ats, vacancy.also):
        if ats:
            yield Posting(
                id=_id(ats, file.token, vacancy.slug), ats=ats, token=file.token, employer=employer, vacancy=vacancy,
                title=vacancy.title, updated=f"{vacancy.posted}T09:00:00+00:00",
            )  # fmt: skip


def _id(ats: Ats, token: str, slug: str) -> str:
    """Stable over restarts, in the board's own kind: ten digits on Greenhouse, a UUID on the others."""
    if ats == "greenhouse":
        return str(7_000_000_000 + zlib.crc32(f"{token}/{slug}".encode()) % 1_000_000_000)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{ats}/{token}/{slug}"))


def _shown(posting: Posting, behaviour: Behaviour) -> Iterator[Posting]:
    if any(map(posting.named, behaviour.remove)):
        return
    for key, edit in behaviour.edit.items():
        posting = _edited(posting, edit) if posting.named(key) else posting
    for key, form in behaviour.forms.items():
        if posting.named(key):
            posting = msgspec.structs.replace(posting, vacancy=msgspec.structs.replace(posting.vacancy, form=form))
    yield _spoiled(posting, behaviour)


def _edited(posting: Posting, edit: Edit) -> Posting:
    given = {key: value for key, value in msgspec.structs.asdict(edit).items() if value is not None}
    vacancy = msgspec.structs.replace(posting.vacancy, **given)
    # A stamp from the text itself: the same edit shows the same time, another edit another one.
    second = zlib.crc32(repr(sorted(given.items())).encode()) % 86_400
    return msgspec.structs.replace(
        posting, vacancy=vacancy, title=vacancy.title,
        updated=f"2026-11-22T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+00:00",
    )  # fmt: skip


def _spoiled(posting: Posting, behaviour: Behaviour) -> Posting:
    before = SCRIPT if any(map(posting.named, behaviour.script_tags)) else ""
    after = FILLER if any(map(posting.named, behaviour.big_description)) else ""
    title = None if any(map(posting.named, behaviour.no_title)) else posting.title
    return msgspec.structs.replace(posting, before_html=before, after_html=after, title=title)
