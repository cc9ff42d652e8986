"""Command line (命令行): ``chengxin …``. Exit 0 done, 1 some rows need a person, 2 the whole file refused, 3 broken."""

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn

import typer

from chengxin.cli.output import exit_code, print_json, print_refusal
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.storage import space

INTERRUPTED = 130
"""What Typer makes of Ctrl-C in a command, as shells do."""


def main() -> None:
    """Run a command; every refusal explains itself, everything else is a fault of ours and says where to look."""
    from chengxin.cli import (  # noqa: F401  (they register commands)
        acts,
        authorisations,
        cases,
        catalogue,
        demo,
        erasure,
        intake,
        ledger,
        logkey,
        receipt,
        recipients,
        records,
        registry,
        resolve,
        service,
        withdrawn,
        witness,
    )
    from chengxin.cli.app import app

    try:
        code = app(standalone_mode=False)
    except Refusal as refusal:
        _end(refusal)
    except typer.TyperException as error:
        _end(_misused(error), show=getattr(error, "show", None))  # a wrong call shows its usage
    except (typer.Abort, KeyboardInterrupt):
        _end(_interrupted())
    except Exception as error:
        if os.environ.get("CHENGXIN_DEBUG") == "1":
            raise
        _end(space.refusal(error, os.environ.get("CHENGXIN_HOME", "./var")) or _failure(error))
    if code == INTERRUPTED:
        _end(_interrupted())
    sys.exit(code or 0)


def _end(refusal: Refusal, show: Callable[[], None] | None = None) -> NoReturn:
    """Say why nothing was done, to a person and, where asked for, as the one JSON object; exit as the rule says."""
    if "--json" in sys.argv:
        kept = {"submission": refusal.receipt} if refusal.receipt else {}
        print_json({"refusal": refusal.to_dict(), **kept})
    (show or partial(print_refusal, refusal))()
    sys.exit(exit_code(refusal.rule))


def _misused(error: typer.TyperException) -> Refusal:
    said = getattr(error, "format_message", error.__str__)()
    return Refusal(
        "command.usage",
        Text(f"命令写法不对：{said}", f"this is not how the command is written: {said}"),
        basis="docs/reference/cli.md",
        remedy=Text("加上 --help 可查看用法", "--help shows how"),
    )


def _interrupted() -> Refusal:
    return Refusal("platform.interrupted", Text("已中断", "interrupted"))


def _failure(error: Exception) -> Refusal:
    said = f"{type(error).__name__}: {error}"
    return Refusal(
        "platform.failure",
        Text(f"平台出错：{said}", f"the platform failed: {said}"),
        remedy=Text("设置 CHENGXIN_DEBUG=1 可查看出错位置", "CHENGXIN_DEBUG=1 shows where"),
    )
