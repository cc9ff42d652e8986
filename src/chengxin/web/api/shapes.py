"""Shapes (数据结构) of the answers, for OpenAPI. Dates are YYYY-MM-DD in Asia/Shanghai, moments ISO 8601 in UTC.

The views build these dictionaries themselves; tests hold every answer against these shapes.
"""

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

PLAIN = r"^[^\x00]*$"
"""Every text that is asked with: anything but NUL, which no database text can hold."""


class TextShape(Schema):
    """Bilingual text (双语文本); the Chinese one has legal weight."""

    zh: str
    en: str


class MisfitShape(Schema):
    """A parameter or member that is not as described: where, the kind of fault, and what is wrong; never the value sent."""

    at: str = Field(examples=["query/limit"])
    kind: str = Field(examples=["less_than_equal"])
    say: str


class Problem(Schema):
    """What went wrong (问题说明), RFC 9457, with rule, basis and what to do next."""

    type: str = Field(examples=["urn:chengxin:problem:api.not-found"])
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    rule: str
    what: TextShape
    where: TextShape
    basis: str = ""
    remedy: TextShape
    errors: list[MisfitShape] | None = Field(
        None, description="仅 api.parameter：哪些参数不符合 / with api.parameter only: which parameters"
    )
    error: str | None = Field(
        None, description="仅 api.broken：错误编号 / with api.broken only: the number to report to the operator"
    )


class NameShape(Schema):
    """A name (名称): ``current``, ``former``, ``branch`` or ``english``."""

    text: str
    kind: str
    since: date | None = None
    until: date | None = None


class CodeShape(Schema):
    """A code (代码) of a scheme ``uscc``, ``organisation`` or ``registration``."""

    scheme: str
    value: str
    state: str
    since: date | None = None
    until: date | None = None


class RelationShape(Schema):
    """A relation (主体关系): the subject is ``means`` of the other one, or with ``outward`` false the other way round."""

    means: str = Field(description="branch-of, subordinate-of, merged-into, split-from")
    outward: bool
    id: str = Field(description="主体库中没有时为空 / empty where the base does not know it")
    code: str
    name: str
    since: date | None = None
    until: date | None = None


class WindowShape(Schema):
    """Publication window (公示期限): first day, first day repair may be asked for, first day it is not public."""

    starts: date
    repairable: date | None
    ends: date | None
    regime: str


class VersionShape(Schema):
    """One statement of the record: entry number in the log, when, by whom, receipt number."""

    seq: int
    at: datetime
    by: str
    batch: str


class RecordShape(Schema):
    """A public credit record (信用记录)."""

    id: str
    item: str
    subject: str
    fields: dict[str, str]
    original: dict[str, str]
    severity: str
    severity_by: str
    window: WindowShape
    source: str
    versions: list[VersionShape]
    linked: str = Field(
        description="归集到主体的方式 / how it was linked to the subject: code, legacy, coded, name, introduced, judgement"
    )
    contested: date | None = Field(
        description="异议自该日受理、正在处理，使用时须注明“有异议”；null 为无异议 / "
        "under objection since this day, and whoever uses it must say so; null where it is not"
    )
    withdrawal_key: str | None = Field(
        default=None,
        description="撤回键，只随交付给接收单位的信息给出 / given to recipients only: asks the withdrawal set about it",
    )
    links: dict[str, str]


class WithdrawalShape(Schema):
    """What a source says when it withdraws a record (撤回): ground, document and reason stand in a public notice."""

    ground: str = Field(
        pattern=PLAIN, description="撤回情形 / one of the ground list: 变更, 撤销, 确认违法, 确认无效, 报送错误"
    )
    document: str = Field(
        pattern=PLAIN, max_length=128, description="变更或者撤销文书号 / number of the document behind it"
    )
    decided_on: date = Field(description="该文书的日期 / its date")
    reason: str = Field(
        pattern=PLAIN, max_length=500, description="理由，不写当事人名称 / the reason, without the party's name"
    )


class EnteredShape(Schema):
    """What was entered in the log (入账): number of the batch, size and root of the log after it."""

    batch: str
    size: int
    root: str
    links: dict[str, str]


class NoticeShape(Schema):
    """A notice of withdrawal (撤回公告); ``again`` where a record was taken up again on a certificate."""

    day: date
    kind: TextShape
    authority: str
    authority_code: str
    again: bool
    ground: TextShape
    document: str
    decided_on: date | None
    reason: str
    on_time: bool | None


class NoticePage(Schema):
    """One page of notices; ``next`` is the number of the next page, null on the last."""

    notices: list[NoticeShape]
    next: int | None


class RecordPage(Schema):
    """One page of records; ``next`` is the cursor to send as ``after``, null on the last page."""

    on: date
    records: list[RecordShape]
    next: str | None


class SubjectShape(Schema):
    """A credit subject (信用主体)."""

    id: str
    code: str
    name: str
    kind: str
    status: str
    status_since: date | None
    provisional: bool = Field(
        description="由报送引入、登记机关尚未确认 / introduced by a submission, not yet confirmed"
    )
    names: list[NameShape]
    codes: list[CodeShape]
    relations: list[RelationShape]
    registration: dict[str, str]
    links: dict[str, str]
    records: RecordPage | None = Field(None, description="仅在请求时给出 / only where asked for")


class HitShape(Schema):
    """One subject found: the name that matched and how (code, exact, part, initials, typo)."""

    subject: str
    code: str
    name: str
    status: str
    region: str
    kind: str
    provisional: bool
    matched: str
    matched_kind: str = Field(description="code, current, former, branch, english")
    how: str
    links: dict[str, str]


