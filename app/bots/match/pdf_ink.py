"""What on a PDF's page a person can see: paint under text, and text that is nowhere to be seen.

Text is hidden when it is drawn invisibly or fully transparent, smaller than TINY points, off the page, or in the
colour of what lies under it. What lies under it is the last plain rectangle painted before it, else the white page.
Over pictures, gradients, odd shapes and half-transparent paint nothing can be said, and the text counts as seen: a
resume must not lose its words to a guess.
"""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

TINY = 2.0  # points
CONTRAST = 1.15  # WCAG's ratio: 1.0 is no difference at all; light grey print on white has 1.6
_WHITE = (255, 255, 255)
_MAX_OBJECTS = 60_000
_MAX_PAINT = 400
_MAX_DEPTH = 8
_INVISIBLE, _CLIP = 3, 7  # text render modes of the PDF standard

Matrix = tuple[float, float, float, float, float, float]
Colour = tuple[int, int, int]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


class Box(NamedTuple):
    """In points, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.top - self.bottom)


class Paint(NamedTuple):
    """Something painted; `colour` None: can't be told. `at`: its place in the order of painting."""

    box: Box
    colour: Colour | None
    at: int


class Ink:
    """One page's paint, and of each text object whether it is seen."""

    def __init__(self, page: Any, bounds: Box) -> None:
        self.bounds = bounds
        self.paint: list[Paint] = []
        self.pictures = 0.0  # points squared
        self._order: dict[int, int] = {}
        self._collect(page, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, _SAME, 0)
        if len(self.paint) > _MAX_PAINT:
            largest = sorted(self.paint, key=lambda paint: -paint.box.area)[:_MAX_PAINT]
            self.paint = sorted(largest, key=lambda paint: paint.at)

    def seen(self, text_object: Any, x: float, y: float, size: float) -> bool:
        """Whether the text at this point, in this size, can be seen."""
        if 0 < size < TINY or not self.bounds.holds(x, y):
            return False
        mode = pdfium.FPDFTextObj_GetTextRenderMode(text_object)
        if mode in (_INVISIBLE, _CLIP):
            return self.is_scan
        inks = [self._ink(text_object, read) for read in _readers(mode)]
        if any(ink is None for ink in inks):
            return True
        before = self._order.get(_address(text_object), len(self._order))
        return any(ink is not None and ink[3] > 8 and self._stands_out(ink[:3], x, y, before) for ink in inks)

    @property
    def is_scan(self) -> bool:
        """Mostly picture: invisible text on it is what text recognition found."""
        return self.pictures >= self.bounds.area / 2

    @staticmethod
    def _ink(item: Any, read: Any) -> tuple[int, int, int, int] | None:
        channels = [ctypes.c_uint() for _ in range(4)]
        if not read(item, *(ctypes.byref(channel) for channel in channels)):
            return None
        red, green, blue, alpha = (channel.value for channel in channels)
        return red, green, blue, alpha

    def _stands_out(self, colour: Colour, x: float, y: float, before: int) -> bool:
        under: Colour | None = _WHITE
        for paint in self.paint:
            if paint.at < before and paint.box.holds(x, y):
                under = paint.colour
        return under is None or contrast(colour, under) >= CONTRAST

    def _collect(self, holder: Any, count: Any, get: Any, matrix: Matrix, depth: int) -> None:
        for number in range(min(count(holder), _MAX_OBJECTS)):
            item = get(holder, number)
            if len(self._order) >= _MAX_OBJECTS or not item:
                return
            self._order[_address(item)] = at = len(self._order)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
                inner = _times(_matrix(item), matrix)
                self._collect(item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, inner, depth + 1)
            elif kind != pdfium.FPDF_PAGEOBJ_TEXT:
                self._paint(item, kind, matrix, at)

    def _paint(self, item: Any, kind: int, matrix: Matrix, at: int) -> None:
        box = _bounds(item, matrix)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            self.pictures += box.area
        if kind != pdfium.FPDF_PAGEOBJ_PATH:
            self.paint.append(Paint(box, None, at))
        elif box.area > 20 and _is_filled(item):
            ink = self._ink(item, pdfium.FPDFPageObj_GetFillColor)
            if ink is None or ink[3] > 8:
                plain = ink is not None and ink[3] == 255 and pdfium.FPDFPath_CountSegments(item) <= 5
                self.paint.append(Paint(box, ink[:3] if ink and plain else None, at))


def _readers(mode: int) -> list[Any]:
    """What a text object's letters are coloured by: filled, stroked or both."""
    fill, stroke = pdfium.FPDFPageObj_GetFillColor, pdfium.FPDFPageObj_GetStrokeColor
    return {1: [stroke], 5: [stroke], 2: [fill, stroke], 6: [fill, stroke]}.get(mode, [fill])


def _address(item: Any) -> int:
    return ctypes.cast(item, ctypes.c_void_p).value or 0


def _is_filled(path: Any) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(pdfium.FPDFPath_GetDrawMode(path, ctypes.byref(mode), ctypes.byref(stroke))) and mode.value != 0


def _matrix(item: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, ctypes.byref(found)):
        return _SAME
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(one: Matrix, two: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = two
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _bounds(item: Any, matrix: Matrix) -> Box:
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(item, *(ctypes.byref(edge) for edge in edges)):
        return Box(0, 0, 0, 0)
    left, bottom, right, top = (edge.value for edge in edges)
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def contrast(one: Colour, two: Colour) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
