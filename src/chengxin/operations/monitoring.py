"""Monitoring (日志监测): following a log of somebody else's, and keeping the evidence when it tells two stories.

Needs no platform of one's own, only a file that remembers the last head. Each look fetches the checkpoint, checks its
signature, and works out from the log's tiles that the tree only grew. What was remembered is replaced only by what holds.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger import bundle, proof, tiles
from chengxin.ledger.merkle import HASH_BYTES, TILE_WIDTH, Tree
from chengxin.ledger.verify import (
    LOG_KEY,
    Checkpoint,
    Key,
    Policy,
    leaf_hash,
    parse_checkpoint,
    parse_key,
    parse_note,
    roots_from,
)
from chengxin.operations import fetching

Fetch = Callable[[str], fetching.Reply]


class State(StrEnum):
    """What a look found (监测结果)."""

    FIRST = "first"
    UNCHANGED = "unchanged"
    GROWN = "grown"
    SPLIT = "split"  # two signed heads that contradict each other: evidence
    OLDER = "older"  # a smaller head than the one remembered
    UNSOUND = "unsound"  # signature, tiles or entries do not fit the checkpoint
    BELOW_QUORUM = "below-quorum"


SAYINGS: Mapping[State, Text] = {
    State.FIRST: Text("第一次查看，已记下检查点", "first look; the checkpoint is remembered"),
    State.UNCHANGED: Text("没有变化", "unchanged"),
    State.GROWN: Text("只有追加", "only appended to"),
    State.SPLIT: Text(
        "分叉：该日志签发了互相矛盾的两个检查点", "split view: the log signed two heads that contradict each other"
    ),
    State.OLDER: Text("给出的检查点比先前见过的小", "the head shown is smaller than one seen before"),
    State.UNSOUND: Text("日志给出的内容与检查点不符", "what the log serves does not fit its checkpoint"),
    State.BELOW_QUORUM: Text("见证方不足", "too few witnesses"),
}


@dataclass(frozen=True)
class Look:
    """One look at a log: ``note`` as shown now, ``before`` as remembered ('' at the first look), ``evidence`` a file for
    ``verify.py`` where the log contradicted itself, ``detail`` what exactly did not fit."""

    state: State
    note: str
    before: str = ""
    evidence: Mapping[str, object] | None = None
    detail: str = ""

    @property
    def sound(self) -> bool:
        return self.state in (State.FIRST, State.UNCHANGED, State.GROWN)


def look(
    url: str,
    memory: Path,
    *,
    keys: Sequence[Key] = (),
    policy: Policy | None = None,
    entries: bool = False,
    fetch: Fetch = fetching.fetch,
) -> Look:
    """Look at the log at ``url`` (the prefix below which ``checkpoint`` and ``tile/`` lie) and remember what holds.

    ``keys`` the log's public keys; without them those remembered, or those of the policy. ``entries``: new leaves are
    fetched and hashed too. Raises Refusal ``monitor.key`` when no key is known, ``monitor.unreachable`` when the log does
    not answer, ``monitor.memory`` when the file of the last look is damaged.
    """
    known, before = _remembered(memory)
    keys = list(keys) or [key for key, _ in (policy.logs if policy else ())] or known
    if not keys:
        raise _no_key(Text(url, url))
    found = _look(url.rstrip("/"), before, keys, policy, entries, fetch)
    if found.sound or found.state == State.BELOW_QUORUM:  # the log stands by it, whoever else does
        _write(memory, {"url": url, "keys": [key.line for key in keys], "note": found.note})
    elif found.evidence is not None:
        _write(evidence_file(memory, found), found.evidence)
    return found


def keys_of(lines: Sequence[str]) -> list[Key]:
    """Keys from their lines. Raises Refusal ``monitor.key`` when one is damaged."""
    try:
        return [parse_key(line) for line in lines]
    except ValueError as error:
        raise _no_key(Text(f"{error}", f"{error}")) from error


def evidence_file(memory: Path, found: Look) -> Path:
    """Where the evidence of a split view lies: beside the memory, one file for each contradicting head."""
    head = parse_checkpoint(parse_note(found.note).text)
    return memory.with_name(f"{memory.stem}.split-{head.size}-{head.root.hex()[:16]}.json")


def _look(url: str, before: str, keys: Sequence[Key], policy: Policy | None, entries: bool, fetch: Fetch) -> Look:
    text = _get(f"{url}/checkpoint", fetch).decode(errors="replace")
    try:
        note = parse_note(text)
        head = parse_checkpoint(note.text)
        if not any(note.signed(key) is not None for key in keys if (key.name, key.kind) == (head.origin, LOG_KEY)):
            raise ValueError("it is not signed by the log's key")
        cosigned = policy.cosigned(note) if policy else {}
    except ValueError as error:
        return Look(State.UNSOUND, text, before, detail=f"checkpoint: {error}")
    reader = _Tiles(url, fetch)
    last = parse_checkpoint(parse_note(before).text) if before else None
    try:
        found = _compared(head, last, text, before, reader, keys)
        if found.sound and entries:
            _hash_entries(last.size if last else 0, head, reader)
    except ValueError as error:
        return Look(State.UNSOUND, text, before, detail=str(error))
    if found.sound and policy and not policy.satisfied(set(cosigned)):
        return Look(State.BELOW_QUORUM, text, before, detail=", ".join(cosigned) or "—")
    return found


def _compared(
    head: Checkpoint, last: Checkpoint | None, text: str, before: str, reader: "_Tiles", keys: Sequence[Key]
) -> Look:
    """Hold the head against the one remembered; raises ValueError when the tiles do not fit the head."""
    if last is not None and last.origin != head.origin:
        raise ValueError(f"the log calls itself {head.origin}, before it was {last.origin}")
    if last is not None and head.size < last.size:
        return _older(head, last, text, before, reader, keys)
    if last is not None and last.size == head.size and last.root != head.root:
        return _split(before, text, [], keys, text, before)
    if head.size and proof.root(head.size, reader.of(head.size)) != head.root:
        raise ValueError("the tiles do not lead to the checkpoint's root")
    if last is None or last.size == head.size:
        return Look(State.UNCHANGED if last else State.FIRST, text, before)
    if last.size:
        path = _whole_path(last.size, head.size, reader.of(head.size))
        if roots_from(last.size, head.size, path)[0] != last.root:
            return _split(before, text, path, keys, text, before)
    return Look(State.GROWN, text, before)


def _older(head: Checkpoint, last: Checkpoint, text: str, before: str, reader: "_Tiles", keys: Sequence[Key]) -> Look:
    """A smaller head: a stale copy where it begins the tree remembered, else a split. Tiles may no longer tell."""
    try:
        path = _whole_path(head.size, last.size, reader.of(last.size))
        first, second = roots_from(head.size, last.size, path)
    except (ValueError, Refusal):
        return Look(State.OLDER, text, before, detail="the log no longer serves the larger tree")
    if second == last.root and first != head.root:
        return _split(text, before, path, keys, text, before)
    return Look(State.OLDER, text, before, detail="" if second == last.root else "the larger tree was rewritten")


def _split(first: str, second: str, path: Sequence[bytes], keys: Sequence[Key], text: str, before: str) -> Look:
    evidence = bundle.split(first=first, second=second, path=path, keys=[key.line for key in keys])
    return Look(State.SPLIT, text, before, evidence)


def _whole_path(old: int, new: int, read: Callable[[int, int], bytes]) -> list[bytes]:
    """The consistency proof with the old tree's largest perfect subtree in front, see ``verify.roots_from``."""
    path = list(proof.consistency(old, new, read))
    return path if old & (old - 1) else [proof.root(old, read), *path]


