"""Repair (信用修复): whether and from which day a record can be repaired, explained before anyone applies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chengxin.cases.model import Matter
from chengxin.catalogue.conditions import holds
from chengxin.catalogue.laws import Basis, cite
from chengxin.catalogue.model import Catalogue
from chengxin.catalogue.repair import Exclusion, RepairRules, Requirement
from chengxin.kernel.periods import add_months
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

REMEDIES = {
    "later": Text("从该日起可以申请，平台会保留本说明。", "Apply from that day on."),
    "barred": Text("限制期满后可以申请。", "Apply once the bar has ended."),
    "needless": Text("不用申请，到期自动停止公示。", "Nothing to do: publication stops by itself."),
    "ended": Text("不用申请，公示已经停止。", "Nothing to do: publication has stopped."),
    "unpublished": Text(
        "该信息现在不公示；对记录本身有疑问的，可以提出异议。", "It is not published; an objection is open."
    ),
    "excluded": Text("对此有异议的，可以提出异议。", "An objection is open to you."),
    "unknown": Text("对信息内容有疑问的，可以提出异议。", "An objection is open to you."),
    "done": Text("可以查看修复决定书。", "See the letter of the repair."),
}
"""Why a record cannot be repaired today → what to do about it."""


@dataclass(frozen=True)
class Check:
    """A condition of repair (修复条件) as it stands: ``met`` is None where the applicant has to show it."""

    requirement: Requirement
    met: bool | None
    says: Text


@dataclass(frozen=True)
class Eligibility:
    """Whether a record can be repaired on a day (能否修复).

    ``state`` is ``open``, or a key of REMEDIES. ``since`` is the first day of an application where there is one,
    ``ends`` the first day on which publication is over by itself. ``basis`` are the articles behind the answer.
    """

    state: str
    says: Text
    basis: tuple[Basis, ...]
    cited: Text
    since: date | None = None
    ends: date | None = None
    rules: RepairRules | None = None
    checks: tuple[Check, ...] = ()

    @property
    def open(self) -> bool:
        return self.state == "open"

    def refusal(self) -> Refusal:
        """The answer as a refusal, for whoever applies or decides nevertheless."""
        return Refusal(f"repair.{self.state}", self.says, basis=self.cited.zh, remedy=REMEDIES[self.state])


def eligibility(matter: Matter, *, day: date, catalogue: Catalogue, barred_until: date | None = None) -> Eligibility:
    """Whether ``matter`` can be repaired on ``day``, from which day on otherwise, and under which article.

    ``barred_until`` is the first day after a bar that follows deceit. The rules are those in force on ``day``.
    """
    rules = catalogue.repair_of(matter.item, matter.fields, day)
    window = matter.window
    regime = catalogue.regimes.get(window.regime) if window else None

    def answer(state: str, says: Text, basis: Iterable[Basis], since: date | None = None) -> Eligibility:
        articles = tuple(dict.fromkeys(basis))
        ends = window.ends if window else None
        checks = tuple(_check(r, matter, day) for r in rules.requirements) if rules else ()
        return Eligibility(state, says, articles, cite(catalogue.laws, articles), since, ends, rules, checks)

    if rules is None:
        return answer("unknown", Text("该事项没有信用修复的规定。", "No rules of repair are known for this item."), ())
    if matter.repaired:
        return answer("done", Text("该信息已经修复。", "The record has been repaired."), rules.basis)
    excluded = _excluded(rules, matter)
    if excluded is not None:
        return answer("excluded", excluded.says, excluded.basis)
    if matter.withdrawn or window is None:
        return answer("unpublished", Text("该信息没有公示，无需修复。", "The record is not published."), rules.basis)
    term = regime.basis if regime else ()
    if window.ends is not None and window.ends <= day:
        says = Text(
            f"公示期已于{_zh(window.ends)}届满并自动停止公示。", f"Publication stopped by itself on {window.ends}."
        )
        return answer("ended", says, term)
    if window.repairable is None or matter.severity in rules.needless:
        return answer("needless", _by_itself(window.ends), (*term, *rules.basis))
    since, state, reasons = window.repairable, "later", (*_articles(rules, "shortest-term"), *term)
    if barred_until is not None and barred_until > max(day, since):
        since, state, reasons = barred_until, "barred", rules.deceit.basis
    if since <= day:
        says = Text(f"现在可以申请修复（自{_zh(since)}起）。", f"Repair can be asked for now (since {since}).")
        return answer("open", says, rules.basis, since)
    if window.ends is not None and since >= window.ends:
        return answer("needless", _by_itself(window.ends), (*term, *rules.basis))
    because = (
        Text(f"最短公示期到{_zh(since)}届满", "the shortest term ends then")
        if state == "later"
        else Text(f"因弄虚作假限制修复至{_zh(since)}", "deceit bars repair until then")
    )
    says = Text(f"自{_zh(since)}起可以申请修复，因为{because.zh}。", f"From {since} on, because {because.en}.")
    return answer(state, says, reasons, since)


def barred_until(rules: RepairRules, revoked_on: date) -> date:
    """The first day on which repair may be asked for again after deceit was found on ``revoked_on``."""
    return add_months(revoked_on, rules.deceit.barred_months)


def _excluded(rules: RepairRules, matter: Matter) -> Exclusion | None:
    return next((each for each in rules.exclusions if holds(each.when, matter.fields)), None)


def _articles(rules: RepairRules, requirement: str) -> tuple[Basis, ...]:
    return next((r.basis for r in rules.requirements if r.id == requirement), ())


def _check(requirement: Requirement, matter: Matter, day: date) -> Check:
    if requirement.id != "shortest-term":
        return Check(
            requirement,
            None,
            Text("由申请人说明或证明，认定机关审核。", "The applicant shows it, the authority checks it."),
        )
    at = matter.window.repairable if matter.window else None
    if at is None:
        return Check(requirement, None, Text("没有最短公示期。", "There is no shortest term."))
    if at <= day:
        return Check(requirement, True, Text(f"已于{_zh(at)}达到。", f"Reached on {at}."))
    return Check(requirement, False, Text(f"{_zh(at)}达到。", f"Reached on {at}."))


def _by_itself(ends: date | None) -> Text:
    if ends is None:
        return Text("不需要修复。", "No repair is needed.")
    return Text(f"无需申请，{_zh(ends)}自动停止公示。", f"Nothing to apply for: publication stops by itself on {ends}.")


def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
