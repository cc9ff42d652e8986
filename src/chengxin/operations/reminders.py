"""Reminders (到期提醒): what the clock wrote down about a case is mailed to whoever has to act, once each, and logged.

Queued in the transaction that writes the event, sent by the worker. A mail names the case and the day, never the party.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db.models import F, QuerySet
from django.utils import timezone

from chengxin.kernel.text import Text
from chengxin.operations import accounts, authorisations
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Authorisation, Case, CaseEvent, Reminder

log = logging.getLogger("chengxin.reminders")
REMIND, ESCALATE = "remind", "escalate"
TITLES = {
    REMIND: Text("即将到期", "due soon"),
    ESCALATE: Text("已经超期", "overdue"),
}
AT_ONCE = 20
"""Mails sent in one round of the worker."""
PAUSE = timedelta(minutes=5)
"""After a mail could not be sent, nothing is tried for so long: it is the server, not the address, that fails mostly."""
APPLICANT, CENTRE = "applicant", "centre"
SECOND = "second"
MOOT = "moot"
"""What stands where the case had moved on before the mail went out: nothing is left to be reminded of."""


def queue(row: Case, *, to: str, moment: datetime) -> int:
    """Queue the last event of a case for the people of a role (``applicant``, ``authority``, ``centre``); in the caller's
    transaction. Returns how many are written to; where none has an address one line says so.
    """
    people = sorted({user.username for user in _people(row, to)})
    lines = [Reminder(case=row.id, number=row.events, to=name, made_at=moment) for name in people]
    nobody = Reminder(case=row.id, number=row.events, to="", made_at=moment, problem="no-address")
    Reminder.objects.bulk_create(lines or [nobody], ignore_conflicts=True)
    return len(lines)


def send_due(*, now: datetime | None = None) -> int:
    """Send what waits, at most ``AT_ONCE``; returns how many went out. Run by the worker."""
    moment, sent = now or timezone.now(), 0
    waiting = Reminder.objects.filter(sent_at__isnull=True).exclude(to="").exclude(problem=MOOT)
    if waiting.filter(retry_at__gt=moment).exists():
        return 0
    # those that failed before come last, so that one bad address holds up nobody
    for row in waiting.order_by(F("retry_at").asc(nulls_first=True), "made_at", "id")[:AT_ONCE]:
        case = Case.objects.get(pk=row.case)
        event = CaseEvent.objects.get(case_id=row.case, number=row.number)
        if event.step == REMIND and case.state != event.state:
            Reminder.objects.filter(pk=row.pk).update(problem=MOOT)
            continue
        try:
            _send(case, event, User.objects.get(username=row.to))
        except OSError as error:
            problem = f"{type(error).__name__}: {error}"[:200]
            Reminder.objects.filter(pk=row.pk).update(problem=problem, retry_at=moment + PAUSE)
            log.warning("reminder of case %s could not be sent: %s", row.case, problem)
            break
        sent += Reminder.objects.filter(pk=row.pk).update(sent_at=moment, retry_at=None, problem="")
    return sent


def of_case(number: str) -> QuerySet[Reminder]:
    """Every reminder of a case, in order."""
    return Reminder.objects.filter(case=number).order_by("number", "to")


def unsent() -> QuerySet[Reminder]:
    """Reminders that have reached nobody so far, the oldest first."""
    return Reminder.objects.filter(sent_at__isnull=True).order_by("made_at", "id")


def _people(row: Case, to: str) -> QuerySet[User]:
    users = User.objects.filter(is_active=True).exclude(email="")
    if to == APPLICANT:
        acting = Authorisation.objects.filter(subject=row.subject, granted=True, ended_at__isnull=True)
        able = [each.user_id for each in acting.select_related("user") if _applies(each)]
        return users.filter(pk__in=able)
    if to == CENTRE:
        return users.filter(membership__role=accounts.OFFICER)
    deciding = users.filter(membership__source=row.body, membership__role__in=(accounts.DECIDER, accounts.OFFICER))
    if row.stage == SECOND:
        return deciding.exclude(username=row.handler)  # another person has to confirm
    handler = deciding.filter(username=row.handler)
    return handler if handler.exists() else deciding


def _applies(row: Authorisation) -> bool:
    return authorisations.state(row) == "holds" and authorisations.APPLY in row.scope.split()


def _send(case: Case, event: CaseEvent, user: User) -> None:
    flow = catalogue().workflows[case.workflow]
    deadline = flow.deadlines[event.ground]
    title = TITLES[event.step]
    door = "my" if not hasattr(user, "membership") else "desk"
    send_mail(
        f"{settings.SITE_NAME}：{case.id} {title.zh} / {case.id} is {title.en}",
        "\n".join(
            [
                f"{case.id}（{flow.title.zh}）：{deadline.title.zh}{title.zh}，期限 {case.due}。",
                f"{case.id} ({flow.title.en}): {deadline.title.en}, {title.en}; the term ends on {case.due}.",
                *("", f"{settings.SITE_URL}/{door}/cases/{case.id}"),
            ]
        ),
        None,
        [user.email],
    )
