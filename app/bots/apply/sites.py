"""What is particular to a site: which request submits, how its confirmation reads, what proves a refusal. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

import msgspec

from app.bots.apply.form import FormPage

_THANKS: Final = re.compile(
    r"thank(s| you) for (applying|your application|submitting)|application (has been |was )?(successfully )?(received"
    r"|submitted|sent)|(we|we've|we have) received your application|your application is (complete|in)\b",
    re.I,
)
_NUMBER: Final = re.compile(
    r"(?:application|confirmation|reference|tracking)\s*(?:number|id|code|no\.?)?\s*(?:is|:|#)\s*#?\s*([A-Z0-9][A-Z0-9-]{3,40})\b",
    re.I,
)


class Asked(msgspec.Struct, frozen=True):
    """A request that the browser wants to make. `kind` is what it is for: document, xhr, fetch, ping …"""

    url: str
    method: str
    kind: str
    navigation: bool
    body: bytes | None = None

    @property
    def safe(self) -> bool:
        return self.method in ("GET", "HEAD", "OPTIONS")


class Look(msgspec.Struct, frozen=True):
    """What a person would see now. `number` is what the page marks as the confirmation number, if it marks one."""

    url: str
    title: str
    text: str
    number: str
    form: bool


def since(look: Look, before: Look) -> Look:
    """What a person would see now that wasn't there before: a form may say thanks from the first page on."""
    known = set(before.text.splitlines())
    text = "\n".join(line for line in look.text.splitlines() if line not in known)
    return Look(look.url, "" if look.title == before.title else look.title, text, look.number, look.form)


class Site(msgspec.Struct, frozen=True):
    """An unknown site. Everything is taken for the submitting request that might be it."""

    name: str = "generic"

    def submits(self, asked: Asked, page: FormPage | None) -> bool:
        """Whether this unsafe request, made after the last page's button, hands in the application."""
        return asked.kind not in ("ping", "csp_report")

    def confirmation(self, look: Look) -> str | None:
        """None where this isn't a confirmation; else the number that it states, "" for none."""
        if look.form or not (_THANKS.search(look.text) or _THANKS.search(look.title)):
            return None
        found = _NUMBER.search(look.text)
        return look.number or (found.group(1) if found and any(c.isdigit() for c in found.group(1)) else "")

    def refused(self, status: int, page: FormPage) -> bool:
        """Whether this answer proves that nothing was taken."""
        return False


class FormSite(Site, frozen=True):
    """A site whose form hands in by a plain POST to its action and answers 422 with the form when it takes nothing."""

    name: str = "form"

    def submits(self, asked: Asked, page: FormPage | None) -> bool:
        if page is None or not page.action:
            return super().submits(asked, page)
        return _place(asked.url) == _place(page.action) and asked.method == "POST"

    def refused(self, status: int, page: FormPage) -> bool:
        return status == 422 and bool(page.problems) and bool(page.fields)


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def site_for(url: str, *, practice: bool) -> Site:
    """The adapter for this address. Only the practice board is known well enough to be trusted with a refusal."""
    return FormSite(name="practice") if practice else Site()
