"""Letters of a case (办理文书): what is written when a step is taken, from the facts as they are then."""

from collections.abc import Mapping

from chengxin.cases import clock, letters
from chengxin.cases.conditions import Facts, proposal
from chengxin.cases.repair import barred_until
from chengxin.cases.workflow import Move
from chengxin.catalogue.laws import cite
from chengxin.kernel.text import Text
from chengxin.operations.rulebook import catalogue
from chengxin.storage.models import Case


def written(
    row: Case, facts: Facts, move: Move, reason: str, body: str, running: Mapping[str, clock.Term]
) -> dict[str, object] | None:
    """The letter of a step as it is kept with the event: id, recipients, title and body in both languages; None without one."""
    letter = facts.workflow.letters.get(move.step.letter)
    if letter is None:
        return None
    ground = move.ground
    proposed = proposal(facts)
    if proposed is not None and not reason:  # whoever confirms takes over the reasons of whoever proposed
        reason = proposed.reason
        ground = next((g for g in facts.workflow.steps[proposed.step].grounds if g.id == proposed.ground), None)
    basis = (*move.step.basis, *(ground.basis if ground else ()))
    rules = facts.eligibility.rules if facts.eligibility else None
    bar = barred_until(rules, facts.day) if rules else facts.day
    places = {
        "number": Text(row.id, row.id),
        "subject": Text(row.name, row.name),
        "document": Text(row.document or "全部失信信息", row.document or "all adverse records"),
        "body": Text(body, body),
        "day": Text(f"{facts.day.year}年{facts.day.month}月{facts.day.day}日", facts.day.isoformat()),
        "reason": Text(reason, reason),
        "ground": ground.text if ground else Text("", ""),
        "basis": cite(catalogue().laws, dict.fromkeys(basis)),
        "barred": Text(f"{bar.year}年{bar.month}月{bar.day}日", bar.isoformat()),
    }
    text = letters.write(
        letter, places, dict.fromkeys(facts.workflow.deadlines) | {id: term.due for id, term in running.items()}
    )
    return {
        "id": text.id,
        "to": list(text.to),
        "title": dict(text.title.to_dict()),
        "body": dict(text.body.to_dict()),
    }