def _hash_entries(old: int, head: Checkpoint, reader: "_Tiles") -> None:
    """Fetch the leaves from ``old`` on and work out the root again; raises ValueError when it is another."""
    tree = Tree(old, reader.of(old))
    for number in range(old // TILE_WIDTH, -(-head.size // TILE_WIDTH)):
        first = number * TILE_WIDTH
        leaves = tiles.unbundle(reader.entries(number, min(TILE_WIDTH, head.size - first)))
        if len(leaves) < min(TILE_WIDTH, head.size - first):
            raise ValueError(f"entries {first} and following are not all there")
        tree.append(b"".join(leaf_hash(leaf) for leaf in leaves[max(0, old - first) : head.size - first]))
    if head.size and tree.root() != head.root:
        raise ValueError("the entries do not lead to the checkpoint's root")


class _Tiles:
    """The tiles of a log far away (C2SP tlog-tiles), each fetched once; partial ones by their width."""

    def __init__(self, url: str, fetch: Fetch) -> None:
        self._url, self._fetch = url, fetch
        self._kept: dict[tuple[int, int, int], bytes] = {}

    def of(self, size: int) -> Callable[[int, int], bytes]:
        """A reader of the tiles of the tree of ``size`` leaves."""

        def read(level: int, number: int) -> bytes:
            width = min(TILE_WIDTH, (size >> 8 * level) - number * TILE_WIDTH)
            if (level, number, width) not in self._kept:
                self._kept[level, number, width] = self._tile(str(level), number, width)[: width * HASH_BYTES]
            return self._kept[level, number, width]

        return read

    def entries(self, number: int, width: int) -> bytes:
        return self._tile("entries", number, width)

    def _tile(self, level: str, number: int, width: int) -> bytes:
        place = f"{self._url}/tile/{level}/{tiles.encode_number(number)}"
        if width == TILE_WIDTH:
            return _get(place, self._fetch)
        try:
            return _get(f"{place}.p/{width}", self._fetch)
        except Refusal:
            return _get(place, self._fetch)  # a log may drop a partial tile once the full one is there


def _get(url: str, fetch: Fetch) -> bytes:
    try:
        reply = fetch(url)
    except OSError as error:
        raise _unreachable(url, str(error)) from error
    if reply.status != 200:
        raise _unreachable(url, f"HTTP {reply.status}")
    return reply.body


def _no_key(where: Text) -> Refusal:
    return Refusal(
        "monitor.key",
        Text("不知道这个日志的公钥，或公钥写错了", "the log's public key is not known, or not written as one"),
        where=where,
        basis="C2SP signed-note",
        remedy=Text(
            "请从可信的来源取得公钥，用 --key 给出；以后会记住",
            "get it from a source you trust and give it with --key; it is remembered",
        ),
    )


def _unreachable(url: str, why: str) -> Refusal:
    return Refusal(
        "monitor.unreachable",
        Text("日志没有给出所要的内容", "the log does not serve what was asked for"),
        where=Text(f"{url}：{why}", f"{url}: {why}"),
        basis="C2SP tlog-tiles",
        remedy=Text(
            "请核对地址，稍后再试；一直如此也值得公开",
            "check the address and try again; if it stays so, that is worth telling",
        ),
    )


def _remembered(memory: Path) -> tuple[list[Key], str]:
    """Keys and note of the last look that held; none and '' before the first."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
        return [parse_key(line) for line in found["keys"]], str(found["note"])
    except FileNotFoundError:
        return [], ""
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(
            "monitor.memory",
            Text("上次查看的记录已损坏", "the memory of the last look is damaged"),
            where=Text(str(memory), str(memory)),
            remedy=Text(
                "请从备份恢复；删除它等于重新开始信任", "bring it back from a backup; deleting it means to trust anew"
            ),
        ) from error


def _write(path: Path, value: Mapping[str, object]) -> None:
    """Replace a file as a whole, durably."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
