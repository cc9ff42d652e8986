"""Refusal (不予受理): every refusal says what, where, under which rule and basis, and what to do next."""

from collections.abc import Mapping

from chengxin.kernel.text import Text

_NOTHING = Text("", "")


class Refusal(Exception):
    """Something was asked that the platform does not do, with the reason.

    ``rule`` is a stable id (``file.truncated``); ``what``, ``where`` and ``remedy`` are bilingual; ``basis`` names the
    law, standard or house rule. Doors turn it into a page, a problem+json answer or an exit code. ``receipt`` is set
    where a refused file got a receipt number, under which the refusal can be read later.
    """

    def __init__(
        self, rule: str, what: Text, *, where: Text = _NOTHING, basis: str = "", remedy: Text = _NOTHING
    ) -> None:
        super().__init__(f"{rule}: {what.zh} {what.en}")
        self.rule = rule
        self.what = what
        self.where = where
        self.basis = basis
        self.remedy = remedy
        self.receipt = ""

    def to_dict(self) -> Mapping[str, object]:
        return {
            "rule": self.rule,
            "what": self.what.to_dict(),
            "where": self.where.to_dict(),
            "basis": self.basis,
            "remedy": self.remedy.to_dict(),
        }


def of_platform(rule: str) -> bool:
    """Whether a refusal under this rule says that the platform is at fault, and nothing that was sent."""
    return rule.startswith("platform.")
