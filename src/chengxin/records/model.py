"""Record (信用记录): what one authority decided about one subject, as the fold of the entries about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Act(StrEnum):
    """What an entry does to a record (行为). What each one changes, and when it may come, stands in ``records.fold``."""

    STATE = "state"  # 陈述: the authority states (or restates, that is corrects) the content
    WITHDRAW = "withdraw"  # 撤回: the source withdraws a decision that was changed, revoked, unlawful or void
    REINSTATE = "reinstate"  # 恢复收录: the source certifies that a withdrawn record stands after all
    UNLINK = "unlink"  # 撤销归集: the record was about somebody else
    OBJECT = "object"  # 异议受理
    SETTLE = "settle"  # 异议办结
    SUSPEND = "suspend"  # 暂停公示
    RESUME = "resume"  # 恢复公示
    TAKE_DOWN = "take-down"  # 紧急下线
    CONFIRM = "confirm"  # 下线复核确认
    PUT_BACK = "put-back"  # 下线复核撤销
    REPAIR = "repair"  # 信用修复, first effect: publication ends
    END_SHARING = "end-sharing"  # second effect: sharing and use end
    LIFT = "lift"  # third effect: measures are lifted, the evaluation is done again
    RESTORE = "restore"  # 撤销修复: a repair got by fraud is undone
    ERASE = "erase"  # 删除: the content is gone from everywhere


class Severity(StrEnum):
    """失信严重程度, and the state of having none."""

    MINOR = "minor"  # 轻微
    GENERAL = "general"  # 一般
    SERIOUS = "serious"  # 严重
    UNCLASSIFIED = "unclassified"  # 未分类: stored, not published, a task for the authority
    NONE = "none"  # 不适用: the item is no adverse information (a licence)


@dataclass(frozen=True)
class Window:
    """Publication window (公示期限) ``[starts, ends)``; ``ends`` None = while valid without end.

    ``repairable`` is the first day on which repair may be asked for, None where the item knows no repair.
    """

    starts: date
    repairable: date | None
    ends: date | None
    regime: str
    """Id of the regime (terms file) the window was computed under."""


@dataclass(frozen=True)
class Version:
    """One statement about the record: the entry's number in the log, when, by whom (code), which receipt."""

    seq: int
    at: datetime
    by: str
    batch: str


@dataclass(frozen=True)
class Record:
    """A record as doors see it, after ``disclosure`` has let it through."""

    id: str
    item: str
    subject: str
    fields: Mapping[str, str]
    original: Mapping[str, str]
    """Cells that normalisation changed, as they were sent."""
    severity: str
    severity_by: str
    """``given``, or the id of the severity standard under which it was derived, else empty."""
    window: Window | None
    withheld: str
    """Why there is no window (id of a reason), empty where there is one."""
    source: str
    versions: tuple[Version, ...]
    contested: date | None = None
    """The day since which an objection against it is being dealt with (异议处理中), None where there is none."""
    reply_by: date | None = None
    """The day by which that objection has to be answered (最迟答复), None where none runs."""
    linked: str = "code"
    """How the row was linked to the subject: ``code``, or one of ``resolution.linking.WAYS``."""


REGISTRATION = "djxx"
"""Id of the item 登记注册基本信息: its records make the subject base."""
SUBJECT_BASE = frozenset({REGISTRATION, "djgx"})
"""Items that say who there is (登记注册基本信息, 主体关系信息): no credit records, shown on the subject's page as a whole."""
