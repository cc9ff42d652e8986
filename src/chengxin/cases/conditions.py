"""Conditions of a step (办理条件): functions with names that workflow files refer to.

Each answers None when the condition is met, otherwise the refusal that says what is missing and what to do.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from chengxin.cases.clock import Term
from chengxin.cases.model import Actor, Case, Event, Matter
from chengxin.cases.repair import Eligibility
from chengxin.catalogue.workflows import Step, Workflow
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text


@dataclass(frozen=True)
class Facts:
    """Everything a condition may look at (办理时的事实).

    ``case`` is None before the first step. ``papers``: paper id → when it was last handed in. ``codes``: every code of
    the organisation concerned. ``silence_suspends`` is this installation's setting.
    """

    workflow: Workflow
    actor: Actor
    day: date
    body: str
    subject: str
    codes: Collection[str] = ()
    case: Case | None = None
    matter: Matter | None = None
    eligibility: Eligibility | None = None
    papers: Mapping[str, datetime] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    silence_suspends: bool = True


Condition = Callable[[Facts], Refusal | None]
CONDITIONS: dict[str, Condition] = {}


def condition(function: Condition) -> Condition:
    """Register a function under its own name."""
    CONDITIONS[function.__name__] = function
    return function


def unmet(step: Step, facts: Facts) -> list[Refusal]:
    """What stands against taking a step now, papers first; empty when nothing does."""
    found = [_paper_missing(facts.workflow, paper) for paper in step.papers if paper not in facts.papers]
    answers = (CONDITIONS[name](facts) for name in step.needs)
    return found + [answer for answer in answers if answer is not None]


def proposal(facts: Facts) -> Event | None:
    """The step by which somebody proposed what another person now has to confirm; None where nothing is proposed."""
    if facts.case is None:
        return None
    steps = facts.workflow.steps.values()
    awaiting = {state for step in steps if "another_person" in step.needs for state in step.sources}
    return facts.case.last(*(step.id for step in steps if step.target in awaiting))


@condition
def another_person(facts: Facts) -> Refusal | None:
    """Whoever proposed does not confirm (两人办理)."""
    proposed = proposal(facts)
    if proposed is None or proposed.actor != facts.actor.name:
        return None
    return Refusal(
        "case.second-person",
        Text("您是经办人，不能复核。", "You proposed it, so somebody else has to check it."),
        where=Text(facts.workflow.states[proposed.state].title.zh, facts.workflow.states[proposed.state].title.en),
        basis="办理流程文件：经办与复核分离",
        remedy=Text("请同一单位的另一名办理人员复核。", "Ask another deciding officer of the same body."),
    )


@condition
def repair_open(facts: Facts) -> Refusal | None:
    """The record can be repaired today (可以申请修复)."""
    if facts.eligibility is None or facts.eligibility.open:
        return None
    return facts.eligibility.refusal()


@condition
def publication_over(facts: Facts) -> Refusal | None:
    """The term of the record has run (公示期届满)."""
    window = facts.matter.window if facts.matter else None
    if window is not None and window.ends is not None and window.ends <= facts.day:
        return None
    return Refusal(
        "case.still-public",
        Text("公示期尚未届满。", "The term of publication has not run yet."),
        basis="《信用修复管理办法》：最长期限届满自动停止公示",
        remedy=Text("请按流程作出决定。", "Decide the case."),
    )


@condition
def not_extended(facts: Facts) -> Refusal | None:
    """The term was not extended before (只能延长一次)."""
    if facts.case is None or facts.case.last("extend") is None:
        return None
    return Refusal(
        "case.extended",
        Text("办理期限已经延长过一次。", "The term has been extended once already."),
        basis="《信用修复管理办法》：复杂情形延长十个工作日",
        remedy=Text("请在延长后的期限内办结。", "Decide within the extended term."),
    )


@condition
def paper_since_asked(facts: Facts) -> Refusal | None:
    """A paper came after papers were asked for (已补交材料)."""
    asked = facts.case.last("ask") if facts.case else None
    if asked is None or any(at >= asked.at for at in facts.papers.values()):
        return None
    return Refusal(
        "case.nothing-new",
        Text("还没有补交任何材料。", "No paper has been handed in since."),
        basis="补正材料通知书",
        remedy=Text("请先上传材料，再提交。", "Hand in the paper first."),
    )


@condition
def reply_overdue(facts: Facts) -> Refusal | None:
    """The source has let its term pass (来源单位逾期未答复)."""
    reply = facts.terms.get("reply")
    if reply is not None and reply.late_on(facts.day):
        return None
    return Refusal(
        "case.not-overdue",
        Text("来源单位的答复期限未到。", "The source still has time to answer."),
        basis="办理流程文件",
        remedy=Text("期限届满次日起可以催办。", "It can be pressed from the day after the term."),
    )


@condition
def silence_suspends(facts: Facts) -> Refusal | None:
    """This installation suspends publication when the source stays silent (逾期不答复即暂停公示)."""
    if facts.silence_suspends:
        return None
    return Refusal(
        "case.silence-setting",
        Text("本平台未启用“逾期不答复即暂停公示”。", "This platform does not suspend on silence."),
        basis="CHENGXIN_SUSPEND_ON_SILENCE",
        remedy=Text("请信用中心提出移除意见，或者继续催办。", "The centre may propose removal or press the source."),
    )


@condition
def not_suspended(facts: Facts) -> Refusal | None:
    """Publication was not suspended for silence (未暂停公示)."""
    if facts.case is None or facts.case.last("suspend") is None:
        return None
    return Refusal(
        "case.suspended",
        Text("该信息已因逾期不答复暂停公示。", "Publication was suspended because the source was silent."),
        basis="重新公示须有来源单位核实证明",
        remedy=Text("请来源单位出具核实证明，或者告知结果。", "Wait for its certification, or give the result."),
    )


@condition
def record_known(facts: Facts) -> Refusal | None:
    """There is such a record and it stands (该信息存在)."""
    if facts.matter is not None and not facts.matter.withdrawn:
        return None
    return Refusal(
        "case.record",
        Text("没有此信息，或者已经撤回。", "There is no such record, or it has been withdrawn."),
        basis="《信用修复管理办法》：异议",
        remedy=Text("请核对信息编号。", "Check the record's number."),
    )


@condition
def record_repaired(facts: Facts) -> Refusal | None:
    """The record has been repaired (该信息已修复)."""
    if facts.matter is not None and facts.matter.repaired:
        return None
    return Refusal(
        "case.not-repaired",
        Text("该信息没有修复过，无可撤销。", "The record was not repaired, so nothing can be undone."),
        basis="《信用修复管理办法》：弄虚作假",
        remedy=Text("请核对信息编号。", "Check the record's number."),
    )


@condition
def record_changed(facts: Facts) -> Refusal | None:
    """The source has corrected or withdrawn the record since the objection was taken (来源单位已更正或撤回)."""
    accepted = facts.case.last("accept") if facts.case else None
    matter = facts.matter
    if matter is None or matter.withdrawn:
        return None
    if accepted is not None and matter.changed_at is not None and matter.changed_at > accepted.at:
        return None
    return Refusal(
        "case.unchanged",
        Text("来源单位尚未更正或者撤回该信息。", "The source has not corrected or withdrawn the record yet."),
        basis="《信用修复管理办法》：异议",
        remedy=Text("请来源单位先更正或者撤回。", "The source has to correct or withdraw it first."),
    )


def _paper_missing(workflow: Workflow, paper: str) -> Refusal:
    title = workflow.papers[paper].title
    return Refusal(
        "case.paper",
        Text(f"缺少材料：{title.zh}。", f"A paper is missing: {title.en}."),
        where=title,
        basis="办理流程文件",
        remedy=Text("请先提交该材料。", "Hand it in first."),
    )
