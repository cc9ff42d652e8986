"""Accounts of the one entrance (办事账号): people who act for organisations; none of them ever belongs to the desk."""

from django.contrib.auth.models import User
from django.db import transaction

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import passwords, persons
from chengxin.subjects.free_text import without_persons


@transaction.atomic
def sign_up(*, name: str, password: str, opened_by: str = "") -> User:
    """Open an account that may do nothing until an authorisation is granted.

    ``opened_by`` is the officer who does it for somebody at the counter; another one has to check that person's letters.

    Raises Refusal ``entrance.name`` (blank or taken) and ``entrance.password`` (too weak, with the reasons),
    ``text.personal-number``.
    """
    name = name.strip()
    without_persons(name)
    if not name or len(name) > 150 or ":" in name or User.objects.filter(username=name).exists():
        raise Refusal(
            "entrance.name",
            Text(
                f"用户名“{name[:40]}”不能使用或已被使用。", f"The user name “{name[:40]}” cannot be used or is taken."
            ),
            remedy=Text("请换一个用户名，不含冒号。", "Choose another one, without a colon."),
        )
    if weak := passwords.weakness(password, name=name):
        raise Refusal(
            "entrance.password",
            Text(f"密码过于简单：{weak.zh}", f"The password is too weak: {weak.en}"),
            remedy=passwords.REMEDY,
        )
    user = User.objects.create_user(username=name, password=password)
    if opened_by:
        persons.bind(user, opened_by=opened_by)
    return user


def of_identity(*, issuer: str, subject: str) -> User:
    """The account of a person the identity provider vouches for; made on first use, without a password.

    Only a digest of the provider's identifier is kept. Raises Refusal ``entrance.closed``.
    """
    user, made = User.objects.get_or_create(username=persons.claim_of(issuer=issuer, subject=subject))
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    if not user.is_active:
        raise Refusal(
            "entrance.closed",
            Text("该账号已关闭。", "The account is closed."),
            remedy=Text("请联系信用中心。", "Ask the credit centre."),
        )
    return user
