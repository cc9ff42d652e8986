"""Queue (待办): what is overdue, what is due today, what waits to be mended; nothing else."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.kernel.text import Text
from chengxin.operations import authorisations, caselists, deadlines, erasure, findings, receipts, takedown, unlinked
from chengxin.operations.accounts import Principal
from chengxin.web.desk.access import desk_page, show
from chengxin.web.desk.chips import Chip, chip
from chengxin.web.desk.submissions import item_title

SHOWN = 100
"""Most receipts with open rows on the page; the most urgent of the newest 500."""
LOOKED_AT = 500


@desk_page
@require_safe
def queue(request: HttpRequest, who: Principal) -> HttpResponse:
    """Receipts with open rows in three groups, by due day, the most urgent one as the button of the page."""
    tasks = open_tasks(who.scope)
    waiting = caselists.counts(who)
    context = {
        "cases": waiting["todo"],
        "cases_overdue": waiting["overdue"],
        "letters": authorisations.waiting().count() if who.sees_all else 0,
        "take_downs": len(takedown.standing_open()) if who.sees_all else 0,
        "erasures": erasure.count_waiting() if who.sees_all else 0,
        "overdue": [task for task in tasks if task.left is not None and task.left < 0][:SHOWN],
        "today": [task for task in tasks if task.left == 0][:SHOWN],
        "rest": [task for task in tasks if task.left is None or task.left > 0][:SHOWN],
        "urgent": tasks[0] if tasks else None,
        "rows": sum(task.open for task in tasks),
        "tasks": len(tasks),
        "unlinked": unlinked.waiting_count(who.scope),
        "findings": sum(findings.counts(owner=who.scope).values()),
    }
    return show(request, who, "desk/queue.html", context)


@dataclass(frozen=True)
class Task:
    """A receipt with open rows; ``left`` working days, None where no open row has a readable decision date."""

    id: str
    file: str
    item: Text
    source: str
    open: int
    left: int | None
    due: str
    chip: Chip | None


def open_tasks(source: str | None) -> list[Task]:
    """Receipts with open rows of one source or all, the most urgent first, those without a due day last."""
    found = receipts.files().filter(Q(quarantined__gt=0) | Q(unlinked__gt=0), state="done")
    if source is not None:
        found = found.filter(source_id=source)
    newest = list(found.select_related("source").order_by("-received_at")[:LOOKED_AT])
    waiting = receipts.open_counts(newest)
    tasks = []
    for each in newest:
        if not waiting[each.id]:
            continue
        deadline = deadlines.of_submission(each)
        tasks.append(
            Task(
                id=each.id,
                file=each.file_name,
                item=item_title(each.item),
                source=each.source.name,
                open=waiting[each.id],
                left=deadline.left if deadline else None,
                due=deadline.due.isoformat() if deadline else "",
                chip=chip(deadline, each.source.name),
            )
        )
    return sorted(tasks, key=lambda task: (task.due == "", task.due, task.id))
