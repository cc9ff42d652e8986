"""Source quality (报送质量): how timely, complete and right the files of a source were, each as n of N."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count

from chengxin.kernel.periods import CHINA, Period, add_months, today
from chengxin.operations.receipts import STORED, closing, files
from chengxin.storage.models import Mend, Source, Submission


@dataclass(frozen=True)
class Share:
    """``n`` of ``of``; ``percent`` is None where there is nothing to count, never 0 % or 100 % of nothing."""

    n: int
    of: int

    @property
    def percent(self) -> float | None:
        return self.n * 100 / self.of if self.of else None

    def __add__(self, other: "Share") -> "Share":
        return Share(self.n + other.n, self.of + other.of)


_NONE = Share(0, 0)


@dataclass(frozen=True)
class Figures:
    """The figures of one source in one period.

    ``timeliness`` (及时率): rows reported within the item's working days of the decision, of the rows with a date.
    ``completeness`` (完整率): required cells that are filled, of the required cells.
    ``accuracy`` (准确率): rows of the files as first handed in that were not quarantined, of all rows.
    ``effective`` (有效载入率): rows stored, those mended since included, of all rows; rows that only repeat what is
    stored already count neither way.
    """

    source: str
    name: str
    period: Period
    files: int
    rows: int
    timeliness: Share
    completeness: Share
    accuracy: Share
    effective: Share


def figures(source: str, period: Period) -> Figures:
    """The figures of one source (code) for files received in the period (days in China)."""
    found = Source.objects.get(code=source)
    return _add_up(found.code, found.name, period, _received(period).filter(source_id=source))


def all_figures(period: Period) -> list[Figures]:
    """The figures of every source that handed something in, by code: the table of ``/quality``."""
    by_source: dict[str, list[Submission]] = {}
    for each in _received(period).select_related("source"):
        by_source.setdefault(each.source_id, []).append(each)
    return [_add_up(code, found[0].source.name, period, found) for code, found in sorted(by_source.items())]


def months(source: str, count: int, *, last: date | None = None) -> list[Figures]:
    """The figures of the last ``count`` calendar months, oldest first, the running month included."""
    first = (last or today()).replace(day=1)
    starts = [add_months(first, -back) for back in range(count - 1, -1, -1)]
    return [figures(source, Period(start, add_months(start, 1))) for start in starts]


def _received(period: Period):  # type: ignore[no-untyped-def]
    found = files().filter(state="done", received_at__gte=_midnight(period.starts), parent__isnull=True)
    if period.ends is not None:
        found = found.filter(received_at__lt=_midnight(period.ends))
    return found.order_by("received_at")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)


def _add_up(code: str, name: str, period: Period, found: Iterable[Submission]) -> Figures:
    submissions = list(found)
    mended = _mended(submissions)
    total = {"timeliness": _NONE, "completeness": _NONE, "accuracy": _NONE, "effective": _NONE}
    for each in submissions:
        given = each.quality
        total["timeliness"] += Share(int(given.get("on_time", 0)), int(given.get("timed", 0)))
        total["completeness"] += Share(int(given.get("cells_filled", 0)), int(given.get("cells_required", 0)))
        total["accuracy"] += Share(each.rows - each.quarantined, each.rows)
        total["effective"] += Share(each.accepted + each.corrected + mended.get(each.id, 0), each.rows - each.unchanged)
    return Figures(code, name, period, len(submissions), sum(each.rows for each in submissions), **total)


def _mended(submissions: list[Submission]) -> dict[str, int]:
    stored = closing(Mend.objects.filter(submission__in=submissions)).filter(outcome__in=STORED)
    counted = stored.values("submission_id")
    return dict(counted.annotate(n=Count("row", distinct=True)).values_list("submission_id", "n"))
