"""Workflow (办理流程): states, steps, deadlines, papers and letters of one kind of case, as data.

A workflow says who may take which step from which state, what must be so before, how long there is and what is written
to whom. What a named condition means is a function of that name in ``cases.conditions``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from chengxin.catalogue.laws import NO_TEXT, Basis
from chengxin.catalogue.reading import Section
from chengxin.kernel.text import Text

ROLES = ("applicant", "authority", "centre", "clock")
"""Who may act: the organisation concerned, the body that made the finding, the credit centre, and time itself."""
PREVIOUS = "previous"
"""Target of a step that leads back to the state from which the present one was entered."""
SAME = "same"
"""Target of a step that leaves the state as it is."""
ACTS = ("contest", "answer", "suspend", "resume", "withdraw", "repair", "restore")
"""What a step may do to the records of a case; ``operations.effects`` carries it out."""


@dataclass(frozen=True)
class Deadline:
    """A term (办理期限) of ``days`` working days after the day of a step in ``starts``; a step in ``stops`` keeps it.

    ``pauses``: it does not run while the case waits for the applicant. ``remind`` working days before the end whoever
    has to act is reminded. When it is missed, whoever is named in ``escalate`` is told, and the step ``silence``, if one
    is named, is taken by the clock.
    """

    id: str
    title: Text
    days: int
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    basis: tuple[Basis, ...]
    pauses: bool = True
    remind: int = 1
    escalate: str = ""
    silence: str = ""
    confirmed: bool = True


@dataclass(frozen=True)
class State:
    """A state (办理状态). ``owner`` has to act; a final state has an ``outcome`` instead. ``waits`` stops the clock."""

    id: str
    title: Text
    says: Text
    owner: str = ""
    deadline: str = ""
    waits: bool = False
    outcome: str = ""

    @property
    def final(self) -> bool:
        return self.outcome != ""


@dataclass(frozen=True)
class Ground:
    """A reason (理由) that may be given for a step."""

    id: str
    text: Text
    basis: tuple[Basis, ...] = ()


@dataclass(frozen=True)
class Step:
    """A step (办理环节) from any of ``sources`` to ``target``.

    ``needs`` are names of conditions. ``reason``: a reason must be written; ``grounds``: one of these must be chosen.
    ``papers`` must have been handed in before. ``extends``: deadline → working days added. ``act`` is done to the records.
    """

    id: str
    title: Text
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    basis: tuple[Basis, ...]
    needs: tuple[str, ...] = ()
    reason: bool = False
    grounds: tuple[Ground, ...] = ()
    papers: tuple[str, ...] = ()
    letter: str = ""
    act: str = ""
    extends: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Paper:
    """A paper (材料): handed in as a file, or ``signed`` on the page; then ``text`` is what is signed.

    ``{subject}``, ``{document}`` and ``{body}`` in ``text`` are filled from the record.
    """

    id: str
    title: Text
    signed: bool = False
    note: Text = NO_TEXT
    text: Text = NO_TEXT


@dataclass(frozen=True)
class Letter:
    """A letter (文书) to ``to``; ``{…}`` places are filled from the case, see ``cases.letters``."""

    id: str
    to: tuple[str, ...]
    title: Text
    body: Text


@dataclass(frozen=True)
class Workflow:
    """A workflow (办理流程) for cases of ``kind`` about one ``record`` or all records of a ``subject``.

    ``first`` is the step that makes the case. A case runs to its end under the workflow under which it began.
    """

    id: str
    kind: str
    title: Text
    prefix: str
    about: str
    in_force_from: date
    in_force_to: date | None
    precedence: int
    basis: tuple[Basis, ...]
    first: str
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    deadlines: Mapping[str, Deadline]
    papers: Mapping[str, Paper]
    letters: Mapping[str, Letter]
    mark: str = ""
    unconfirmed: tuple[str, ...] = ()
    note: Text = NO_TEXT
    source: str = ""

    @property
    def confirmed(self) -> bool:
        return not self.unconfirmed and all(d.confirmed for d in self.deadlines.values())

    def steps_from(self, state: str) -> tuple[Step, ...]:
        """The steps that can be taken in a state, in the order of the file."""
        return tuple(step for step in self.steps.values() if state in step.sources)


def workflow(section: Section) -> Workflow:
    """Read one file of ``workflows/``."""
    return Workflow(
        id=section.text("id"),
        kind=section.text("kind"),
        title=section.bilingual("title"),
        prefix=section.text("prefix"),
        about=section.text("about", among=("record", "subject")),
        in_force_from=section.given_day("in_force_from"),
        in_force_to=section.day("in_force_to"),
        precedence=section.number("precedence") or 0,
        basis=section.basis(),
        first=section.text("first"),
        states=_by_id(section, "states", _state),
        steps=_by_id(section, "steps", _step),
        deadlines=_by_id(section, "deadlines", _deadline),
        papers=_by_id(section, "papers", _paper),
        letters=_by_id(section, "letters", _letter),
        **section.common(),
    )


_Part = TypeVar("_Part", State, Deadline, Step, Ground, Paper, Letter)


def _by_id(section: Section, key: str, read: Callable[[Section], _Part], default: Any = None) -> dict[str, _Part]:
    """The parts under ``key`` by their id; the same id twice is refused."""
    found: dict[str, _Part] = {}
    for part in section.sections(key, *(() if default is None else (default,))):
        value = read(part)
        part.end()
        if value.id in found:
            raise part.wrong("id", f"重复：{value.id}。", f"{value.id} is given twice.", "duplicate")
        found[value.id] = value
    return found


def _state(part: Section) -> State:
    return State(
        id=part.text("id"),
        title=part.bilingual("title"),
        says=part.bilingual("says"),
        owner=part.text("owner", "", among=("", "applicant", "authority", "centre")),
        deadline=part.text("deadline", ""),
        waits=part.truth("waits", False),
        outcome=part.text("outcome", ""),
    )


def _deadline(part: Section) -> Deadline:
    return Deadline(
        id=part.text("id"),
        title=part.bilingual("title"),
        days=part.number("days") or 0,
        starts=part.texts("starts"),
        stops=part.texts("stops"),
        basis=part.basis(),
        pauses=part.truth("pauses", True),
        remind=part.number("remind", 1) or 0,
        escalate=part.text("escalate", "", among=("", "centre", "authority")),
        silence=part.text("silence", ""),
        confirmed=part.truth("confirmed", True),
    )


def _step(part: Section) -> Step:
    extends = part.optional_section("extends")
    return Step(
        id=part.text("id"),
        title=part.bilingual("title"),
        sources=part.texts("from"),
        target=part.text("to"),
        by=tuple(part.texts("by")),
        basis=part.basis(default=()),
        needs=part.texts("needs", ()),
        reason=part.truth("reason", False),
        grounds=tuple(_by_id(part, "grounds", _ground, ()).values()),
        papers=part.texts("papers", ()),
        letter=part.text("letter", ""),
        act=part.text("act", "", among=("", *ACTS)),
        extends={id: extends.number(id) or 0 for id in extends.names()} if extends else None,
    )


def _ground(part: Section) -> Ground:
    return Ground(part.text("id"), part.bilingual("text"), part.basis(default=()))


def _paper(part: Section) -> Paper:
    return Paper(
        part.text("id"),
        part.bilingual("title"),
        part.truth("signed", False),
        part.bilingual("note", NO_TEXT),
        part.bilingual("text", NO_TEXT),
    )


def _letter(part: Section) -> Letter:
    return Letter(part.text("id"), part.texts("to"), part.bilingual("title"), part.bilingual("body"))
