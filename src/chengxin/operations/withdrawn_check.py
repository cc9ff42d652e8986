"""Offline check (撤回核对): which records of a list are in the withdrawal set, without a platform or a network.

A hit says: ask the platform about this record now (``/api/v1/records/…`` or ``chengxin agency check``); nobody acts on a hit
alone. No hit means no act has ended the record up to the entry the last file covers.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from chengxin.disclosure import withdrawn_delta
from chengxin.disclosure.withdrawn import Keys, WithdrawalSet, as_keys
from chengxin.disclosure.withdrawn_delta import Delta
from chengxin.intake import formats
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.ledger import verify

COLUMN = "withdrawal_key"
_WRITTEN = r"^(?P<key>[0-9a-f]{32})\.(?P<first>[0-9]{1,18})\.(?P<block>.+/[^/]+)$"


@dataclass(frozen=True)
class Result:
    """What was found (核对结果): rows asked, row numbers that hit, entry up to which the files tell."""

    asked: int
    hits: Sequence[int]
    until: int


def check(data: BinaryIO, name: str, full: bytes, deltas: Sequence[bytes] = ()) -> Result:
    """Check a file with a column ``withdrawal_key``.

    Raises Refusal ``withdrawn.files`` when the set's files do not belong together, ``withdrawn.key``, ``file.…``.
    """
    numbers, asked, firsts, blocks = _read(data, name)
    try:
        held = WithdrawalSet.from_bytes(full)
        later = [Delta.from_bytes(each) for each in deltas]
        size = int(held.about["size"])
        # the set knows the records stated before it was made; of later ones only deltas tell
        answer = held.holds(asked, blocks) & (firsts < size)
        answer = withdrawn_delta.apply(answer, asked, later, size)
    except (ValueError, KeyError) as error:
        raise _files(str(error)) from None
    hits = [numbers[place] for place in np.flatnonzero(answer)]
    return Result(len(numbers), hits, max([size, *(each.until for each in later)]))


def verified(listed: Mapping[str, Any], key: str, files: Sequence[bytes]) -> None:
    """That each file is one of the list (as /api/v1/withdrawn gave it) and that its note is signed by the log's key.

    Raises Refusal ``withdrawn.files``.
    """
    known, trusted = {each["digest"]: each for each in listed["files"]}, verify.parse_key(key)
    for data in files:
        digest = hashlib.sha256(data)
        entry = known.get(digest.hexdigest())
        if entry is None:
            raise _files("a file is not in the list")
        try:
            note = verify.parse_note(entry["note"])
            told = verify.parse_checkpoint(note.text)
            signed = note.signed(trusted) is not None
        except ValueError as error:
            raise _files(str(error)) from None
        if (
            not signed
            or not told.origin.endswith("/withdrawn")
            or (told.size, told.root) != (len(data), digest.digest())
        ):
            raise _files("a note is not signed by this key, or speaks of another file")


def _read(data: BinaryIO, name: str) -> tuple[list[int], Keys, npt.NDArray[np.int64], list[str]]:
    """Row numbers, keys, numbers of first entries and blocks."""
    reading = formats.open_source(data, name, known=lambda text: text.strip() == COLUMN)
    place = 1 + [text.strip() for text in reading.columns].index(COLUMN)
    numbers: list[int] = []
    keys: list[bytes] = []
    firsts: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
    blocks: list[str] = []
    for batch in reading.batches():
        parts = pc.extract_regex(pc.fill_null(batch.column(place), ""), _WRITTEN)
        rows = batch.column(0).to_pylist()
        if parts.null_count:
            raise _no_key(rows[pc.index(pc.is_null(parts), True).as_py()])
        key, first, block = (part.to_pylist() for part in parts.flatten())
        numbers += rows
        keys.append(bytes.fromhex("".join(key)))
        firsts.append(np.array(first, np.int64))
        blocks += block
    return numbers, as_keys(keys), np.concatenate(firsts), blocks


def _no_key(row: int) -> Refusal:
    return Refusal(
        "withdrawn.key",
        Text("撤回键写法不对", "a withdrawal key is not written as one"),
        where=Text(f"第 {row} 行", f"row {row}"),
        remedy=Text("请原样使用交付信息中的 withdrawal_key", "use withdrawal_key as it was delivered"),
    )


def _files(why: str) -> Refusal:
    return Refusal(
        "withdrawn.files",
        Text(
            "撤回集文件损坏、缺少一份或者不成套",
            "files of the withdrawal set are damaged, missing or of different sets",
        ),
        where=Text(why, why),
        remedy=Text(
            "请按 /api/v1/withdrawn 的清单重新下载全部文件", "download all files in the list of /api/v1/withdrawn again"
        ),
    )
