"""Emergency take-down (紧急下线): one officer takes a mistaken publication off at once, another confirms or undoes it.

When the second look is due, and what follows when nobody looks, the catalogue says (``takedowns``). Nothing is stored of
a take-down but its acts: what is open, late, confirmed or undone is read from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from chengxin.catalogue.takedown import RETURNS
from chengxin.kernel.periods import CHINA, today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import acts, sources
from chengxin.operations.accounts import Principal
from chengxin.operations.acts import Entered
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import Mark
from chengxin.records.model import Act
from chengxin.storage import acts as stored
from chengxin.storage.acts import Told

SILENCE = "silence"
"""What stands in place of the second officer where nobody looked in time and the rule lets the record return."""


@dataclass(frozen=True)
class Down:
    """One take-down (下线): ``state`` is ``open``, ``late``, ``confirmed`` or ``undone``.

    ``shown_minutes`` is how long the record stood in public before, since its present content was handed in.
    """

    record: str
    item: str
    subject: str
    at: datetime
    due: datetime
    officer: str
    reason: str
    state: str
    second: str
    settled_at: datetime | None
    shown_minutes: int


@dataclass(frozen=True)
class Figures:
    """Take-downs (下线统计) of a period: published wrongly = confirmed, with the minutes it stood in public."""

    taken_down: int
    confirmed: int
    undone: int
    open: int
    late: int
    wrong_minutes: int
    longest_minutes: int
    off_minutes: int
    """Minutes for which records were off that should not have been."""


def officer(who: Principal) -> Principal:
    """The same person, if of the credit centre. Raises Refusal ``takedown.centre-only``."""
    if not who.sees_all:
        raise Refusal(
            "takedown.centre-only",
            Text("紧急下线由信用中心人员办理", "take-downs are the business of the credit centre"),
            basis="《意见》（十）",
            remedy=Text(
                "报送有误的，可以撤回本单位的信息；紧急的请联系信用中心",
                "a source withdraws what it handed in; in a hurry call the credit centre",
            ),
        )
    return who


def take_down(*, record: str, officer: str, by: str, reason: str) -> Entered:
    """Take a record (hex id) off; it is gone when this returns. ``by`` is the officer's organisation.

    Raises Refusal ``takedown.reason``, ``act.…``.
    """
    return acts.on_record(Act.TAKE_DOWN, record, by=by, officer=officer, reason=_reason(reason))


def confirm(*, record: str, officer: str, by: str, reason: str) -> Entered:
    """A second officer agrees: the publication was wrong and the record stays off.

    Raises Refusal ``takedown.same-officer``, ``takedown.settled``, ``takedown.reason``, ``act.…``.
    """
    return _second_look(Act.CONFIRM, record, officer, by, reason)


def put_back(*, record: str, officer: str, by: str, reason: str) -> Entered:
    """A second officer disagrees, or the mistake is mended: the record is public again while its window runs.

    Raises as :func:`confirm`; a confirmed take-down is undone in the same way.
    """
    return _second_look(Act.PUT_BACK, record, officer, by, reason)


def downs(*, since: date = date.min, until: date = date.max, now: datetime | None = None) -> list[Down]:
    """Take-downs entered on the days of ``[since, until)``, newest first."""
    moment = now or timezone.now()
    found = stored.told(_ACTS, newest=True, limit=100_000)
    later: dict[str, list[Told]] = {}
    down = []
    for each in found:  # newest first: what came after a take-down is known when it is met
        if each.act is not Act.TAKE_DOWN:
            later.setdefault(each.record, []).insert(0, each)
        else:
            after = later.pop(each.record, [])
            if since <= each.day < until:
                down.append((each, after))
    shown = _shown_since({each.record for each, _ in down})
    return [_down(each, after, shown.get(each.record), moment) for each, after in down]


def standing_open(*, now: datetime | None = None) -> list[Down]:
    """Take-downs that wait for the second look, those due first."""
    return sorted((each for each in downs(now=now) if each.state in ("open", "late")), key=lambda each: each.due)


def settle_silence(*, now: datetime | None = None) -> int:
    """Put back what nobody looked at in time, where the rule in force says so; returns how many. Run by the worker."""
    settled = 0
    for each in standing_open(now=now):
        if each.state == "late" and catalogue().takedown_on(today(each.at)).silence == RETURNS:
            acts.on_record(Act.PUT_BACK, each.record, by=sources.operator(), officer=SILENCE, reason=SILENCE)
            settled += 1
    return settled


def figures(since: date, until: date, *, now: datetime | None = None) -> Figures:
    """The figures of take-downs entered on the days of ``[since, until)``."""
    found = downs(since=since, until=until, now=now)
    confirmed = [each.shown_minutes for each in found if each.state == "confirmed"]
    undone = [each for each in found if each.state == "undone"]
    states = [each.state for each in found]
    return Figures(
        taken_down=len(found),
        confirmed=len(confirmed),
        undone=len(undone),
        open=states.count("open") + states.count("late"),
        late=states.count("late"),
        wrong_minutes=sum(confirmed),
        longest_minutes=max(confirmed, default=0),
        off_minutes=sum(_minutes(each.at, each.settled_at) for each in undone if each.settled_at),
    )


_ACTS = (Act.TAKE_DOWN, Act.CONFIRM, Act.PUT_BACK)


def _second_look(act: Act, record: str, officer: str, by: str, reason: str) -> Entered:
    said = _reason(reason)
    with transaction.atomic():
        found = acts.standing_of(record)
        if Mark.TAKEN_DOWN in found.marks:
            told = stored.told(_ACTS, record=record, newest=True, limit=2)
            if act is Act.CONFIRM and told[0].act is Act.CONFIRM:
                raise Refusal(
                    "takedown.settled",
                    Text("该下线已经复核确认", "this take-down has been confirmed already"),
                    where=Text(record, record),
                    remedy=Text("无需再办；确有不同意见的，可以撤销下线", "nothing to do; it can still be undone"),
                )
            # also of a confirmed one: whoever took it down does not put it back alone
            down = next(each for each in told if each.act is Act.TAKE_DOWN)
            if orjson.loads(down.content).get("officer") == officer:
                raise Refusal(
                    "takedown.same-officer",
                    Text("您是下线的经办人，不能复核", "you took it down and cannot take the second look"),
                    where=Text(record, record),
                    basis="《意见》（十）：责任可追溯；本平台规则：两人办理",
                    remedy=Text("请由另一名信用中心人员复核", "another officer of the credit centre must look"),
                )
        return acts.on_record(act, record, by=by, officer=officer, reason=said)


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise Refusal(
            "takedown.reason",
            Text("没有写明理由", "no reason was given"),
            remedy=Text("请用一句话写明哪里有误", "say in a sentence what is wrong"),
        )
    return said


def _down(told: Told, after: list[Told], shown: datetime | None, now: datetime) -> Down:
    at = datetime.fromisoformat(told.at)
    rule = catalogue().takedown_on(told.day)
    due = at + timedelta(hours=rule.hours)
    last = after[-1] if after else None
    content = orjson.loads(told.content)
    state = "undone" if last and last.act is Act.PUT_BACK else "confirmed" if last else "late" if now > due else "open"
    return Down(
        record=told.record,
        item=told.item,
        subject=told.subject,
        at=at,
        due=due,
        officer=content.get("officer", ""),
        reason=content.get("reason", ""),
        state=state,
        second=orjson.loads(last.content).get("officer", "") if last else "",
        settled_at=datetime.fromisoformat(last.at) if last else None,
        shown_minutes=_minutes(shown, at) if shown else 0,
    )


_SHOWN = """
SELECT k.id, b.at, CAST(r.starts AS text) FROM record_key k JOIN record r ON r.seq = k.seq
JOIN ledger_batch b ON b.first_seq = (SELECT max(first_seq) FROM ledger_batch WHERE first_seq <= r.latest)
WHERE k.id IN ({marks}) AND r.starts IS NOT NULL
"""


def _shown_since(records: Iterable[str]) -> dict[str, datetime]:
    """When each record began to stand in public with its present content: handed in, or the window's first midnight."""
    rows: list[Any] = []
    wanted = [bytes.fromhex(record) for record in records]
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), 1000):
            part = wanted[start : start + 1000]
            cursor.execute(_SHOWN.format(marks=", ".join(["%s"] * len(part))), part)
            rows += cursor.fetchall()
    found = {}
    for id, at, starts in rows:
        midnight = datetime.combine(date.fromisoformat(starts), time.min, CHINA)
        found[bytes(id).hex()] = max(datetime.fromisoformat(at), midnight.astimezone(UTC))
    return found


def _minutes(start: datetime, end: datetime) -> int:
    """Minutes begun between two moments, 0 when the end came first."""
    seconds = int((end - start).total_seconds())
    return max(1, -(-seconds // 60)) if seconds >= 0 else 0
