"""Receipt page (回执): the numbers of a file, why rows were set aside, and the grid to put them right."""

import tempfile

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from chengxin.kernel.text import Text
from chengxin.operations import deadlines, reading, reasons, receipts, rulebook
from chengxin.operations.accounts import Principal
from chengxin.operations.workbook import workbook
from chengxin.storage.models import Submission
from chengxin.web.desk.access import desk_page, own_submission, show
from chengxin.web.desk.bars import stacked
from chengxin.web.desk.chips import chip
from chengxin.web.desk.grid import groups
from chengxin.web.desk.submissions import WAITING, item_title, progress_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTED = 50
WORDS = {
    "accepted": Text("已入库", "stored"),
    "corrected": Text("更正了已有记录", "corrected a stored record"),
    "unchanged": Text("与已有相同，未变", "already stored, unchanged"),
    "quarantined": Text("疑问数据，已隔离", "set aside, in doubt"),
    "unlinked": Text("未关联数据，待确认主体", "subject not known yet"),
    "refused": Text("不予接收，未保存内容", "refused, content not kept"),
}


@desk_page
@require_safe
def receipt(request: HttpRequest, who: Principal, number: str) -> HttpResponse:
    """What became of the file: progress while it runs, the reason where it was refused whole, else the receipt."""
    found = own_submission(who, number)
    context: dict[str, object] = {"submission": found, "item": item_title(found.item), "who": who}
    if found.state in WAITING:
        return show(request, who, "desk/running.html", {**context, **progress_of(found)})
    if found.state in ("refused", "failed"):
        return show(request, who, "desk/problem.html", {**context, "problem": _problem(found)})
    context |= {
        **standing(found),
        "reasons": _reasons(found),
        "repair_notices": found.accepted and rulebook.catalogue().items[found.item].adverse,
        "normalised": _normalised(found),
        "reading": _reading(found),
        **_grid(request, found),
        **_listed(found),
    }
    return show(request, who, "desk/receipt.html", context)


@desk_page
@require_safe
def rows_workbook(request: HttpRequest, who: Principal, number: str, outcome: str) -> HttpResponseBase:
    """The open rows with their problems as XLSX, made to be mended and sent back."""
    found = own_submission(who, number)
    out = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it, and closing removes it
    workbook(found.id, outcome, out, get_language() or "zh")
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"{found.id}-{outcome}.xlsx", content_type=XLSX)


def standing(found: Submission) -> dict[str, object]:
    """What mending a row changes on the page: the numbers, how many rows wait and until when, the rows mended."""
    waiting = receipts.open_count(found.id)
    deadline = deadlines.of_submission(found) if waiting else None
    return {
        "numbers": numbers(found),
        "bar": stacked((outcome, getattr(found, outcome)) for outcome in WORDS),
        "mended": receipts.mended_count(found.id),
        "open": waiting,
        "open_quarantined": receipts.open_count(found.id, ["quarantined"]) if waiting else 0,
        "open_unlinked": receipts.open_count(found.id, ["unlinked"]) if waiting else 0,
        "chip": chip(deadline, found.source.name),
        "deadline": deadline,
        "mended_rows": _mended(found),
    }


def numbers(found: Submission) -> list[dict[str, object]]:
    """The outcomes of a receipt that occurred, in the order of the page; together they are all rows."""
    return [
        {"kind": outcome, "n": getattr(found, outcome), "words": words}
        for outcome, words in WORDS.items()
        if getattr(found, outcome) or outcome == "accepted"
    ]


def _problem(found: Submission) -> dict[str, object]:
    said = found.problem or {}
    texts = {key: Text(**said[key]) for key in ("what", "where", "remedy") if said.get(key)}
    return {**texts, "rule": said.get("rule", ""), "basis": said.get("basis", "")}


def _reasons(found: Submission) -> list[dict[str, object]]:
    """Every rule that rows of the file break, most frequent first, errors before warnings."""
    said = [
        {"rule": reasons.explain(found.item, rule), "n": count}
        for rule, count in receipts.reason_counts(found.id).items()
    ]
    return sorted(said, key=lambda each: each["rule"].level == "warning")  # type: ignore[attr-defined]


def _normalised(found: Submission) -> list[dict[str, object]]:
    return [{"kind": reasons.kind(kind), "n": count} for kind, count in sorted(found.normalised.items()) if count]


READING = {
    "format": Text("格式", "Format"),
    "encoding": Text("编码", "Encoding"),
    "delimiter": Text("分隔符", "Delimiter"),
    "sheet": Text("工作表", "Sheet"),
    "header_row": Text("表头在第几行", "Row of the header"),
}
DELIMITERS = {"\t": Text("制表符", "tab"), ",": Text("逗号", "comma"), ";": Text("分号", "semicolon")}


def _reading(found: Submission) -> list[dict[str, object]]:
    """How the file was read, as far as a sender would ask: the facts, columns left out, and what the reader noted."""
    said: list[dict[str, object]] = [
        {"label": words, "value": DELIMITERS.get(found.reading[key], found.reading[key])}
        for key, words in READING.items()
        if found.reading.get(key)
    ]
    return said + [{"label": label, "value": value} for label, value in reading.told(found.reading)]


def _grid(request: HttpRequest, found: Submission) -> dict[str, object]:
    """The open rows of the page: fifty, of one rule where the address names one; the mended ones follow on request."""
    rule = request.GET.get("rule") or None
    after = int(at) if (at := request.GET.get("after", "")).isdecimal() else None
    rows = receipts.rows(found.id, outcome=receipts.TO_MEND, rule=rule, after=after, limit=LISTED + 1, open_only=True)
    shown = rows[:LISTED]
    return {
        "groups": groups(found, shown, found.reasons, rule),
        "rule": reasons.explain(found.item, rule) if rule else None,
        "shown": len(shown),
        "more": shown[-1].row if len(rows) > LISTED else None,
        "after": after,
    }


def _listed(found: Submission) -> dict[str, object]:
    """Rows with nothing to mend in place: refused ones (number and rule only), stored with a warning."""
    refused = receipts.rows(found.id, outcome="refused", limit=LISTED)
    warned = receipts.rows(found.id, outcome=receipts.STORED, limit=LISTED) if found.warnings else []
    return {
        "refused_rows": [_with_rules(found, row) for row in refused],
        "warned_rows": [_with_rules(found, row) for row in warned],
    }


def _mended(found: Submission) -> list[receipts.Row]:
    """The rows mended last, by number."""
    tried = list(found.mends.order_by("-id").values_list("row", flat=True)[:LISTED])
    return [row for row in receipts.rows(found.id, outcome=receipts.TO_MEND, only=tried, limit=LISTED) if row.mended]


def _with_rules(found: Submission, row: receipts.Row) -> dict[str, object]:
    return {
        "row": row.row,
        "rules": [
            {"rule": reasons.explain(found.item, each.rule, each.field), "value": row.cells.get(each.field, "")}
            for each in row.reasons
        ],
    }
