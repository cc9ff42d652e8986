"""Publication window as people read it (公示期限图): dated sentences, and how far along today is."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.catalogue.model import Basis, Catalogue
from chengxin.disclosure.explanation import explain
from chengxin.records.model import Record
from chengxin.web.site.wording import day_text, say


@dataclass(frozen=True)
class Step:
    """One date of the window; ``run`` is how much of the way to the next step is behind us, 0 to 100."""

    day: date | None
    words: str
    past: bool
    run: int
    note: str = ""


@dataclass(frozen=True)
class Reason:
    """Why the window is as it is: a sentence and the articles it rests on."""

    words: str
    basis: tuple[Basis, ...]
    confirmed: bool


def steps(record: Record, catalogue: Catalogue, on: date) -> tuple[Step, ...]:
    """The dates of a record's window, in order; the last one is the end."""
    window = record.window
    if window is None:
        return ()
    regime = catalogue.regimes.get(window.regime)
    by_validity = regime is not None and regime.end_by == "validity"
    days: list[tuple[date | None, str, str]] = [(window.starts, _("作出决定，起算"), "")]
    if window.repairable is not None:
        note = _("已可申请") if window.repairable <= on else ""
        days.append((window.repairable, _("起可申请信用修复"), note))
    if window.ends is None:
        days.append((None, _("有效期间一直公示"), ""))
    elif by_validity:
        days.append((window.ends, _("有效期届满，零时自动停止公示"), ""))
    else:
        days.append((window.ends, _("零时自动停止公示"), ""))
    return tuple(
        Step(
            day,
            words,
            past=day is not None and day <= on,
            run=_share(day, days[place + 1][0], on) if place + 1 < len(days) else 0,
            note=note,
        )
        for place, (day, words, note) in enumerate(days)
    )


def _share(start: date | None, end: date | None, on: date) -> int:
    if start is None or on <= start:
        return 0
    if end is None:
        return 50  # no end: half the line says "running", no more
    return min(100, round(100 * (on - start).days / max(1, (end - start).days)))


def months(count: int | None) -> str:
    """3 个月, 1 年."""
    if count is None:
        return ""
    if count == 0:
        return _("无最短期限")
    if count % 12 == 0:
        return ngettext("%(n)d 年", "%(n)d 年", count // 12) % {"n": count // 12}
    return ngettext("%(n)d 个月", "%(n)d 个月", count) % {"n": count}


def term_reason(record: Record, catalogue: Catalogue) -> Reason | None:
    """Under which regime and term the window was computed, and which later regime ends it sooner."""
    regime = catalogue.regimes.get(record.window.regime) if record.window else None
    if record.window is None or regime is None:
        return None
    if regime.end_by == "validity":
        words = _("许可信息自决定之日起公示，有效期届满的次日停止公示。")
        return Reason(words, regime.basis, regime.confirmed)
    found = explain(record.window, record.severity, record.fields, catalogue)
    if found is None or found.term.max_months is None:
        return Reason(_("公示期限按下列依据计算。"), regime.basis, regime.confirmed)
    values = {"least": months(found.term.min_months), "most": months(found.term.max_months)}
    if found.term.min_months:
        words = _("最短公示 %(least)s，最长 %(most)s，期满自动停止公示。") % values
    else:
        words = _("最长公示 %(most)s，期满自动停止公示。") % values
    if found.shortened_by is None or regime.transition is None:
        return Reason(words, regime.basis, found.confirmed)
    shorter = _("自%(day)s起按《%(rule)s》从短。") % {
        "day": day_text(regime.transition.at),
        "rule": say(found.shortened_by.title),
    }
    return Reason(words + shorter, regime.basis + found.shortened_by.basis, found.confirmed)
