"""Tables (数据表), one module per noun."""

from chengxin.storage.models.ledger import LedgerBatch, LedgerEntry, LedgerItem, LedgerTile
from chengxin.storage.models.records import Record, RecordKey, RecordSubject, RecordVersion, WindowCount
from chengxin.storage.models.search import NameDoc
from chengxin.storage.models.subjects import Subject, SubjectCode, SubjectName
from chengxin.storage.models.submissions import Membership, Mend, Source, Submission, SubmissionRow
from chengxin.storage.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "LedgerBatch",
    "LedgerEntry",
    "LedgerItem",
    "LedgerTile",
    "Membership",
    "Mend",
    "NameDoc",
    "Record",
    "RecordKey",
    "RecordSubject",
    "RecordVersion",
    "Source",
    "Subject",
    "SubjectCode",
    "SubjectName",
    "Submission",
    "SubmissionRow",
    "WindowCount",
]
