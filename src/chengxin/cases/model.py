"""Case (办件): one matter under one workflow, as the fold of its events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chengxin.kernel.periods import today
from chengxin.records.model import Window

CLOCK_NAME = "clock"


@dataclass(frozen=True)
class Actor:
    """Whoever takes a step (办理人): a person of an organisation, an applicant, or the platform's clock.

    ``organisation`` is a code; ``decides`` whether this person may decide for it; ``centre`` whether it is the credit
    centre; ``applicant_for`` is the id of the subject this person has proved to act for, else empty.
    """

    name: str
    organisation: str = ""
    decides: bool = False
    centre: bool = False
    applicant_for: str = ""


CLOCK = Actor(CLOCK_NAME)
"""Time itself (到期自动办理): takes the steps that follow from silence."""


@dataclass(frozen=True)
class Event:
    """A step that was taken (办理经过): who, when, from which state to which, why, under which document."""

    number: int
    step: str
    source: str
    state: str
    at: datetime
    actor: str
    role: str
    organisation: str
    reason: str = ""
    ground: str = ""
    document: str = ""

    @property
    def day(self) -> date:
        """The day in China on which it was taken."""
        return today(self.at)


@dataclass(frozen=True)
class Case:
    """A case (办件). ``body`` is the code of the organisation it is routed to; ``record`` is empty for a whole subject."""

    id: str
    workflow: str
    record: str
    subject: str
    body: str
    events: tuple[Event, ...]

    @property
    def state(self) -> str:
        return self.events[-1].state

    @property
    def previous(self) -> str:
        """The state from which the present one was entered, empty where it is the first."""
        for event in reversed(self.events):
            if event.state == self.state and event.source != event.state:
                return event.source
        return ""

    def last(self, *steps: str) -> Event | None:
        """The latest event of one of these steps."""
        return next((event for event in reversed(self.events) if event.step in steps), None)


@dataclass(frozen=True)
class Matter:
    """The record a case is about (涉案信息), with what has become of it."""

    id: str
    item: str
    subject: str
    severity: str
    window: Window | None
    fields: Mapping[str, str]
    contested: bool = False
    suspended: bool = False
    withdrawn: bool = False
    repaired: bool = False
    changed_at: datetime | None = None
    """When its content was last stated or withdrawn by the source."""
