"""Authorisations (授权): who acts for an organisation at the one entrance, for what and how long; asked, checked, ended.

A letter of authorisation is checked by the credit centre; a claim of the identity provider holds without (``identity``).
Whoever works at the desk acts for no organisation, under a second account neither; no officer checks a letter of the own
organisation, or of a person for whom that officer opened the account.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chengxin.cases.model import Actor
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import attachments, entrance, matters, persons
from chengxin.operations.accounts import Principal
from chengxin.operations.attachments import Given
from chengxin.storage.models import Authorisation, Membership, Subject
from chengxin.subjects.free_text import without_persons

SEE, APPLY, MANAGE = "see", "apply", "manage"
SCOPES = {
    SEE: Text("查看本单位信息", "see the organisation's records"),
    APPLY: Text("代为申请、提交材料、签署承诺", "apply, hand in papers and sign commitments"),
    MANAGE: Text("管理本单位的授权", "manage the organisation's authorisations"),
}
"""What an authorisation may be for; seeing belongs to each."""
LETTER, IDENTITY = "letter", "identity"
MOST_DAYS = 366
"""Longest term of a letter: who acts for an organisation changes, and nobody remembers to say so."""
MOST_WAITING = 5
"""Letters of one account that may wait at a time."""
BASIS = "《中华人民共和国民法典》第一百六十五条"


@dataclass(frozen=True)
class Holder:
    """Somebody who acts for an organisation now (被授权人), under the authorisations that hold today."""

    user: str
    subject: str
    name: str
    scope: frozenset[str]
    until: date

    @property
    def actor(self) -> Actor:
        """As cases know it: an applicant only with the scope to apply."""
        return Actor(self.user, applicant_for=self.subject if APPLY in self.scope else "")

    def may(self, scope: str) -> None:
        """Raises Refusal ``authorisation.scope`` where the authorisation is not for this."""
        if scope not in self.scope:
            raise Refusal(
                "authorisation.scope",
                Text(f"您的授权不包括“{SCOPES[scope].zh}”。", f"Your authorisation is not for: {SCOPES[scope].en}."),
                basis=BASIS,
                remedy=Text("请提交包括该事项的授权委托书。", "Hand in a letter of authorisation that includes it."),
            )


@transaction.atomic
def ask(
    *,
    user: User,
    code: str,
    person: str,
    scope: Collection[str],
    until: date,
    letter: Given,
    now: datetime | None = None,
) -> Authorisation:
    """Ask for an authorisation with a letter, for the desk to check. ``person`` is who the letter names.

    Raises Refusal ``authorisation.desk-account``, ``.person``, ``.scope-none``, ``.until``, ``.waiting``,
    ``case.subject`` (unknown code), ``attachment.*``.
    """
    without_persons(person)
    moment = now or timezone.now()
    _no_desk_account(user)
    if not person.strip():
        raise _refuse(
            "person",
            Text("请填写被授权人姓名。", "Give the name of the authorised person."),
            Text("须与授权委托书一致。", "It is the one in the letter."),
        )
    wanted = {SEE, *scope} & {*SCOPES}
    if not scope:
        raise _refuse(
            "scope-none",
            Text("请选择授权事项。", "Choose what the authorisation is for."),
            Text("至少选一项。", "Choose at least one."),
        )
    day = today(moment)
    if not day <= until <= day + timedelta(days=MOST_DAYS):
        raise _refuse(
            "until",
            Text(f"授权期限应在今天起 {MOST_DAYS} 天以内。", f"The last day lies within {MOST_DAYS} days from today."),
            Text(
                "请改用较短的期限，到期前重新提交。", "Choose a shorter term and hand in a new letter before it ends."
            ),
        )
    if Authorisation.objects.filter(user=user, granted__isnull=True, ended_at__isnull=True).count() >= MOST_WAITING:
        raise _refuse(
            "waiting",
            Text("您有多份授权书等待核对。", "Several of your letters wait already."),
            Text("请等待核对结果。", "Wait until they have been checked."),
        )
    subject = matters.subject_of(code.strip().upper())
    sealed = attachments.seal(letter)
    return Authorisation.objects.create(
        user=user,
        subject=subject,
        person=person.strip()[:100],
        scope=" ".join(name for name in SCOPES if name in wanted),
        way=LETTER,
        until=until,
        asked_at=moment,
        letter=sealed.digest,
        media_type=sealed.media_type,
        scanned=sealed.scanned,
    )


def claimed(*, user: User, subjects: Collection[str], person: str, until: date, now: datetime | None = None) -> None:
    """What the identity provider says now: these subjects (ids) and no others. Earlier claims that it no longer makes end."""
    moment = now or timezone.now()
    with transaction.atomic():
        _no_desk_account(user)
        standing = _in_force(Authorisation.objects.select_for_update().filter(user=user, way=IDENTITY), today(moment))
        for row in standing:
            if row.subject not in subjects:
                _end(row, by=IDENTITY, reason="身份提供方不再确认", at=moment)
        known = {row.subject for row in standing}
        for subject in sorted({*subjects} - known):
            Authorisation.objects.create(
                user=user,
                subject=subject,
                person=person[:100],
                scope=" ".join(SCOPES),
                way=IDENTITY,
                until=until,
                asked_at=moment,
                granted=True,
                decided_at=moment,
                decided_by=IDENTITY,
            )


@transaction.atomic
def decide(*, id: int, grant: bool, who: Principal, reason: str = "", now: datetime | None = None) -> Authorisation:
    """Check a letter: grant it, or refuse it with a reason.

    Raises Refusal ``authorisation.unknown``, ``.not-yours``, ``.own-organisation``, ``.same-person``, ``.own-account``,
    ``.decided``, ``.over``, ``.reason``.
    """
    without_persons(reason)
    row = checked(id=id, who=who, lock=True)
    moment = now or timezone.now()
    _not_own(row, who)
    if grant:
        _another_person(row, who)
    if row.granted is not None or row.ended_at is not None:
        raise _refuse(
            "decided",
            Text(f"已由 {row.decided_by or row.ended_by} 办理。", "Somebody else was first."),
            Text("请刷新页面查看。", "Reload the page."),
        )
    if grant and row.until < today(moment):
        raise _refuse(
            "over",
            Text("授权期限已过。", "The term of the letter has ended."),
            Text("请退回，并请其提交新的授权书。", "Refuse it and ask for a new letter."),
        )
    if not grant and not reason.strip():
        raise _refuse(
            "reason",
            Text("退回须写明理由。", "A refusal needs its reason."),
            Text("请写明哪一处不符、怎样补正。", "Say what does not agree and how to mend it."),
        )
    row.granted, row.decided_at, row.decided_by, row.reason = grant, moment, who.user, reason.strip()
    row.save(update_fields=["granted", "decided_at", "decided_by", "reason"])
    return row


@transaction.atomic
def revoke(*, id: int, by: Holder | Principal | User, reason: str, now: datetime | None = None) -> None:
    """End an authorisation at once: the holder gives it up, the organisation or the centre takes it back.

    Raises Refusal ``authorisation.unknown``, ``.own-organisation``, ``.scope``, ``.ended``, ``.reason``.
    """
    without_persons(reason)
    row = Authorisation.objects.select_for_update().filter(pk=id).first()
    if row is None:
        raise unknown()
    name = by.username if isinstance(by, User) else by.user
    if isinstance(by, Principal):
        checked(id=id, who=by)
        _not_own(row, by)
    elif row.user.username != name:
        if not isinstance(by, Holder) or by.subject != row.subject:
            raise unknown()
        by.may(MANAGE)
    if row.ended_at is not None or row.granted is False:
        raise _refuse(
            "ended", Text("该授权已经终止。", "It has ended already."), Text("不用再办理。", "Nothing is left to do.")
        )
    if not reason.strip():
        raise _refuse(
            "reason",
            Text("撤销须写明理由。", "A revocation needs its reason."),
            Text("请写明理由，例如人员变动。", "Say why, for example that the person has left."),
        )
    _end(row, by=name, reason=reason.strip(), at=now or timezone.now())


def holders(user: User, *, day: date | None = None) -> list[Holder]:
    """The organisations a user acts for today, with all that is granted for each; none for people of the desk."""
    if Membership.objects.filter(user=user).exists():
        return []
    rows = _in_force(Authorisation.objects.filter(user=user), day or today())
    names = matters.names({row.subject for row in rows})
    found: dict[str, Holder] = {}
    for row in rows:
        before = found.get(row.subject)
        scope = frozenset(row.scope.split()) | (before.scope if before else frozenset())
        until = max(row.until, before.until) if before else row.until
        found[row.subject] = Holder(user.username, row.subject, names.get(row.subject, row.subject), scope, until)
    return sorted(found.values(), key=lambda each: each.subject)


def of_subject(subject: str) -> list[Authorisation]:
    """Every authorisation ever asked for in the name of a subject (id), the latest first."""
    return list(Authorisation.objects.filter(subject=subject).select_related("user").order_by("-asked_at"))


def of_user(user: User) -> list[Authorisation]:
    """Every authorisation a user ever asked for, the latest first."""
    return list(Authorisation.objects.filter(user=user).select_related("user").order_by("-asked_at"))


def waiting() -> QuerySet[Authorisation]:
    """Letters that wait to be checked, the oldest first."""
    rows = Authorisation.objects.filter(granted__isnull=True, ended_at__isnull=True)
    return rows.select_related("user").order_by("asked_at")


def listed(*, who: Principal, code: str = "") -> list[Authorisation]:
    """Every authorisation of the organisation with this code, the latest first; without a code the letters that wait.

    For whoever checks letters: raises Refusal ``authorisation.not-yours``, ``case.subject`` for an unknown code.
    """
    _checks_letters(who)
    return of_subject(matters.subject_of(code)) if code else list(waiting())


@dataclass(frozen=True)
class Letter:
    """A letter of authorisation (授权委托书) as it was handed in."""

    data: bytes
    media_type: str


def letter(*, id: int, who: Principal) -> Letter:
    """The letter behind an authorisation. Raises as :func:`checked`, and ``authorisation.unknown`` where there is none."""
    row = checked(id=id, who=who)
    if not row.letter:
        raise unknown()
    return Letter(attachments.opened(row.letter, f"{id}"), row.media_type)


def open_account(*, name: str, password: str, who: Principal) -> User:
    """Open an account for somebody at the counter; ``who`` does not check that person's letters.

    Raises Refusal ``authorisation.not-yours``, ``entrance.*``.
    """
    _checks_letters(who)
    return entrance.sign_up(name=name, password=password, opened_by=who.user)


def plain(row: Authorisation) -> dict[str, Any]:
    """An authorisation as every door of the credit centre gives it."""
    return {
        "id": row.pk,
        "subject": row.subject,
        "account": row.user.username,
        "person": row.person,
        "scope": row.scope.split(),
        "way": row.way,
        "state": state(row),
        "asked_at": row.asked_at,
        "until": row.until,
        "decided_at": row.decided_at,
        "decided_by": row.decided_by,
        "reason": row.reason,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by,
        "end_reason": row.end_reason,
    }


def checked(*, id: int, who: Principal, lock: bool = False) -> Authorisation:
    """The authorisation, for whoever checks letters: the credit centre. Raises ``authorisation.unknown``, ``.not-yours``."""
    _checks_letters(who)
    rows = Authorisation.objects.select_for_update() if lock else Authorisation.objects
    row = rows.filter(pk=id).first()
    if row is None:
        raise unknown()
    return row


def state(row: Authorisation, day: date | None = None) -> str:
    """``waiting``, ``refused``, ``ended`` (revoked), ``over`` (its term has run) or ``holds``."""
    if row.ended_at is not None:
        return "ended"
    if row.granted is False:
        return "refused"
    if row.until < (day or today()):
        return "over"
    return "waiting" if row.granted is None else "holds"


def organisation(subject: str) -> Subject:
    """The organisation (row of the base) an authorisation is for."""
    return Subject.objects.get(pk=subject)


def unknown() -> Refusal:
    """The one refusal for an authorisation that is not there or not this person's."""
    return _refuse(
        "unknown",
        Text("没有此项授权，或者不归您查看。", "There is none, or it is not yours."),
        Text("请核对。", "Check the address."),
    )


