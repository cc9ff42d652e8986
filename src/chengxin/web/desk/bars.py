"""Bars (条形图): server-drawn SVG bars; widths in thousandths, so that the template only writes attributes."""

from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 1000
SLIVER = 6
"""Narrowest part that can still be seen; a part is never left out because it is small."""


@dataclass(frozen=True)
class Part:
    """One stretch of a bar; ``kind`` is its CSS class."""

    kind: str
    x: int
    width: int


def stacked(parts: Iterable[tuple[str, int]]) -> tuple[Part, ...]:
    """(kind, count) pairs as stretches that fill the bar; empty ones are left out, small ones stay visible."""
    shown = [(kind, count) for kind, count in parts if count > 0]
    total = sum(count for _, count in shown)
    widths = [max(SLIVER, count * WIDTH // total) for _, count in shown]
    if widths:
        widest = widths.index(max(widths))
        widths[widest] += WIDTH - sum(widths)
    placed, x = [], 0
    for (kind, _), width in zip(shown, widths, strict=True):
        placed.append(Part(kind, x, width))
        x += width
    return tuple(placed)
