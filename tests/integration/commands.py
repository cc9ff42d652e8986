"""The command line as a clerk meets it: what was printed where, and the exit code."""

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from chengxin.cli import main


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        return json.loads(self.out)


def chengxin(*arguments: str) -> Done:
    """Run ``chengxin …`` in this process, from the outermost function on."""
    out, err = io.StringIO(), io.StringIO()
    spoken = patch.dict(os.environ, CHENGXIN_LANG="zh")
    with spoken, patch.object(sys, "argv", ["chengxin", *arguments]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            return Done(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("the command did not end")
