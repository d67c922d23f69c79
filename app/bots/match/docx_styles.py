"""How a DOCX's text looks: colour, size, what lies under it, whether it is hidden. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec

ON = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TINY = 4  # half points
_NEAR_WHITE = 0xF0


class Look(msgspec.Struct, frozen=True):
    """What is known of the text at a place. `under`: something that isn't white lies under it."""

    white: bool = False
    tiny: bool = False
    vanished: bool = False
    under: bool = False

    @property
    def is_seen(self) -> bool:
        return not (self.tiny or self.vanished or (self.white and not self.under))

    def over(self, properties: Element | None) -> Look:
        """With the properties of a run, paragraph or cell; of what they don't mention, this look stays."""
        if properties is None:
            return self
        shade, colour = properties.find(f"{ON}shd"), properties.find(f"{ON}color")
        size, vanish = properties.find(f"{ON}sz"), properties.find(f"{ON}vanish")
        lit = properties.find(f"{ON}highlight") is not None
        return Look(
            white=self.white if colour is None else _is_white(_value(colour)),
            tiny=self.tiny if size is None else _number(_value(size)) < _TINY,
            vanished=self.vanished if vanish is None else _value(vanish) not in ("0", "false", "off"),
            under=lit or (self.under if shade is None else _is_dark(shade.get(f"{ON}fill", ""), self.under)),
        )

    def styled(self, chain: list[Element]) -> Look:
        """With a style and those that it builds on, the most general first."""
        look = self
        for properties in chain:
            look = look.over(properties)
        return look

    def filled(self, shape: Element) -> Look:
        """Inside a drawing nothing is said about what lies under."""
        named = str(shape.tag).rpartition("}")[2]
        return msgspec.structs.replace(self, under=True) if named in ("drawing", "pict", "object") else self


def _value(element: Element) -> str:
    return element.get(f"{ON}val", "")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return _TINY


def _is_white(colour: str) -> bool:
    """Of the six hex digits each pair is nearly full; "auto" and names aren't."""
    try:
        return len(colour) == 6 and all(int(colour[at : at + 2], 16) >= _NEAR_WHITE for at in (0, 2, 4))
    except ValueError:
        return False


def _is_dark(fill: str, before: bool) -> bool:
    return before if fill in ("", "auto") else not _is_white(fill)


class Styles:
    """styles.xml: run properties and lists by style."""

    def __init__(self, root: Element | None) -> None:
        found = root.findall(f"{ON}style") if root is not None else []
        self._styles = {style.get(f"{ON}styleId", ""): style for style in found}

    def paragraph(self, properties: Element | None) -> list[Element]:
        """Run properties of a paragraph's style, the most general first."""
        name = properties.find(f"{ON}pStyle") if properties is not None else None
        return self._chain(name)

    def run(self, run: Element) -> list[Element]:
        """Run properties of a run's own style."""
        name = run.find(f"{ON}rPr/{ON}rStyle")
        return self._chain(name)

    def is_listed(self, properties: Element | None) -> bool:
        """Whether Word draws a bullet or a number before the paragraph."""
        if properties is None:
            return False
        numbered = properties.find(f"{ON}numPr/{ON}numId")
        if numbered is not None:
            return _value(numbered) != "0"
        styles = self._above(properties.find(f"{ON}pStyle"))
        return any(style.find(f"{ON}pPr/{ON}numPr") is not None for style in styles)

    def _chain(self, name: Element | None) -> list[Element]:
        found = [style.find(f"{ON}rPr") for style in self._above(name)]
        return [properties for properties in reversed(found) if properties is not None]

    def _above(self, name: Element | None) -> Iterator[Element]:
        """A style and what it is based on; a circle is left after twenty."""
        for _ in range(20):
            style = self._styles.get(_value(name)) if name is not None else None
            if style is None:
                return
            yield style
            name = style.find(f"{ON}basedOn")
