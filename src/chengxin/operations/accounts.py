"""Accounts (账号): who works at the desk, for which source, and what that lets them see."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from chengxin.cases.model import Actor
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import passwords, persons, sources
from chengxin.storage.models import Membership, Source

CLERK = "clerk"
OFFICER = "officer"
DECIDER = "decider"
ROLES = {
    CLERK: Text("报送员", "Clerk"),
    DECIDER: Text("认定单位办理人员", "Deciding officer"),
    OFFICER: Text("信用中心人员", "Credit centre officer"),
}


@dataclass(frozen=True)
class Principal:
    """A signed-in person (经办人): user name, source and role. Only what the desk needs to decide by."""

    user: str
    source: str
    source_name: str
    role: str

    @property
    def sees_all(self) -> bool:
        """Whether this person sees the submissions of every source."""
        return self.role == OFFICER

    @property
    def decides(self) -> bool:
        """Whether this person decides cases; whoever only hands in files does not."""
        return self.role in (DECIDER, OFFICER)

    def may_see(self, source: str) -> bool:
        """Whether this person may see and mend what ``source`` (code) handed in."""
        return self.sees_all or self.source == source

    @property
    def scope(self) -> str | None:
        """The source that lists are limited to, None for all."""
        return None if self.sees_all else self.source


def principal(user: AbstractBaseUser | AnonymousUser) -> Principal | None:
    """The principal of a Django user; None when nobody is signed in or the user belongs to no source."""
    if not user.is_authenticated or not user.is_active:
        return None
    membership = Membership.objects.select_related("source").filter(user_id=user.pk).first()
    if membership is None:
        return None
    return Principal(user.get_username(), membership.source_id, membership.source.name, membership.role)


def find(name: str) -> Principal | None:
    """The principal with this user name; None when there is none, or its account is closed."""
    user = User.objects.filter(username=name).first()
    return None if user is None else principal(user)


def known(*, name: str, password: str) -> Principal:
    """Who this is, for doors without a page to sign in. Raises Refusal ``account.not-you``, whatever is wrong."""
    user = User.objects.filter(username=name).first()
    found = principal(user) if user is not None and user.check_password(password) else None
    if found is None:
        raise Refusal(
            "account.not-you",
            Text("用户名或密码不对。", "The user name or the password is wrong."),
            remedy=Text("请核对后重试。", "Check both and try again."),
        )
    return found


def principal_named(name: str) -> Principal:
    """The principal of a desk user, for commands. Raises Refusal ``account.unknown``; one without a source counts as none."""
    found = principal(_user(name))
    if found is None:
        raise _unknown(name)
    return found


def is_centre(source: str) -> bool:
    """Whether the source with this code is the credit centre: its officers work for it."""
    return Membership.objects.filter(source=source, role=OFFICER, user__is_active=True).exists()


def actor(who: Principal) -> Actor:
    """A person of the desk as cases know it."""
    return Actor(who.user, who.source, decides=who.decides, centre=who.sees_all)


@transaction.atomic
def register_source(*, code: str, name: str, may_introduce: bool = False) -> Source:
    """Record an organisation (报送单位) that may submit; the same code again changes name and permission.

    Raises Refusal ``source.blank`` when code or name is missing.
    """
    code, name = sources.canonical(code), name.strip()
    if not code or not name:
        raise Refusal(
            "source.blank",
            Text("报送单位须有代码和名称。", "A source needs a code and a name."),
            remedy=Text("请补齐两项。", "Give both."),
        )
    source, _ = Source.objects.update_or_create(code=code, defaults={"name": name, "may_introduce": may_introduce})
    return source


@transaction.atomic
def create_user(*, name: str, password: str, source: str, role: str = CLERK, email: str = "") -> Principal:
    """Create a user of the desk for ``source`` (code).

    Raises Refusal: ``account.role``, ``account.source`` (unknown source), ``account.name`` (taken or blank),
    ``account.password`` (too weak, with the reasons), ``account.email``.
    """
    if role not in ROLES:
        raise Refusal(
            "account.role",
            Text(f"没有“{role}”这种角色。", f"There is no role “{role}”."),
            remedy=Text(
                "可用：clerk（报送员）、decider（认定单位办理人员）、officer（信用中心人员）。",
                "Use clerk, decider or officer.",
            ),
        )
    found = Source.objects.filter(code=source).first()
    if found is None:
        raise Refusal(
            "account.source",
            Text(f"没有代码为 {source} 的报送单位。", f"No source has the code {source}."),
            remedy=Text("请先登记报送单位。", "Register the source first."),
        )
    users = get_user_model().objects
    if not name.strip() or users.filter(username=name).exists():
        raise Refusal(
            "account.name",
            Text(f"用户名“{name}”为空或已被使用。", f"The user name “{name}” is blank or taken."),
            remedy=Text("请换一个用户名。", "Choose another one."),
        )
    _check_password(password, name)
    user = users.create_user(username=name, password=password)
    persons.bind(user, email=email)
    Membership.objects.create(user=user, source=found, role=role)
    return Principal(name, found.code, found.name, role)


@transaction.atomic
def set_password(*, name: str, password: str) -> None:
    """Give a user a new password. Raises Refusal ``account.unknown`` or ``account.password``."""
    user = _user(name)
    _check_password(password, name)
    user.set_password(password)
    user.save(update_fields=["password"])


def bind(*, name: str, email: str | None = None, identity: str | None = None) -> None:
    """Say who an account belongs to; ``identity`` is the person's subject at CHENGXIN_IDENTITY_ISSUER, None leaves as is.

    Raises Refusal ``account.unknown``, ``account.email``.
    """
    issuer = settings.IDENTITY_ISSUER
    claim = None if identity is None else identity and persons.claim_of(issuer=issuer, subject=identity)
    persons.bind(_user(name), email=email, claim=claim)


@transaction.atomic
def close(*, name: str) -> None:
    """Close an account: it can no longer sign in; what it did stays on record. Raises ``account.unknown``."""
    user = _user(name)
    user.is_active = False
    user.save(update_fields=["is_active"])


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise _unknown(name)
    return user


def _unknown(name: str) -> Refusal:
    return Refusal(
        "account.unknown",
        Text(f"没有用户“{name}”。", f"There is no user “{name}”."),
        remedy=Text("请核对用户名。", "Check the user name."),
    )


def _check_password(password: str, name: str) -> None:
    if weak := passwords.weakness(password, name=name):
        raise Refusal(
            "account.password",
            Text(f"密码过于简单：{weak.zh}", f"The password is too weak: {weak.en}"),
            remedy=passwords.REMEDY,
        )
