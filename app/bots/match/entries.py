"""Jobs out of a section's lines. Pure; a part that can't be told stays empty.

Entries hang on their dates. Which lines around a date make its header differs from resume to resume, but hardly within
one: each way to cut a header is tried on each date, and the way that suits the whole section weighs in.
"""

from __future__ import annotations

import re
from statistics import fmean

import msgspec

from app.bots.match import confidence, dates
from app.bots.match.dates import Span
from app.bots.match.header import Header, is_place, read_header
from app.bots.match.lines import debullet, is_bullet, without_page_marks
from app.bots.match.titles import has_title_word


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One position as written. `start` and `end`: "YYYY-MM", "YYYY" or "present".

    `confidence`: 0 to 1 by the name of the field, for those that aren't empty (see confidence.py).
    """

    employer: str = ""
    title: str = ""
    location: str = ""
    start: str = ""
    end: str = ""
    bullets: list[str] = []
    confidence: dict[str, float] = {}


class _Line(msgspec.Struct, frozen=True):
    text: str  # without its dates when `span` is set
    kind: str  # bullet, more (a bullet goes on) or plain
    span: Span | None
    marked: bool = False


_CUTS = ((0,), (-1, 0), (0, 1), (-2, -1, 0), (0, 1, 2), (-1, 0, 1), (-3, -2, -1, 0), (0, 1, 2, 3))
_LABELLED = re.compile(r"^(?:employer|company|organi[sz]ation|position|job title|title|role)\s*:", re.I)
_DOES = re.compile(
    r"^[A-Z][a-z]+(?:ed|ing)\b|^(?:Led|Built|Ran|Wrote|Won|Made|Taught|Kept|Cut|Set|Own|Lead|Run|Drove)\b"
)
_MAX_HEADER = 110


def jobs_of(lines: list[str]) -> list[Job]:
    """Dates before, beside or after the header: each layout is recognised."""
    found = _classified(joined(lines))
    anchors = [index for index, line in enumerate(found) if line.span is not None]
    if not anchors:
        return _undated(found)
    if any(line.kind == "bullet" for line in found[: anchors[0]]) and found[0].kind == "plain":
        return _dates_last(found, anchors)
    return _by_cuts(found, anchors)


def joined(lines: list[str]) -> list[str]:
    """Drop page marks and durations; put a range that was broken over two lines together again."""
    kept = [line for line in lines if without_page_marks(line) == line and not dates.DURATION.match(line)]
    whole: list[str] = []
    for line in kept:
        if whole and _is_broken(whole[-1], line) and not is_bullet(line):
            whole[-1] = f"{whole[-1]} {line}"
        else:
            whole.append(line)
    return whole


def _is_broken(above: str, line: str) -> bool:
    if dates.ALONE.match(above):
        return line.casefold() in ("to", "-", "–", "—") or line.casefold().startswith("to ")
    return dates.OPEN_END.match(above) is not None or above.endswith(",")


def _classified(lines: list[str]) -> list[_Line]:
    width = max((len(line) for line in lines), default=0)
    found: list[_Line] = []
    for index, line in enumerate(lines):
        before = found[-1].kind if found else "plain"
        if is_bullet(line):
            found.append(_Line(debullet(line), "bullet", None, True))
        elif before != "plain" and _goes_on(lines[index - 1], line, width):
            found.append(_Line(line, "more", None))
        else:
            found.append(_plain(line))
    return found


def _goes_on(above: str, line: str, width: int) -> bool:
    if line[:1].islower():
        return True
    single = dates.find_single(line)
    set_apart = single is not None and line[: single.at[0]].endswith("\t")
    return len(above) >= 0.75 * width and not above.endswith(".") and not set_apart and dates.find_range(line) is None


def _plain(line: str) -> _Line:
    span = dates.find_range(line) or (dates.find_single(line) if len(line) <= 80 else None)
    if span is None:
        return _Line(line, "plain", None)
    before, after = line[: span.at[0]].rstrip(), line[span.at[1] :].lstrip()
    if before.endswith("(") and after.startswith(")"):
        before, after = before[:-1], after[1:]
    rest = f"{before}\t{after}".strip(" \t,;:|–-")
    if len(rest) > _MAX_HEADER or (rest.endswith(".") and len(rest) > 60):
        return _Line(line, "plain", None)
    return _Line(rest, "plain", span)


class _Cut(msgspec.Struct, frozen=True):
    """One way to take the header of one entry."""

    lines: tuple[int, ...]
    header: Header
    score: float


def _by_cuts(found: list[_Line], anchors: list[int]) -> list[Job]:
    cuts = _chosen(found, anchors)
    kept = [cut for cut in cuts if cut.score > 0 or _is_range(found[_anchor(found, cut)].span)]
    jobs: list[Job] = []
    for number, cut in enumerate(kept):
        stop = min(kept[number + 1].lines) if number + 1 < len(kept) else len(found)
        body = [line for at, line in enumerate(found[min(cut.lines) : stop], min(cut.lines)) if at not in cut.lines]
        jobs.append(_inherited(_job(cut.header, found, cut.lines, body), jobs))
    return jobs


def _anchor(found: list[_Line], cut: _Cut) -> int:
    return next(at for at in cut.lines if found[at].span is not None)


def _is_range(span: Span | None) -> bool:
    return span is not None and bool(span.end)


def _inherited(job: Job, before: list[Job]) -> Job:
    """Further positions under one employer: the title is there, the employer stands with the first of them."""
    if job.employer or not has_title_word(job.title) or not before or not before[-1].employer:
        return job
    sure = {**job.confidence, "employer": confidence.GUESSED}
    return msgspec.structs.replace(job, employer=before[-1].employer, confidence=sure)


def _chosen(found: list[_Line], anchors: list[int]) -> list[_Cut]:
    """For each date the best cut; half of what counts is how the same way to cut does in the whole section."""
    options = [{way: cut for way in _CUTS if (cut := _cut(found, anchor, way))} for anchor in anchors]
    usual = {way: fmean(cuts[way].score if way in cuts else -3.0 for cuts in options) for way in _CUTS}
    chosen: list[_Cut] = []
    taken = -1
    for cuts in options:
        free = {way: cut for way, cut in cuts.items() if min(cut.lines) > taken} or {(0,): cuts[(0,)]}
        way = max(free, key=lambda way: free[way].score + 0.7 * usual[way])
        chosen.append(free[way])
        taken = max(free[way].lines)
    return chosen


def _cut(found: list[_Line], anchor: int, way: tuple[int, ...]) -> _Cut | None:
    lines = tuple(anchor + step for step in way)
    if not all(at == anchor or _usable(found, at) for at in lines):
        return None
    texts = [found[at].text for at in lines if found[at].text]
    header = read_header(texts)
    return _Cut(lines, header, _suits(header, texts, found[anchor]))


def _suits(header: Header, texts: list[str], dated: _Line) -> float:
    """How much these lines look like the header of a job."""
    if not texts:
        return -1.0
    score = (
        2.0 * header.titled + bool(header.employer) + header.marked * 0.8 + 0.5 * bool(header.titled and header.apart)
    )
    score += 0.4 if header.location and is_place(header.location) else 0.0
    score -= 0.5 * header.spare + 0.3 * (len(texts) - 1)
    score -= 1.5 * any(_DOES.match(text) and not has_title_word(text) for text in texts)
    score -= 0.8 * sum(len(text.split()) > 9 for text in texts)
    score -= 1.2 * (sum(has_title_word(text) for text in texts) > 1)
    return score - (1.0 if dated.span is not None and not dated.span.end else 0.0)


def _usable(found: list[_Line], at: int) -> bool:
    if not 0 <= at < len(found):
        return False
    line = found[at]
    return line.kind == "plain" and line.span is None and len(line.text) <= 90 and not _sentence(line.text)


def _sentence(text: str) -> bool:
    return text.endswith((".", ";", ":")) and not re.search(r"\b(?:Inc|Corp|Ltd|Co|Jr|Sr|S\.A)\.$", text)


def _dates_last(found: list[_Line], anchors: list[int]) -> list[Job]:
    """The header stands above the bullets, place and dates below them."""
    jobs, start = [], 0
    for index in anchors:
        block = found[start:index]
        header = (start,) if block else (index,)
        last = block[-1].text if len(block) > 1 and block[-1].kind != "bullet" else ""
        place = last if is_place(last) else ""
        body = [line for line in block[1:] if not place or line.text != place]
        job = _job(read_header([found[header[0]].text]), found, (*header, index), body)
        if place and not job.location:
            sure = {**job.confidence, "location": confidence.LIKELY}
            job = msgspec.structs.replace(job, location=place, confidence=sure)
        jobs.append(job)
        start = index + 1
    return jobs


def _undated(found: list[_Line]) -> list[Job]:
    at = next((n for n, line in enumerate(found) if line.kind == "plain" and has_title_word(line.text)), None)
    if at is None or len(found[at].text) > _MAX_HEADER or _sentence(found[at].text):
        return []
    return [_job(read_header([found[at].text]), found, (at,), found[at + 1 :])]


def _job(header: Header, found: list[_Line], lines: tuple[int, ...], body: list[_Line]) -> Job:
    span = next((found[at].span for at in lines if found[at].span), None)
    start, end = (span.start, span.end) if span else ("", "")
    labelled = any(_LABELLED.match(found[at].text) for at in lines)
    bullets = _bullets(body)
    sure = confidence.of_header(header, labelled=labelled) | confidence.of_dates(start, end)
    if bullets:
        sure["bullets"] = confidence.SURE if any(line.marked for line in body) else confidence.WEAK
    return Job(
        employer=header.employer,
        title=header.title,
        location=header.location,
        start=start,
        end=end,
        bullets=bullets,
        confidence=sure,
    )


def _bullets(body: list[_Line]) -> list[str]:
    bullets: list[str] = []
    for line in body:
        goes_on = line.kind == "more" or (line.kind == "plain" and bool(bullets) and not bullets[-1].endswith("."))
        if goes_on and bullets:
            bullets[-1] = f"{bullets[-1]} {line.text}"
        elif line.text:
            bullets.append(line.text)
    return [bullet[:1000] for bullet in bullets[:60]]
