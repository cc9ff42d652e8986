"""Tables (数据表), one module per noun."""

from chengxin.storage.models.accounts import Person, Reminder
from chengxin.storage.models.authorisations import Authorisation
from chengxin.storage.models.cases import Attachment, Case, CaseEvent, CaseNumber
from chengxin.storage.models.crosscheck import Assigner, Crosscheck, Finding, FindingEvent
from chengxin.storage.models.erasure import ErasedItem, Erasure
from chengxin.storage.models.judgements import Judgement, JudgementEffect
from chengxin.storage.models.ledger import LedgerBatch, LedgerEntry, LedgerItem, LedgerTile
from chengxin.storage.models.recipients import (
    Certificate,
    Delivery,
    Notification,
    NotifiedUpTo,
    Probe,
    Recipient,
    RecipientKey,
    WithdrawalKey,
)
from chengxin.storage.models.records import Record, RecordAct, RecordKey, RecordSubject, RecordVersion, WindowCount
from chengxin.storage.models.search import NameDoc
from chengxin.storage.models.subjects import Subject, SubjectCode, SubjectName, SubjectRelation
from chengxin.storage.models.submissions import Membership, Mend, ReceiptNumber, Source, Submission, SubmissionRow
from chengxin.storage.models.tokens import ApiToken
from chengxin.storage.models.witnesses import Cosignature, SplitView, WatchedLog, WitnessContact

__all__ = [
    "ApiToken",
    "Assigner",
    "Attachment",
    "Authorisation",
    "Case",
    "CaseEvent",
    "CaseNumber",
    "Certificate",
    "Cosignature",
    "Crosscheck",
    "Delivery",
    "ErasedItem",
    "Erasure",
    "Finding",
    "FindingEvent",
    "Judgement",
    "JudgementEffect",
    "LedgerBatch",
    "LedgerEntry",
    "LedgerItem",
    "LedgerTile",
    "Membership",
    "Mend",
    "NameDoc",
    "Notification",
    "NotifiedUpTo",
    "Person",
    "Probe",
    "ReceiptNumber",
    "Recipient",
    "RecipientKey",
    "Record",
    "RecordAct",
    "RecordKey",
    "RecordSubject",
    "RecordVersion",
    "Reminder",
    "Source",
    "SplitView",
    "Subject",
    "SubjectCode",
    "SubjectName",
    "SubjectRelation",
    "Submission",
    "SubmissionRow",
    "WatchedLog",
    "WindowCount",
    "WithdrawalKey",
    "WitnessContact",
]
