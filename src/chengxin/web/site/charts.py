"""Charts (图表): bars drawn by the server as SVG, from zero, labelled directly; the table beside them is the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

LABEL, WIDTH, VALUE, ROW = 110, 270, 80, 30
"""Units of the drawing: room for labels, the longest bar, room for its number, height of a row."""
ABBREVIATED = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Bar:
    """One bar; ``y`` is the top of its row, ``width`` in pixels, ``text`` its number as written."""

    label: str
    value: float
    text: str
    y: int
    width: float
    start: int = LABEL

    @property
    def middle(self) -> int:
        return self.y + 20

    @property
    def end(self) -> float:
        return self.start + self.width + 8


@dataclass(frozen=True)
class Bars:
    """A bar chart: ``title`` is the finding, ``subtitle`` unit and scope."""

    title: str
    subtitle: str
    bars: tuple[Bar, ...]
    axis: int = LABEL

    @property
    def width(self) -> int:
        return self.axis + WIDTH + VALUE

    @property
    def height(self) -> int:
        return len(self.bars) * ROW + 4


def bars(
    title: str, subtitle: str, values: Sequence[tuple[str, float]], *, most: float | None = None, label: int = LABEL
) -> Bars:
    """A chart of labelled values; ``most`` fixes the value of the longest possible bar (1 for shares); ``label`` is the
    room for labels."""
    top = most or max((value for _, value in values), default=0) or 1
    drawn = [
        Bar(
            name,
            value,
            f"{value:.1%}" if most == 1 else f"{value:,}",
            row * ROW,
            round(WIDTH * value / top, 1),
            label,
        )
        for row, (name, value) in enumerate(values)
    ]
    return Bars(title, subtitle, tuple(drawn), label)


def month(day: date) -> str:
    """2026年11月, or Nov 2026."""
    if (get_language() or "").startswith("zh"):
        return f"{day.year}年{day.month}月"
    return f"{ABBREVIATED[day.month - 1]} {day.year}"