class CodeProblem(Schema):
    """What is wrong with the code that was searched for (代码校验结果)."""

    rule: str
    position: int | None
    message: TextShape
    suggestion: str | None


class SearchShape(Schema):
    """Answer of a search (检索结果)."""

    query: str
    hits: list[HitShape]
    next: str | None
    total: int
    total_is_floor: bool = Field(description="还有更多未列出 / there are more than counted")
    explanation: TextShape | None = Field(description="为何没有结果或结果被截断 / why nothing, or not all")
    code_problem: CodeProblem | None


class Question(Schema):
    """A search by POST: the text stays out of addresses and their logs."""

    q: str = Field(min_length=1, max_length=200, pattern=PLAIN)
    limit: int = Field(20, ge=1, le=50)
    after: str | None = Field(None, max_length=400)


class SubmissionShape(Schema):
    """A submission (报送) and how far it is: arriving, received, running, done, refused or failed."""

    id: str
    state: str
    item: str
    source: str
    file_name: str
    file_digest: str = Field(description="SHA-256, hex")
    file_size: int
    received_at: datetime
    finished_at: datetime | None
    progress: dict[str, Any] | None
    problem: dict[str, Any] | None
    links: dict[str, str]


class CheckpointRef(Schema):
    """Where the log stood after a batch."""

    size: int
    root: str


class ReadingShape(Schema):
    """How a file was read (识别结果)."""

    format: str = Field(description="文件格式 / csv, xlsx, json, ndjson, parquet; rows for rows mended at the desk")
    encoding: str
    delimiter: str
    sheet: str = Field(description="读取的工作表或数组 / sheet or array that was read")
    sheets: list[str] = Field(description="文件中的全部工作表或数组 / all there are")
    header_row: int
    notes: list[TextShape] = Field(description="应当知道而不改变结果的情况 / what to know; it changes no outcome")
    recognised: dict[str, str] = Field(description="表头 → 字段编号 / header → field ids")
    unused: list[str] = Field(description="没有用到的列 / columns nothing reads")
    absent: list[str] = Field(
        [], description="字段映射所列、文件中没有的列 / columns the mapping names, not in the file"
    )
    missing: list[str] = Field(description="没有数据的字段 / fields nothing fills")


class ReceiptShape(Schema):
    """A receipt (回执): every row counted in exactly one of the six outcomes."""

    submission: str
    parent: str | None = Field(description="更正的是哪个回执的行 / receipt whose rows the file mends")
    rows: int
    accepted: int
    unchanged: int
    corrected: int
    quarantined: int
    unlinked: int
    refused: int
    warnings: int
    reasons: dict[str, int]
    normalised: dict[str, int]
    checkpoint: CheckpointRef | None
    reading: ReadingShape


class ReasonShape(Schema):
    """A rule that a row broke, and the field it is about."""

    rule: str
    field: str = Field(description="字段编号，涉及整行时为空 / field id, empty when the whole row is meant")


class RowShape(Schema):
    """A row that was not simply stored; ``cells`` as sent, empty for refused rows (their content is not kept)."""

    row: int
    outcome: str
    reasons: list[ReasonShape]
    cells: dict[str, str]
    mended: str = Field(description="更正后的结果，未更正为空 / outcome of a successful mend, else empty")


class RowPage(Schema):
    """One page of rows; ``next`` is the cursor to send as ``after``."""

    rows: list[RowShape]
    next: str | None


class CosignedShape(Schema):
    """A witness that cosigned (见证方): the name of its key, and when."""

    name: str
    at: datetime


class CheckpointShape(Schema):
    """The signed state of the log (检查点)."""

    size: int
    root: str = Field(description="Merkle root, hex")
    note: str = Field(description="C2SP signed note (Ed25519), with the witnesses' cosignatures")
    keys: list[str] = Field(description="public keys of the log, past ones included, as verifier key lines")
    witnesses: list[CosignedShape]
    quorum: str = Field(description="none 未设见证方, reached 已达到, below 未达到")


class InclusionShape(Schema):
    """Inclusion proof (存在证明): ``path`` leads from the leaf's hash to the root of ``size`` entries; hashes are base64."""

    index: int
    size: int
    leaf: str
    leaf_hash: str
    path: list[str]
    root: str
    checkpoint: str = Field(description="the published checkpoint; it is over ``root`` where ``size`` is its own")


class ConsistencyShape(Schema):
    """Consistency proof (一致性证明) between two sizes of the log; hashes are base64."""

    old: int
    new: int
    path: list[str]
    old_root: str
    new_root: str
    checkpoint: str


class ProvenShape(Schema):
    """An entry in a proof file; ``content`` and ``nonce`` are null where fields are not public by law."""

    index: int
    leaf: str
    leaf_hash: str
    path: list[str]
    content: str | None
    nonce: str | None
    withheld: TextShape | None = None


class EarlierShape(Schema):
    """An older checkpoint and the proof that the log has only grown since."""

    checkpoint: str
    path: list[str]


class ProofShape(Schema):
    """Proof file (证明文件), see docs/reference/proofs.md; ``verify.py`` checks it offline."""

    format: str = Field(examples=["chengxin-proof-v1"])
    about: TextShape
    keys: list[str]
    witnesses: list[str]
    checkpoint: str
    entries: list[ProvenShape]
    earlier: EarlierShape | None = None


class IndexShape(Schema):
    """Where to begin."""

    name: str
    version: str
    links: dict[str, str]
