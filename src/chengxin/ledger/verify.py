"""Stranger's verification (离线核验): checks a proof file of the log without the platform. One file, made to be copied.

    python verify.py proof.json --key 'name+hash+base64'

It needs Python and the package ``cryptography``, and no network. The platform checks with the same functions. Hashing is
RFC 6962; notes, keys, cosignatures and policies are those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature,
tlog-policy). Exit 0: everything holds; 1: something does not, and is named; 2: the file cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PROOF, SPLIT = "chengxin-proof-v1", "chengxin-split-v1"
LOG_KEY, WITNESS_KEY = 1, 4  # signature types of C2SP signed-note: over the text; over time and text


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that a leaf hash and its inclusion proof lead to (RFC 9162, 2.1.3.2); compare it with the checkpoint's.

    Raises ValueError when the proof has not the length that index (from 0) and size demand.
    """
    if not 0 <= index < size:
        raise ValueError(f"a log of {size} entries has no entry {index}")
    place, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if place & 1 or place == last:
            root = node_hash(step, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return root


def roots_from(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a consistency proof between sizes ``0 < old < new`` leads to (RFC 9162, 2.1.4.2).

    Here the path always begins with the largest perfect subtree of the old tree, which RFC 6962 leaves out where it is
    the whole old tree. Raises ValueError when the proof has not the length that the sizes demand.
    """
    if not 0 < old < new or not path:
        raise ValueError("a consistency proof leads from a tree to a larger one")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            raise ValueError("the proof is too long")
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return first, second


def consistent(old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> bool:
    """Whether the proof (RFC 6962, 2.1.2) shows that the new tree begins with the old one."""
    if old.size in (0, new.size):
        return not path and (old.size == 0 or old.root == new.root)
    whole = [old.root] if old.size & (old.size - 1) == 0 else []
    try:
        return roots_from(old.size, new.size, [*whole, *path]) == (old.root, new.root)
    except ValueError:
        return False


@dataclass(frozen=True)
class Key:
    """A public key (公钥): ``kind`` is LOG_KEY or WITNESS_KEY, ``line`` the whole as ``name+hash+base64``."""

    name: str
    kind: int
    public: bytes
    line: str

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


def parse_key(line: str) -> Key:
    """A key from its line; raises ValueError when it is damaged or of a kind this file does not know."""
    name, id, body = [*line.strip().split("+", 2), "", ""][:3]
    raw = _bytes(body)
    if len(raw) != 33 or raw[0] not in (LOG_KEY, WITNESS_KEY):
        raise ValueError("not an Ed25519 verifier key: name+hash+base64")
    key = Key(name, raw[0], raw[1:], line.strip())
    if key.id.hex() != id:
        raise ValueError("the verifier key's hash does not fit its key")
    return key


@dataclass(frozen=True)
class Note:
    """A signed note (签名文本): the text with its last line break, and (key name, key id, signature) of each line."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def signed(self, key: Key) -> int | None:
        """Whether this key signed: None when not, else 0 (log key) or the moment in seconds since 1970 (witness key).

        Raises ValueError when there is a line in the key's name and it does not hold.
        """
        found = [body for name, id, body in self.signatures if (name, id) == (key.name, key.id)]
        if not found:
            return None
        body, message, moment = found[0], self.text.encode(), 0
        if key.kind == WITNESS_KEY:
            moment, body = int.from_bytes(body[:8], "big"), body[8:]
            message = cosigned_message(self.text, moment)
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(body, message)
        except InvalidSignature:
            raise ValueError(f"the signature of {key.name} does not hold") from None
        return moment


def cosigned_message(text: str, moment: int) -> bytes:
    """What a witness signs (cosignature/v1): its header, the moment in seconds since 1970, the checkpoint's text."""
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def parse_note(note: str) -> Note:
    """A note taken apart; raises ValueError when it is none. Signatures are not checked here."""
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in note):
        raise ValueError("a signed note is a text, an empty line and signature lines")
    return Note(text + "\n", tuple(parse_signature(line) for line in lines[:-1].split("\n")))


def parse_signature(line: str) -> tuple[str, bytes, bytes]:
    """Key name, key id and signature of one line; raises ValueError when it is none."""
    name, separator, body = line.removeprefix("— ").partition(" ")
    raw = _bytes(body)
    if not line.startswith("— ") or not name or not separator or len(raw) < 5:
        raise ValueError("a signature line is a dash, a key name and base64")
    return name, raw[:4], raw[4:]


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint (检查点): name of the log, number of its entries, Merkle root (32 bytes)."""

    origin: str
    size: int
    root: bytes


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint a note's text states; raises ValueError when it states none."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise ValueError("a checkpoint is three lines: origin, size, root")
    root = _bytes(lines[2])
    if len(root) != 32 or (lines[1] == "0" and root != hashlib.sha256().digest()):
        raise ValueError("a checkpoint's root has 32 bytes, that of an empty log is SHA-256 of nothing")
    return Checkpoint(lines[0], int(lines[1]), root)


@dataclass(frozen=True)
class Policy:
    """Whom to believe (见证规则, C2SP tlog-policy): logs with address, witnesses by name with address, the quorum."""

    logs: tuple[tuple[Key, str], ...]
    witnesses: Mapping[str, tuple[Key, str]]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str

    def satisfied(self, cosigned: set[str]) -> bool:
        """Whether these witnesses (by name) are enough."""
        return self.quorum == "none" or self._reached(self.quorum, cosigned)

    def cosigned(self, note: Note) -> dict[str, int]:
        """Name of each witness that cosigned → moment; raises ValueError where a cosignature does not hold."""
        found = {name: note.signed(key) for name, (key, _) in self.witnesses.items()}
        return {name: moment for name, moment in found.items() if moment is not None}

    def _reached(self, name: str, cosigned: set[str]) -> bool:
        if name in self.witnesses:
            return name in cosigned
        needed, members = self.groups[name]
        return sum(self._reached(member, cosigned) for member in members) >= needed


def parse_policy(text: str) -> Policy:
    """A policy file; raises ValueError naming the line that is wrong."""
    logs: list[tuple[Key, str]] = []
    witnesses: dict[str, tuple[Key, str]] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    keys: set[bytes] = set()
    members: set[str] = set()
    quorum = ""
    for number, line in enumerate(text.split("\n"), start=1):
        kind, *words = [word for word in line.replace("\t", " ").split(" ") if word] or ["#"]
        try:
            if kind.startswith("#"):
                continue
            if kind in ("witness", "group") and (not words or words[0] in {"none", *witnesses, *groups}):
                raise ValueError("the name is missing or taken")
            if kind == "log" and len(words) in (1, 2):
                logs.append((_fresh(words[0], LOG_KEY, keys), "".join(words[1:])))
            elif kind == "witness" and len(words) in (2, 3):
                witnesses[words[0]] = (_fresh(words[1], WITNESS_KEY, keys), "".join(words[2:]))
            elif kind == "group" and len(words) >= 3:
                inside = tuple(words[2:])
                needed = {"any": 1, "all": len(inside)}.get(words[1]) or int(words[1])
                if not set(inside) <= {*witnesses, *groups} - members or not 1 <= needed <= len(set(inside)):
                    raise ValueError("a member is unknown or named twice, or more are needed than there are")
                members.update(inside)
                groups[words[0]] = needed, inside
            elif kind == "quorum" and not quorum and words[:1] and words[0] in {"none", *witnesses, *groups}:
                quorum = words[0]
            else:
                raise ValueError("not a line of a policy, or a name not known yet")
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    if not quorum:
        raise ValueError("there is no quorum line")
    return Policy(tuple(logs), witnesses, groups, quorum)


def _fresh(line: str, kind: int, keys: set[bytes]) -> Key:
    key = parse_key(line)
    if key.kind != kind or key.public in keys:
        raise ValueError("the key is of another kind or named twice")
    keys.add(key.public)
    return key


class Report:
    """What was found (核验结果): three lists of (stable id, place in the file, 中文, English)."""

    def __init__(self) -> None:
        self.held: list[tuple[str, str, str, str]] = []
        self.notes: list[tuple[str, str, str, str]] = []
        self.faults: list[tuple[str, str, str, str]] = []

    def say(self, id: str, where: str, *values: object) -> None:
        mark, zh, en = WORDS[id]
        {"✓": self.held, "!": self.notes, "✗": self.faults}[mark].append(
            (id, where, zh.format(*values), en.format(*values))
        )


class Unreadable(ValueError):
    """The file is not a proof file, or a field of it is missing or of another form."""


def check(file: Any, keys: Sequence[Key] = (), policy: Policy | None = None) -> Report:
    """Check a proof file (parsed JSON). ``keys`` are log keys known from elsewhere; without them, and without logs in
    the policy, the keys in the file are used and the report says so. Raises Unreadable."""
    report = Report()
    kind = _get(file, "format", str)
    trusted = [*keys, *(key for key, _ in policy.logs)] if policy else list(keys)
    if not trusted:
        trusted = _keys(file, "keys")
        report.say("key.own", "keys")
    if kind == SPLIT:
        _check_split(report, file, trusted)
        return report
    if kind != PROOF:
        raise Unreadable("format")
    entries, now = _get(file, "entries", list), _signed(report, file, "checkpoint", trusted)
    if not entries:
        raise Unreadable("entries")  # a file that proves nothing must not be called sound
    if now is not None:
        _check_witnesses(report, file, policy)
    for place, entry in enumerate(entries):
        _check_entry(report, entry, f"entries[{place}]", now)
    if file.get("earlier") is not None:
        earlier = _get(file, "earlier", dict)
        path, before = _hashes(earlier, "path"), _signed(report, earlier, "checkpoint", trusted, "earlier.")
        if before and now:
            same = before.origin == now.origin and consistent(before, now, path)
            report.say("earlier.kept" if same else "earlier.path", "earlier.path", before.size, now.size)
    return report


def _signed(report: Report, file: Any, name: str, keys: Sequence[Key], under: str = "") -> Checkpoint | None:
    """The checkpoint of a note that one of the keys signed; else None, and the report says what is wrong."""
    where, text = under + name, _get(file, name, str)
    try:
        note = parse_note(text)
        stated = parse_checkpoint(note.text)
    except ValueError as error:
        report.say("checkpoint.form", where, error)
        return None
    own = [key for key in keys if (key.name, key.kind) == (stated.origin, LOG_KEY)]
    fault = "checkpoint.unsigned" if own else "checkpoint.origin"
    try:
        signers = [key for key in own if note.signed(key) is not None]
    except ValueError:
        signers, fault = [], "checkpoint.signature"
    if not signers:
        report.say(fault, where, stated.origin)
        return None
    report.say("checkpoint.signed", where, stated.origin, stated.size, signers[0].line)
    return stated


def _check_witnesses(report: Report, file: Any, policy: Policy | None) -> None:
    if policy is None:
        own = {key.name: (key, "") for key in _keys(file, "witnesses")} if "witnesses" in file else {}
        policy = Policy((), own, {}, "none")
    try:
        cosigned = policy.cosigned(parse_note(file["checkpoint"]))
    except ValueError as error:
        return report.say("cosignature.signature", "checkpoint", error)
    if not policy.satisfied(set(cosigned)):
        report.say("cosignature.quorum", "checkpoint", ", ".join(cosigned) or "—")
    else:
        report.say("cosignature.held" if cosigned else "cosignature.none", "checkpoint", ", ".join(cosigned))


def _check_entry(report: Report, entry: Any, where: str, now: Checkpoint | None) -> None:
    index, leaf, path = _get(entry, "index", int), _get(entry, "leaf", str), _hashes(entry, "path")
    stated, real = _decoded(entry, "leaf_hash"), leaf_hash(leaf.encode())
    if now is not None:
        leads = [one for one in (real, stated) if _leads(index, now, one, path)]
        if not leads:
            report.say("entry.path", where, index)
        elif stated == real:
            report.say("entry.included", where, index, now.size)
        else:
            report.say("entry.leaf_hash" if real in leads else "entry.leaf", where, index)
    if stated != real:
        if now is None:
            report.say("entry.leaf", where, index)
        return  # a content cannot be held against a leaf that may not be the log's
    if entry.get("content") is None:
        return report.say("content.none", where, index)
    content, nonce = _get(entry, "content", str), _decoded(entry, "nonce", 16)
    try:
        digest = json.loads(leaf)["item"]
    except (ValueError, TypeError, KeyError):
        return report.say("entry.form", where, index)
    same = hashlib.sha256(nonce + content.encode()).hexdigest() == digest
    report.say("content.same" if same else "content.digest", where, index)


def _leads(index: int, now: Checkpoint, leaf: bytes, path: Sequence[bytes]) -> bool:
    try:
        return root_from(index, now.size, leaf, path) == now.root
    except ValueError:
        return False


def _check_split(report: Report, file: Any, keys: Sequence[Key]) -> None:
    """Two signed checkpoints that cannot both be of one tree: the same size with two roots, or a path (as for
    ``roots_from``) that leads to the second root and, for the first size, to another root than the first one's."""
    first, second = _signed(report, file, "first", keys), _signed(report, file, "second", keys)
    if first is None or second is None:
        return
    if first.size == second.size:
        split = first.root != second.root
    else:
        try:
            before, after = roots_from(first.size, second.size, _hashes(file, "path"))
            split = before != first.root and after == second.root
        except ValueError:
            split = False
    report.say("split.shown" if split and first.origin == second.origin else "split.none", "path")


def _get(file: Any, name: str, kind: type) -> Any:
    found = file.get(name) if isinstance(file, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        raise Unreadable(name)
    return found


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _decoded(file: Any, name: str, length: int = 32) -> bytes:
    try:
        found = _bytes(_get(file, name, str))
    except ValueError:
        found = b""
    if len(found) != length:
        raise Unreadable(name)
    return found


def _hashes(file: Any, name: str) -> list[bytes]:
    return [_decoded({name: each}, name) for each in _get(file, name, list)]


def _keys(file: Any, name: str) -> list[Key]:
    try:
        return [parse_key(_get({name: line}, name, str)) for line in _get(file, name, list)]
    except ValueError:
        raise Unreadable(name) from None


_WORDS = """
key.own | ! | 公钥取自文件本身：请与另外得到的公钥对照，或用 --key 给出 | the log's key was taken from the file itself: compare it with one from elsewhere, or give --key
checkpoint.form | ✗ | 检查点无法读取：{} | the checkpoint cannot be read: {}
checkpoint.origin | ✗ | 检查点属于日志 {}，没有它的可信公钥 | the checkpoint is of log {}: no trusted key for it
checkpoint.signature | ✗ | 检查点被改动：签名与公钥不符 | the checkpoint was changed: its signature does not fit the key
checkpoint.unsigned | ✗ | 检查点没有可信公钥的签名 | the checkpoint carries no signature by a trusted key
checkpoint.signed | ✓ | 检查点签名有效：日志 {}，共 {} 条，公钥 {} | the checkpoint's signature holds: log {}, {} entries, key {}
cosignature.signature | ✗ | 见证签名不成立：{} | a cosignature does not hold: {}
cosignature.quorum | ✗ | 见证方不足：只有 {} | too few witnesses: only {}
cosignature.held | ✓ | 见证方已签名：{} | cosigned by: {}
cosignature.none | ! | 没有见证签名可核对 | there was no cosignature to check
entry.included | ✓ | 条目 {} 在日志中（日志共 {} 条） | entry {} stands in the log (of {} entries)
entry.leaf_hash | ✗ | 条目 {}：所记的条目哈希被改动 | entry {}: the leaf hash the file states was changed
entry.leaf | ✗ | 条目 {}：条目被改动 | entry {}: the leaf was changed
entry.path | ✗ | 条目 {}：条目号或路径被改动，得不到检查点的根 | entry {}: its number or path was changed and does not lead to the checkpoint's root
entry.form | ✗ | 条目 {}：条目没有内容指纹 | entry {}: the leaf states no digest of an item
content.none | ! | 条目 {}：文件不含内容，只核对了条目 | entry {}: no content in the file; only the leaf was checked
content.same | ✓ | 条目 {}：内容与条目的指纹一致 | entry {}: the content fits the leaf's digest
content.digest | ✗ | 条目 {}：内容或随机数被改动 | entry {}: the content or its nonce was changed
earlier.kept | ✓ | 大小为 {} 的日志是大小为 {} 的日志的开头，其间只有追加 | the log of {} entries is the beginning of the log of {}: it was only appended to
earlier.path | ✗ | 不能证明大小为 {} 的日志是大小为 {} 的日志的开头：路径被改动，或日志被改写 | the log of {} entries is not shown to be the beginning of the log of {}: the path was changed, or the log rewritten
split.shown | ✓ | 证据成立：该日志签发了互相矛盾的两个检查点 | the evidence holds: this log signed two checkpoints that contradict each other
split.none | ✗ | 没有证明两个检查点互相矛盾 | the two checkpoints are not shown to contradict each other
"""
WORDS = {id: words for id, *words in (line.split(" | ") for line in _WORDS.strip().split("\n"))}
"""Stable id → mark (✓ held, ! to note, ✗ fault), 中文, English."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of this file."""
    told = argparse.ArgumentParser(prog="verify.py", description="核验证明文件 / verify a proof file, offline")
    told.add_argument("file", help="证明文件 / the proof file (JSON); - : standard input")
    told.add_argument("--key", action="append", default=[], help="日志公钥 / the log's public key; repeatable")
    told.add_argument("--policy", help="见证规则文件 / policy file (C2SP tlog-policy): logs, witnesses, quorum")
    told.add_argument("--lang", choices=["zh", "en"], help="语言 / language of the report")
    told.add_argument("--json", action="store_true", help="以 JSON 输出 / print one JSON object")
    given = told.parse_args(arguments)
    language = given.lang or ("en" if os.environ.get("LANG", "zh").lower().startswith(("en", "c", "posix")) else "zh")
    try:
        policy = parse_policy(_read(given.policy)) if given.policy else None
        report = check(json.loads(_read(given.file)), [parse_key(line) for line in given.key], policy)
    except Unreadable as error:
        print(f"✗ 证明文件无法读取，有误的字段：{error} / not a proof file; wrong field: {error}", file=sys.stderr)
        return 2
    except (OSError, ValueError, RecursionError) as error:
        print(f"✗ 无法读取 / cannot be read: {error}", file=sys.stderr)
        return 2
    sound = not report.faults
    if given.json:
        names = ("id", "where", "zh", "en")
        lines = {part: [dict(zip(names, each)) for each in found] for part, found in vars(report).items()}  # noqa: B905
        print(json.dumps({"sound": sound, **lines}, ensure_ascii=False))
    else:
        for mark, found in (("✓", report.held), ("!", report.notes), ("✗", report.faults)):
            for _, _, zh, en in found:
                print(mark, zh if language == "zh" else en)
        print(("结论：成立" if sound else "结论：不成立") if language == "zh" else ("sound" if sound else "NOT sound"))
    return 0 if sound else 1


def _read(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    sys.exit(main())
