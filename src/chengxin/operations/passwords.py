"""Passwords (密码): what is too weak, said whole in each language."""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import MinimumLengthValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from chengxin.kernel.text import Text

REMEDY = Text("请用至少 10 位、不常见的密码。", "Use at least 10 characters that are not a common password.")


class Length(MinimumLengthValidator):
    """At least so many characters; Django has no Chinese for this sentence."""

    def get_error_message(self) -> str:
        words = Text(f"密码太短，至少 {self.min_length} 位。", f"It has fewer than {self.min_length} characters.")
        return words.in_language(translation.get_language() or "zh")


def weakness(password: str, *, name: str) -> Text | None:
    """Why the password is too weak for the user called ``name``; None where it is not."""
    if zh := _faults(password, name, "zh-hans"):
        return Text("".join(zh), " ".join(_faults(password, name, "en")))
    return None


def _faults(password: str, name: str, language: str) -> list[str]:
    with translation.override(language):
        try:
            validate_password(password, User(username=name))
        except ValidationError as weak:
            return weak.messages
    return []
