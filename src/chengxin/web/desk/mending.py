"""Mending at the desk (更正): one row in place, one row as a whole, or all rows with a proposal after a look at them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import mending, reasons, receipts, rulebook
from chengxin.operations.accounts import Principal
from chengxin.operations.receipts import Row
from chengxin.storage.models import Mend, Submission
from chengxin.web.desk.access import desk_page, own_submission, show, wants_fragment
from chengxin.web.desk.grid import bulk_allowed, grid_row
from chengxin.web.desk.receipt import standing
from chengxin.web.templatetags.chengxin import say

FIELD = "field-"
"""Prefix of the form fields that carry cells."""


@desk_page
@require_POST
def check_row(request: HttpRequest, who: Principal, number: str, row: int) -> HttpResponse:
    """Check one row again with the values given, and store it when it is right.

    The answer is that row of the grid, and with it whatever else of the receipt page the row was counted in.
    """
    found = own_submission(who, number)
    try:
        result = mending.mend(submission=found.id, row=row, values=_values(request), by=who.user)
        message = said(found, result)
    except Refusal as refusal:
        if not wants_fragment(request):
            raise
        message = say(refusal.what) + say(refusal.remedy)
    if not wants_fragment(request):
        messages.info(request, message)
        return redirect(f"{reverse('desk:receipt', args=[number])}#row-{row}")
    current = _row(found, row)
    context = {
        "submission": found,
        "each": grid_row(found, current),
        "message": message,
        "swapped": True,
        **standing(found),
    }
    return render(request, "desk/_row.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def one_row(request: HttpRequest, who: Principal, number: str, row: int) -> HttpResponse:
    """A row as a whole: every cell, what is wrong, what was tried before, and a form for all of it."""
    found = own_submission(who, number)
    current = _row(found, row)
    if request.method == "POST":
        result = mending.mend(submission=found.id, row=row, values=_values(request), by=who.user)
        messages.info(request, said(found, result))
        target = reverse("desk:receipt", args=[number]) if result.stored else request.path
        return redirect(target)
    item = rulebook.catalogue().items[found.item]
    drawn = grid_row(found, current)
    wrong = {cell.field: cell for cell in drawn.cells}
    fields = [
        {
            "id": field.id,
            "label": field.label,
            "cell": wrong.get(field.id),
            "value": wrong[field.id].value if field.id in wrong else current.cells.get(field.id, ""),
            "long": (field.length or 0) > 200,
        }
        for field in item.stored_fields
    ]
    tries = Mend.objects.filter(submission_id=found.id, row=row).order_by("id")
    context = {
        "submission": found,
        "row": current,
        "general": drawn.general,
        "fields": sorted(fields, key=lambda each: each["cell"] is None),
        "tries": [_try(found, each) for each in tries],
    }
    return show(request, who, "desk/row.html", context)


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: HttpRequest, who: Principal, number: str) -> HttpResponse:
    """All rows with a proposal under one rule: before and after side by side, taken over only after a second look."""
    found = own_submission(who, number)
    rule = reasons.explain(found.item, request.POST.get("rule") or request.GET.get("rule", ""))
    item = rulebook.catalogue().items[found.item]
    if not bulk_allowed(item, rule.field):
        raise Refusal(
            "mend.names-in-bulk",
            Text("名称不能成批更正。", "Names are not changed in bulk."),
            basis="平台规则：先代码、后名称，名称由人逐行确认",
            remedy=Text("请逐行确认是否同一主体。", "Decide row by row whether it is the same body."),
        )
    waiting = receipts.rows(found.id, outcome=receipts.TO_MEND, rule=rule.id, open_only=True, limit=mending.BATCH)
    offered = [(row, proposal) for row in waiting if (proposal := _proposal(found, row, rule.id, rule.field))]
    if request.method == "POST":
        return _take_over(request, who, found, rule.field, offered)
    lines = [{"row": row, "before": row.cells.get(rule.field, ""), "after": after} for row, after in offered]
    context = {
        "submission": found,
        "rule": rule,
        "lines": lines,
        "rows": ",".join(str(row.row) for row, _after in offered),
        "without": len(waiting) - len(offered),
    }
    return show(request, who, "desk/proposals.html", context)


def _take_over(
    request: HttpRequest, who: Principal, found: Submission, field: str, offered: list[tuple[Row, str]]
) -> HttpResponse:
    # only rows that stood on the page just confirmed, whatever has changed meanwhile
    seen = {int(text) for text in request.POST.get("rows", "").split(",") if text.isdecimal()}
    changes = {row.row: {field: after} for row, after in offered if row.row in seen}
    if changes:
        results = mending.mend_rows(submission=found.id, changes=changes, by=who.user)
        stored = sum(result.stored for result in results)
        left = len(results) - stored
        text = ngettext("已采用 %(n)d 行建议，检查通过并入库。", "已采用 %(n)d 行建议，检查通过并入库。", stored) % {
            "n": stored
        }
        if left:
            text += ngettext("另有 %(n)d 行仍有其他问题。", "另有 %(n)d 行仍有其他问题。", left) % {"n": left}
        messages.info(request, text)
    return redirect("desk:receipt", found.id)


def said(found: Submission, result: mending.MendResult) -> str:
    """One sentence about what became of a mended row."""
    row = {"row": result.row}
    if result.stored:
        return _("第 %(row)d 行检查通过，已入库。") % row
    if result.outcome == "refused":
        return _("第 %(row)d 行不予接收：平台不接收自然人的信息，内容已删除，只留行号。") % row
    if result.outcome == "unlinked":
        return _("第 %(row)d 行格式无误，但仍未找到对应主体。") % row
    levels = [reasons.explain(found.item, each.rule).level for each in result.reasons]
    return _("第 %(row)d 行仍有 %(n)d 个问题，没有入库。") % {**row, "n": len(levels) - levels.count("warning")}


def _values(request: HttpRequest) -> dict[str, str]:
    return {key[len(FIELD) :]: str(value) for key, value in request.POST.items() if key.startswith(FIELD)}


def _row(found: Submission, row: int) -> Row:
    current = receipts.rows(found.id, outcome=receipts.TO_MEND, only=[row], limit=1)
    if not current:
        raise Refusal(
            "receipt.unknown",
            Text(f"回执 {found.id} 没有待更正的第 {row} 行。", f"Receipt {found.id} has no row {row} to mend."),
            remedy=Text("请回到回执页选择。", "Choose one on the page of the receipt."),
        )
    return current[0]


def _proposal(found: Submission, row: Row, rule: str, field: str) -> str:
    """The proposed value of the cell, '' when the rule has none or would change nothing."""
    value = row.cells.get(field, "")
    proposal = reasons.find(found.item, rule, field, value).suggestion
    return proposal if proposal != value else ""


def _try(found: Submission, mend: Mend) -> dict[str, object]:
    changes = [
        {"label": reasons.label(found.item, field), "before": mend.before.get(field, ""), "after": after}
        for field, after in mend.after.items()
    ]
    return {"at": mend.at, "by": mend.by, "outcome": mend.outcome, "changes": changes}
