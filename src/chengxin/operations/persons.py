"""Persons (账号持有人): whether two accounts belong to one person, as far as the platform knows who is behind them.

Known are an account's e-mail address and, where it was bound, the claim of the identity provider. Both are optional; what is
not known keeps nobody apart, so letters of accounts opened at the counter also need an officer other than the one who did.
"""

import hashlib

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.storage.models import Person

CLAIM = "id:"
"""Every account that the identity provider vouches for is called so, and a claim is written so."""


def claim_of(*, issuer: str, subject: str) -> str:
    """What stands for a person of the identity provider: a digest of its identifier, nothing else is kept."""
    return CLAIM + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:20]


@transaction.atomic
def bind(user: User, *, email: str | None = None, claim: str | None = None, opened_by: str | None = None) -> None:
    """Write down who an account belongs to; None leaves a mark as it is. Raises Refusal ``account.email``."""
    if email is not None:
        user.email = _address(email)
        user.save(update_fields=["email"])
    known = {name: value for name, value in (("claim", claim), ("opened_by", opened_by)) if value is not None}
    if known:
        Person.objects.update_or_create(user=user, defaults=known)


def same(one: User, other: User) -> bool:
    """Whether the two accounts are known to be one person's."""
    return one.pk == other.pk or bool(_marks(one) & _marks(other))


def at_desk(user: User) -> bool:
    """Whether the account, or another one of the same person, belongs to the desk."""
    marks = _marks(user)
    claims = [mark for mark in marks if mark.startswith(CLAIM)]
    others = User.objects.filter(membership__isnull=False)
    found = others.filter(pk=user.pk) | others.filter(person__claim__in=claims)
    return (found | others.filter(email__iexact=user.email) if user.email else found).exists()


def opened_by(user: User) -> str:
    """The officer who opened the account at the counter, empty where its owner did."""
    return Person.objects.filter(user=user).values_list("opened_by", flat=True).first() or ""


def _marks(user: User) -> set[str]:
    marks = {f"mail:{user.email.casefold()}"} if user.email else set()
    claim = Person.objects.filter(user=user).values_list("claim", flat=True).first()
    return marks | {mark for mark in (claim, user.username) if mark and mark.startswith(CLAIM)}


def _address(email: str) -> str:
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as wrong:
            raise Refusal(
                "account.email",
                Text("电子邮箱写法不对。", "This is no e-mail address."),
                where=Text(email[:60], email[:60]),
                remedy=Text("请核对，或者留空。", "Check it, or leave it empty."),
            ) from wrong
    return email
