"""Progress (进度): how far a running submission is, in a small file that the desk reads while the work goes on.

A file and not a row: the work runs in one transaction, whose rows nobody else sees before it ends.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from chengxin.kernel.text import Text

STAGES = {
    "received": Text("已收到，等待处理", "Received, waiting"),
    "reading": Text("读取文件", "Reading the file"),
    "checking": Text("逐行检查", "Checking each row"),
    "linking": Text("核对主体", "Finding the subjects"),
    "storing": Text("写入记录", "Storing the records"),
    "sealing": Text("写入日志并签名", "Writing and signing the log"),
    "done": Text("处理完毕", "Done"),
}


@dataclass(frozen=True)
class Progress:
    """``stage`` is a key of STAGES; ``done`` of ``total`` rows, 0 of 0 while the total is not known."""

    stage: str
    done: int = 0
    total: int = 0

    @property
    def words(self) -> Text:
        return STAGES.get(self.stage, Text(self.stage, self.stage))

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None


def write(submission: str, stage: str, done: int = 0, total: int = 0) -> None:
    """Note how far the submission (receipt number) is; readers see the old or the new state, never half of one."""
    path = _path(submission)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps({"stage": stage, "done": done, "total": total}))
    part.replace(path)


def read(submission: str) -> Progress:
    """The last noted progress; ``received`` when none was noted."""
    try:
        noted = json.loads(_path(submission).read_text())
    except (FileNotFoundError, ValueError):
        return Progress("received")
    return Progress(str(noted["stage"]), int(noted["done"]), int(noted["total"]))


def forget(submission: str) -> None:
    """Remove the file once the submission is over."""
    _path(submission).unlink(missing_ok=True)


def _path(submission: str) -> Path:
    return Path(settings.HOME) / "progress" / f"{submission}.json"
