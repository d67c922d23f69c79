"""Jobs and studies out of a section's lines. Pure; a part that can't be told stays empty."""

from __future__ import annotations

import re

import msgspec

from app.bots.match import dates
from app.bots.match.dates import Span
from app.bots.match.lines import debullet, is_bullet
from app.bots.match.titles import has_title_word


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One position as written. `start` and `end`: "YYYY-MM", "YYYY" or "present"."""

    employer: str = ""
    title: str = ""
    location: str = ""
    start: str = ""
    end: str = ""
    bullets: list[str] = []


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """One degree or course as written."""

    institution: str = ""
    degree: str = ""
    start: str = ""
    end: str = ""


class _Line(msgspec.Struct, frozen=True):
    text: str  # without its dates when `span` is set
    kind: str  # bullet, more (a bullet goes on) or plain
    span: Span | None


_PAGE = re.compile(r"(?:^|\s)(?:page )?\d+\s*(?:/|of)\s*\d+$|· R[ée]sum[ée] \d+$", re.I)
_COMPANY = re.compile(
    r"^(.+?\b(?:Inc|Corp|LLC|Ltd|GmbH|Co|Company|AG|plc|Pvt)\b(?!-)\.?"
    r"(?:,? (?:Inc|Ltd|LLC)\b\.?)?(?: \([^)]*\))?)[\s,]*(.*)$"
)
_PARTING = re.compile(r"\s*(?:\t|\s[|•·–—@-]\s|\s+at\s+(?=[A-Z]))\s*")
_PLACE = re.compile(r"^[^\W\d][\w .'’-]{1,30}, [A-Z][\w .'’-]{1,30}$")
_MAX_HEADER = 110


def jobs_of(lines: list[str]) -> list[Job]:
    """Entries hang on their dates: before, beside or after the header, each layout is recognised."""
    found = _classified(_joined(lines))
    anchors = [index for index, line in enumerate(found) if line.span is not None]
    if not anchors:
        return _undated(found)
    if any(line.kind == "bullet" for line in found[: anchors[0]]) and found[0].kind == "plain":
        return _dates_last(found, anchors)
    return _dates_first(found, anchors)


def _joined(lines: list[str]) -> list[str]:
    """Drop page marks and durations; put a range that was broken over two lines together again."""
    kept = [line for line in lines if not (_PAGE.search(line) and len(line) < 60) and not dates.DURATION.match(line)]
    joined: list[str] = []
    for line in kept:
        broken = bool(joined) and (dates.OPEN_END.match(joined[-1]) is not None or joined[-1].endswith(","))
        if broken and not is_bullet(line):
            joined[-1] = f"{joined[-1]} {line}"
        else:
            joined.append(line)
    return joined


def _classified(lines: list[str]) -> list[_Line]:
    width = max((len(line) for line in lines), default=0)
    found: list[_Line] = []
    for index, line in enumerate(lines):
        before = found[-1].kind if found else "plain"
        if is_bullet(line):
            found.append(_Line(debullet(line), "bullet", None))
        elif before != "plain" and _goes_on(lines[index - 1], line, width):
            found.append(_Line(line, "more", None))
        else:
            found.append(_plain(line))
    return found


def _goes_on(above: str, line: str, width: int) -> bool:
    if line[:1].islower():
        return True
    return len(above) >= 0.75 * width and not above.endswith(".") and dates.find_range(line) is None


def _plain(line: str) -> _Line:
    span = dates.find_range(line) or (dates.find_single(line) if len(line) <= 80 else None)
    if span is None:
        return _Line(line, "plain", None)
    rest = f"{line[: span.at[0]]} {line[span.at[1] :]}".strip(" \t,;:|–-").removesuffix("()").strip()
    if len(rest) > _MAX_HEADER or (rest.endswith(".") and len(rest) > 60):
        return _Line(line, "plain", None)
    return _Line(rest, "plain", span)


def _dates_first(found: list[_Line], anchors: list[int]) -> list[Job]:
    headers = [_header(found, index) for index in anchors]
    jobs = []
    for number, (index, used) in enumerate(zip(anchors, headers, strict=True)):
        stop = min(headers[number + 1]) if number + 1 < len(anchors) else len(found)
        body = [line for at, line in enumerate(found[index:stop], start=index) if at not in used]
        jobs.append(_job([found[at].text for at in sorted(used) if found[at].text], found[index].span, body))
    return jobs


def _header(found: list[_Line], index: int) -> set[int]:
    """The lines that make the header of the entry dated at `index`."""
    above, below = _usable(found, index - 1), _usable(found, index + 1)
    text = found[index].text
    if not text:
        below_is_body = index + 1 < len(found) and found[index + 1].kind == "bullet"
        if above and (below_is_body or not below):
            twice = _usable(found, index - 2) and found[index - 2].span is None
            return {index - 2, index - 1, index} if twice else {index - 1, index}
        return {index, index + 1} if below else {index}
    title, employer, _ = split_header([text])
    if title and employer:
        return {index}
    if above and _completes(text, found[index - 1].text):
        return {index - 1, index}
    if below and len(found[index + 1].text.split()) <= 8 and _completes(text, found[index + 1].text):
        return {index, index + 1}
    return {index}


def _completes(one: str, other: str) -> bool:
    """One of the two names an occupation and the other doesn't."""
    return has_title_word(one) != has_title_word(other)


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
        head = [line.text for line in block[:1]]
        last = block[-1].text if len(block) > 1 and block[-1].kind != "bullet" else ""
        place = last if _PLACE.match(last) else ""
        body = [line for line in block[1:] if not place or line.text != place]
        job = _job(head or [found[index].text], found[index].span, body)
        jobs.append(msgspec.structs.replace(job, location=job.location or place))
        start = index + 1
    return jobs