def _checks_letters(who: Principal) -> None:
    if not who.sees_all:
        raise _refuse(
            "not-yours",
            Text("授权书由信用中心核对。", "The credit centre checks letters."),
            Text("请联系信用中心。", "Ask the credit centre."),
        )


def _in_force(rows: Iterable[Authorisation], day: date) -> list[Authorisation]:
    return [row for row in rows if state(row, day) == "holds"]


def _end(row: Authorisation, *, by: str, reason: str, at: datetime) -> None:
    row.ended_at, row.ended_by, row.end_reason = at, by, reason
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])


def _not_own(row: Authorisation, who: Principal) -> None:
    if who.source in matters.codes_of(row.subject):
        raise _refuse(
            "own-organisation",
            Text("不能核对本单位的授权书。", "Nobody checks a letter of the own organisation."),
            Text("请由其他人员办理。", "Another officer has to act."),
        )


def _another_person(row: Authorisation, who: Principal) -> None:
    officer = User.objects.filter(username=who.user).first()
    if officer is not None and persons.same(officer, row.user):
        raise _refuse(
            "same-person",
            Text("申请人与核对人是同一人。", "Whoever asks and whoever checks are one person."),
            Text("不能核对自己的授权书；请退回。", "Nobody checks a letter of the own; refuse it."),
        )
    if persons.opened_by(row.user) == who.user:
        raise _refuse(
            "own-account",
            Text(
                "该账号由您代为开通，授权书须由另一人核对。",
                "You opened this account; somebody else checks its letters.",
            ),
            Text("请由信用中心的另一名人员核对。", "Another officer of the credit centre has to act."),
        )


def _no_desk_account(user: User) -> None:
    if persons.at_desk(user):
        raise _refuse(
            "desk-account",
            Text("在工作台办事的人不能代表单位办事。", "Whoever works at the desk acts for no organisation."),
            Text("请由单位的其他人员办理。", "Somebody else of the organisation has to act."),
        )


def _refuse(rule: str, what: Text, remedy: Text) -> Refusal:
    return Refusal(f"authorisation.{rule}", what, basis=BASIS, remedy=remedy)
