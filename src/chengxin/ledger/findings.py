"""Findings of an audit (核验发现): what is not as it was written, where, in which batch, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chengxin.kernel.text import Text

MOST = 1000
"""Findings kept; whoever rewrote more than that is told by the count."""

_FROM_BACKUP = Text(
    "从备份中取回原内容，放回后重新核验；摘要相符才是原件",
    "bring it back from a backup and verify again: only the original fits the digest",
)
_WRITE_TILES = Text(
    "哈希块由条目算出，条目无误：运行 chengxin log tiles 重写",
    "the entries are right and tiles follow from them: run chengxin log tiles",
)
_INVESTIGATE = Text(
    "停止写入，保全数据库和服务器日志；与见证方、回执和他人手中的检查点逐一比对",
    "stop writing, keep database and server logs as evidence, compare with witnesses, receipts and others' checkpoints",
)

KINDS: Mapping[str, tuple[Text, Text]] = {
    "item.changed": (
        Text(
            "内容或随机数被改动，与条目的摘要不符", "content or nonce was changed: it does not fit the entry's digest"
        ),
        _FROM_BACKUP,
    ),
    "item.missing": (
        Text("条目的内容不在了，也没有删除记录说明", "the entry's item is gone, and no erasure accounts for it"),
        _FROM_BACKUP,
    ),
    "item.returned": (
        Text("已依法删除的内容又出现了", "content that was erased by law is there again"),
        Text("运行 chengxin erase finish 再次删除，并查明来源", "run chengxin erase finish again and find out how"),
    ),
    "erasure.unfounded": (
        Text("删除没有对应的删除条目", "an item was erased without an entry that orders it"),
        _INVESTIGATE,
    ),
    "entry.changed": (
        Text(
            "条目的摘要被改动，不是签入日志的那一个",
            "the entry's digest was changed: it is not the one that was signed",
        ),
        _FROM_BACKUP,
    ),
    "entry.missing": (Text("缺少条目", "the entry is missing"), _FROM_BACKUP),
    "entry.loose": (
        Text("有内容或条目不属于任何批次", "items or entries that belong to no batch"),
        Text(
            "它们没有签名，不是日志的一部分；查明来源后删除",
            "they were never signed and are no part of the log; find out whence they came and remove them",
        ),
    ),
    "batch.changed": (
        Text("批次的编号、时间、单位或目录被改动", "the batch's number, time, organisation or catalogue was changed"),
        _FROM_BACKUP,
    ),
    "batch.missing": (Text("这些条目的批次不在了", "the batch of these entries is gone"), _FROM_BACKUP),
    "batch.repeated": (
        Text("批次声称的条目已属于前一批次", "the batch claims entries that belong to the one before"),
        _INVESTIGATE,
    ),
    "batch.sequence": (
        Text(
            "批次记载的起点或条数与签名的检查点不一致",
            "first entry or size of the batch is not what its checkpoint states",
        ),
        _FROM_BACKUP,
    ),
    "batch.root": (
        Text("批次记载的根与签名的检查点不一致", "the root the batch states is not the one its checkpoint states"),
        _FROM_BACKUP,
    ),
    "batch.rewritten": (
        Text(
            "条目与哈希块都算不出签名的根：这一批被整体改写",
            "neither entries nor tiles lead to the signed root: this batch was rewritten",
        ),
        _INVESTIGATE,
    ),
    "checkpoint.signature": (
        Text("检查点的签名或格式不对", "the checkpoint's signature or form does not hold"),
        _FROM_BACKUP,
    ),
    "checkpoint.content": (
        Text("检查点签的是另一个日志或另一批次", "the checkpoint was signed for another log or another batch"),
        _FROM_BACKUP,
    ),
    "tile.changed": (
        Text("存储的哈希块与按条目重算的不一致", "the stored tile is not the one worked out from the entries"),
        _WRITE_TILES,
    ),
    "log.behind": (
        Text(
            "日志比已签出的检查点短：数据库被换成了旧备份，或末尾被删",
            "the log is shorter than a checkpoint it has signed: an old backup was restored, or its end was cut off",
        ),
        Text(
            "不要再写入（会分叉）；换回最新的数据库，再次核验",
            "append nothing (it would fork the log); put the latest database back and verify again",
        ),
    ),
    "log.forked": (
        Text(
            "日志在此处与已签出的检查点不同：有两段互相矛盾的历史",
            "the log differs here from a checkpoint it has signed: there are two histories",
        ),
        _INVESTIGATE,
    ),
}


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written: ``kind`` of KINDS; ``where`` an entry, a range of them, a tile, a batch,
    a table or a checkpoint; ``batch`` the receipt number it belongs to, empty where it has none."""

    kind: str
    where: str
    batch: str = ""

    def to_dict(self) -> Mapping[str, object]:
        what, remedy = KINDS[self.kind]
        return {
            "kind": self.kind,
            "where": self.where,
            "batch": self.batch,
            "message": what.to_dict(),
            "remedy": remedy.to_dict(),
        }


@dataclass
class Findings:
    """All findings of one audit (核验结果), neighbours of one kind as one range; ``count`` also has those not kept."""

    found: list[Finding] = field(default_factory=list)
    count: int = 0
    _run: tuple[str, str, int, int] | None = None

    def add(self, kind: str, where: str, batch: str = "") -> None:
        """Note one finding."""
        self._run = None
        self._keep(Finding(kind, where, batch))

    def entry(self, kind: str, seq: int, batch: str) -> None:
        """Note a finding about one entry; entries in a row become one finding."""
        if self._run is not None and self._run[:2] == (kind, batch) and self._run[3] + 1 == seq:
            first = self._run[2]
            self.found[-1] = Finding(kind, f"{first}–{seq}", batch)
            self._run = (kind, batch, first, seq)
            return
        self._run = (kind, batch, seq, seq) if self._keep(Finding(kind, str(seq), batch)) else None

    def _keep(self, finding: Finding) -> bool:
        self.count += 1
        if len(self.found) >= MOST:
            return False
        self.found.append(finding)
        return True