def _undated(found: list[_Line]) -> list[Job]:
    at = next((n for n, line in enumerate(found) if line.kind == "plain" and has_title_word(line.text)), None)
    if at is None or len(found[at].text) > _MAX_HEADER or _sentence(found[at].text):
        return []
    return [_job([found[at].text], None, found[at + 1 :])]


def _job(header: list[str], span: Span | None, body: list[_Line]) -> Job:
    title, employer, location = split_header(header)
    return Job(
        employer=employer,
        title=title,
        location=location,
        start=span.start if span else "",
        end=span.end if span else "",
        bullets=_bullets(body),
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


def split_header(header: list[str]) -> tuple[str, str, str]:
    """Header lines → (title, employer, location). The title is the part that names an occupation."""
    parts = [part for line in header for part in _parts(line)]
    at = next((n for n, part in enumerate(parts) if has_title_word(part)), None)
    title = parts.pop(at) if at is not None else ""
    employer = parts.pop(0) if parts else ""
    return title, employer, ", ".join(parts)


def _parts(line: str) -> list[str]:
    parts: list[str] = []
    for piece in _PARTING.split(line):
        company = _COMPANY.match(piece)
        if company and not has_title_word(company[1]):
            parts += [company[1], *company[2].split(",")]
        else:
            parts += _commas(piece)
    return [part.strip(" ,;–-") for part in parts if part.strip(" ,;–-")]


def _commas(piece: str) -> list[str]:
    """Split at commas, but "ABC Company, Inc." stays one."""
    return re.split(r",(?!\s*(?:Inc|LLC|Ltd|GmbH|Corp)\b)", piece)


_INSTITUTION = re.compile(
    r"\b(?:universit\w*|college|institute|school|academy|polytechnic|faculty|conservatory|hochschule|MIT|UC|UCLA|"
    r"Cal ?Tech|ETH|EPFL|POSTECH|KAIST|CUNY|SUNY)\b",
    re.I,
)
_DEGREE = re.compile(
    r"\b(?:bachelor\w*|master(?:'?s)?|associate(?:'?s)?|doctor\w*|ph\.?\s?d|mba|b\.?\s?s(?:c|n)?|b\.?a|b\.?\s?tech|b\.?eng|"
    r"m\.?s(?:c|n)?|m\.?a|m\.?eng|m\.?tech|diploma|certificate|high school|ged|a-levels?|abitur|llb|llm|degree|pgce|"
    r"apprenticeship)\b(?!\w)",
    re.I,
)
_FOCUS = re.compile(r"speciali|major|minor|concentrat|focus", re.I)
_ASIDE = re.compile(r"^(?:gpa|overall|thesis|advisor|relevant|coursework|honou?rs|minor|activities|grade)\b", re.I)


def studies_of(lines: list[str]) -> list[Study]:
    """Each institution or degree starts a study; a line that has the other half completes it."""
    found: list[Study] = []
    for line in _joined(lines):
        text = debullet(line)
        if _ASIDE.match(text) or (is_bullet(line) and not _DEGREE.search(text)) or len(text) > 200:
            continue
        _add_study(found, _study(text))
    return [study for study in found if study.institution or study.degree]


def _study(line: str) -> Study:
    span = dates.find_range(line) or dates.find_single(line)
    if span is not None:
        line = f"{line[: span.at[0]]}\t{line[span.at[1] :]}"
    parts = [part for part in _parts(line) if not re.fullmatch(r"(?i)expected.*|graduat\w+:?|gpa.*", part)]
    degree = next((part for part in parts if _DEGREE.search(part)), "")
    institution = next((part for part in parts if _INSTITUTION.search(part) and part != degree), "")
    if degree and not institution:
        degree, institution = _untangled(degree, parts)
    single = span is not None and not span.end
    return Study(
        institution=institution,
        degree=degree,
        start=span.start if span and not single else "",
        end=(span.start if single else span.end) if span else "",
    )


def _untangled(degree: str, parts: list[str]) -> tuple[str, str]:
    """Degree and institution in one part ("PhD Princeton University"), or the institution right after the degree."""
    word = _DEGREE.match(degree)
    if word is not None and _INSTITUTION.search(degree) and len(parts) > 1:
        return f"{word[0]} {parts[1]}", degree[word.end() :].strip(" .,-")
    # Only a degree that names its subject ("BSc in Physics, MIT") is surely followed by the school, not by the subject.
    later = parts[parts.index(degree) + 1 :] if " in " in degree else []
    named = [part for part in later if part[:1].isupper() and not _FOCUS.match(part)]
    return degree, named[0] if named and not _INSTITUTION.search(degree) else ""


def _add_study(found: list[Study], new: Study) -> None:
    last = found[-1] if found else None
    fits = last is not None and not (last.institution and new.institution) and not (last.degree and new.degree)
    if last is not None and fits:
        found[-1] = Study(
            institution=last.institution or new.institution,
            degree=last.degree or new.degree,
            start=last.start or new.start,
            end=last.end or new.end,
        )
    elif new.institution or new.degree:
        found.append(new)
