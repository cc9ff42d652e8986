"""Ledger commands (账本命令): verify the log, rebuild every projection."""

from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import DONE, SOME_ROWS, bar, print_json, print_pairs
from chengxin.kernel.text import Text

log_app = typer.Typer(help="透明日志 / the transparency log", no_args_is_help=True)
app.add_typer(log_app, name="log")


@log_app.command("verify")
def verify(
    against: Annotated[
        list[Path] | None, typer.Option(help="a checkpoint of this log that somebody else kept; may be given again")
    ] = None,
    json: Json = False,
) -> None:
    """逐条核验日志 / check every entry, item, tile and checkpoint; exit 1 names what is wrong and what to do."""
    platform()
    from chengxin.operations.audit import verify_log

    with bar(Text("核验日志", "verifying the log"), quiet=json) as progress:
        found = verify_log(lambda done, total: progress("", done, total), against=against or ())
    (print_json if json else print_pairs)(found)
    raise typer.Exit(DONE if found["sound"] else SOME_ROWS)


@log_app.command("tiles")
def tiles(json: Json = False) -> None:
    """按条目重写哈希块 / write every full tile anew from the entries, where one was lost or changed."""
    platform()
    from chengxin.operations.logtiles import restore

    with bar(Text("重写哈希块", "writing tiles"), quiet=json) as progress:
        found = restore(lambda done, total: progress("", done, total))
    (print_json if json else print_pairs)(found)


@app.command()
def rebuild(
    new_catalogue: Annotated[
        bool, typer.Option("--new-catalogue", help="the catalogue was changed on purpose: compute windows under it")
    ] = False,
    json: Json = False,
) -> None:
    """用账本重建所有查询表并比对 / rebuild every projection from the ledger and compare; exit 1 where one differed."""
    platform()
    from chengxin.operations.rebuild import rebuild

    with bar(Text("重建", "rebuilding"), quiet=json) as progress:
        found = rebuild(lambda done, total: progress("", done, total), new_catalogue=new_catalogue)
    (print_json if json else print_pairs)(found)
    raise typer.Exit(DONE if found["equal"] else SOME_ROWS)
