"""Withdrawal set commands (撤回集命令): publish it; check a list against it offline."""

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import DONE, SOME_ROWS, print_json, print_pairs

withdrawn_app = typer.Typer(help="撤回集 / the set of records that may no longer be shown", no_args_is_help=True)
app.add_typer(withdrawn_app, name="withdrawn")


@withdrawn_app.command("publish")
def publish(full: Annotated[bool, typer.Option(help="a new full file")] = False, json: Json = False) -> None:
    """发布增量或全量 / publish what changed, or a full file; the worker does it every six hours."""
    platform()
    from chengxin.operations import withdrawn

    made = withdrawn.publish(full=full)
    (print_json if json else print_pairs)(asdict(made) if made else {"published": None})


@withdrawn_app.command("check")
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="with a column withdrawal_key")],
    set: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="the full file")],
    delta: Annotated[list[Path] | None, typer.Option(help="every delta since, in any order")] = None,
    list: Annotated[Path | None, typer.Option(help="the answer of /api/v1/withdrawn, to check signatures with")] = None,
    key: Annotated[str, typer.Option(help="the log's key as name+hash+base64")] = "",
    json: Json = False,
) -> None:
    """离线核对，不连网也不需要平台 / check a list offline. A hit is a reason to ask the platform, not to act. Exit 1 if any."""
    from chengxin.operations import withdrawn_check

    full, deltas = set.read_bytes(), [each.read_bytes() for each in delta or []]
    if list is not None:
        withdrawn_check.verified(json_module.loads(list.read_text()), key, [full, *deltas])
    with file.open("rb") as data:
        found = withdrawn_check.check(data, file.name, full, deltas)
    (print_json if json else print_pairs)(asdict(found))
    raise typer.Exit(SOME_ROWS if found.hits else DONE)
