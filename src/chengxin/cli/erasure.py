"""Erasure commands (依法删除命令): two officers erase a record; backups and what they still hold."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, password, platform
from chengxin.cli.output import bar, print_json, print_pairs
from chengxin.kernel.text import Text

erase_app = typer.Typer(help="依法删除 / erase a record by order of law; two officers are needed")
backup_app = typer.Typer(help="备份 / copies of the database and what they still hold", no_args_is_help=True)
app.add_typer(erase_app, name="erase")
app.add_typer(backup_app, name="backup")

Record = Annotated[str, typer.Option(help="the record's number, 32 hexadecimal characters")]
By = Annotated[str, typer.Option(help="your user name; you are asked for its password")]


@erase_app.callback(invoke_without_command=True)
def erase(
    context: typer.Context,
    record: Record = "",
    basis: Annotated[str, typer.Option(help="law/article of the catalogue, e.g. geren-xinxi-baohu-fa/47")] = "",
    paper: Annotated[str, typer.Option(help="number of the order it follows (文号)")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """提出删除，或由第二人以同样的命令确认 / propose an erasure; a second officer confirms it with the same command."""
    if context.invoked_subcommand is not None:
        return
    for name, given in (("--record", record), ("--basis", basis), ("--by", by)):
        if not given:
            raise typer.BadParameter(f"{name} is needed", ctx=context)
    platform()
    from chengxin.operations import accounts, erasure

    officer = accounts.known(name=by, password=password())
    ordered = erasure.basis_of(basis)
    if erasure.waiting(record) is None:
        found = erasure.propose(record=record, basis=ordered, paper=paper, by=officer.user)
    else:
        erasure.confirm(record=record, basis=ordered, by=officer.user)
        with bar(Text("清除残留", "purging"), quiet=json):
            erasure.finish()
        found = erasure.of_record(record)
    (print_json if json else print_pairs)(erasure.told(found))


@erase_app.command("reject")
def reject(record: Record, by: By, json: Json = False) -> None:
    """退回一项删除 / turn a proposal down."""
    platform()
    from chengxin.operations import accounts, erasure

    officer = accounts.known(name=by, password=password())
    (print_json if json else print_pairs)(erasure.told(erasure.reject(record=record, by=officer.user)))


@erase_app.command("list")
def listing(json: Json = False) -> None:
    """列出删除及尚待完成的事项 / list erasures, what is left to do, and what a restored backup brought back."""
    platform()
    from chengxin.operations import erasure

    answer = {"erasures": [erasure.told(each) for each in erasure.listing()], "to_erase_again": erasure.lost()}
    (print_json if json else print_pairs)(answer)


@erase_app.command("finish")
def finish(json: Json = False) -> None:
    """清除残留：空闲页、上传文件、导出文件 / purge free pages, uploads and exports; safe to run again."""
    platform()
    from chengxin.operations import erasure

    with bar(Text("清除残留", "purging"), quiet=json):
        done = erasure.finish(again=True)
    (print_json if json else print_pairs)({"purged": [erasure.told(each) for each in done]})


@backup_app.command("write")
def write(folder: Annotated[Path, typer.Argument(help="folder for the copy")], json: Json = False) -> None:
    """备份数据库并登记 / copy the database while it runs, and note the copy."""
    platform()
    from chengxin.operations import backups

    _print(backups.write(folder), json)


@backup_app.command("note")
def note(file: Annotated[Path, typer.Argument(help="the backup")], json: Json = False) -> None:
    """登记用其他工具作的备份 / note a backup made with other tools."""
    platform()
    from chengxin.operations import backups

    _print(backups.note(file), json)


@backup_app.command("list")
def list_backups(json: Json = False) -> None:
    """列出备份及其仍含有的已删除内容 / list backups, and which still hold what was erased."""
    platform()
    from chengxin.operations import backups

    (print_json if json else print_pairs)({"backups": [asdict(each) for each in backups.listing()]})


@backup_app.command("destroy")
def destroy(id: Annotated[str, typer.Argument(help="the backup's id, see list")], json: Json = False) -> None:
    """销毁一份备份 / overwrite and remove a backup, and note that it is gone."""
    platform()
    from chengxin.operations import backups

    _print(backups.destroy(id), json)


def _print(backup: object, json: bool) -> None:
    values: Mapping[str, object] = asdict(backup)  # type: ignore[call-overload]
    (print_json if json else print_pairs)(values)
