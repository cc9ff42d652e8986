"""Permissions in a case (办理权限): in which role somebody acts, and that nobody decides on the own organisation."""

from collections.abc import Collection

from chengxin.cases.model import CLOCK, Actor
from chengxin.catalogue.workflows import Step, Workflow
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

BASIS = "回避；办理流程文件"


def roles(actor: Actor, *, body: str, subject: str) -> frozenset[str]:
    """The roles an actor has in a case that is routed to ``body`` and concerns ``subject`` (id)."""
    if actor is CLOCK:
        return frozenset({"clock"})
    found = set()
    if subject and actor.applicant_for == subject:
        found.add("applicant")
    if actor.decides and actor.organisation == body:
        found.add("authority")
    if actor.decides and actor.centre:
        found.add("centre")
    return frozenset(found)


def role_for(step: Step, actor: Actor, workflow: Workflow, *, body: str, codes: Collection[str], subject: str) -> str:
    """The role in which ``actor`` takes ``step``; ``codes`` are all codes of the organisation concerned.

    Raises Refusal ``case.own-organisation`` and ``case.not-yours``.
    """
    held = roles(actor, body=body, subject=subject)
    fitting = [role for role in step.by if role in held]
    if not fitting:
        raise _not_yours(step, workflow)
    if "applicant" not in fitting and actor is not CLOCK and actor.organisation in codes:
        raise Refusal(
            "case.own-organisation",
            Text("不能办理涉及本单位的事项。", "Nobody decides a case about the own organisation."),
            where=Text(step.title.zh, step.title.en),
            basis=BASIS,
            remedy=Text(
                "请由上级机关或者信用中心指定的其他单位办理。",
                "The superior body, or another one the credit centre names, has to act.",
            ),
        )
    return fitting[0]


def _not_yours(step: Step, workflow: Workflow) -> Refusal:
    who = {
        "applicant": Text("申请人", "the applicant"),
        "authority": Text("认定机关（来源单位）的办理人员", "a deciding officer of the authority"),
        "centre": Text("信用中心人员", "an officer of the credit centre"),
        "clock": Text("平台到期自动办理", "the platform, when the term is over"),
    }
    named = [who[role] for role in step.by]
    return Refusal(
        "case.not-yours",
        Text(f"“{step.title.zh}”不由您办理。", f"“{step.title.en}” is not yours to take."),
        where=workflow.title,
        basis=BASIS,
        remedy=Text(
            f"可以办理的：{'、'.join(text.zh for text in named)}。", f"Who may: {', '.join(t.en for t in named)}."
        ),
    )
