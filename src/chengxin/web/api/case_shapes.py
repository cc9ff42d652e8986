"""Shapes of cases (办件数据结构) in the answers of the API, for OpenAPI."""

from datetime import date, datetime

from ninja import Field, Schema

from chengxin.web.api.shapes import TextShape


class ConditionShape(Schema):
    """A condition of repair (修复条件); ``met`` null where the applicant has to show it."""

    id: str
    title: TextShape
    met: bool | None


class PaperShape(Schema):
    """A paper (材料) that an application needs."""

    id: str
    title: TextShape


class RepairShape(Schema):
    """Whether a record can be repaired (能否修复), and from which day."""

    record: str
    state: str = Field(description="open, later, needless, ended, unpublished, excluded, unknown, done")
    since: date | None
    ends: date | None
    says: TextShape
    basis: TextShape
    conditions: list[ConditionShape]
    papers: list[PaperShape]
    working_days: dict[str, int]
    fee: str = Field(description="always 0: repair is free of charge / 不收费")


class CaseLine(Schema):
    """A case (办件) as lists give it; ``due`` null where no term runs."""

    id: str
    kind: str
    record: str
    subject: str
    name: str
    document: str
    state: str
    title: TextShape
    owner: str = Field(description="who has to act: applicant, authority, centre; empty once closed")
    due: date | None
    opened_on: date
    closed_on: date | None
    outcome: str
    late: bool
    links: dict[str, str]


class CasePage(Schema):
    """A page of cases (办件列表)."""

    cases: list[CaseLine]
    next: str | None


class EventShape(Schema):
    """A step that was taken (办理经过); persons are not named."""

    number: int
    step: str
    state: str
    at: datetime
    role: str
    ground: str


class TermShape(Schema):
    """A term (办理期限) in working days; ``due`` null while it stands still."""

    id: str
    due: date | None
    days: int
    used: int
    met: date | None
    provisional: bool


class CaseShape(CaseLine):
    """A case (办件) with its events and terms."""

    events: list[EventShape]
    terms: list[TermShape]
