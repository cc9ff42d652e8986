"""Intake commands (报送命令): hand a file in, fill the subject base, know the sources."""

from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import DONE, SOME_ROWS, bar, messages, print_json, print_pairs, say
from chengxin.cli.receipt import tell_of_reading
from chengxin.kernel.text import Text
from chengxin.records.model import REGISTRATION

subjects_app = typer.Typer(help="主体库 / the subject base", no_args_is_help=True)
sources_app = typer.Typer(help="报送单位 / sources that may submit", no_args_is_help=True)
app.add_typer(subjects_app, name="subjects")
app.add_typer(sources_app, name="sources")

File = Annotated[Path, typer.Argument(help="CSV, XLSX, JSON, NDJSON or Parquet")]
Mapping = Annotated[Path | None, typer.Option(help="YAML that maps a foreign layout")]
Sheet = Annotated[str | None, typer.Option(help="sheet of a workbook, or path of the array in a JSON file")]


@app.command()
def submit(
    file: File,
    item: Annotated[str, typer.Option(help="catalogue item, for example xzcf or xzxk")],
    source: Annotated[str, typer.Option(help="code of the organisation that submits")],
    mapping: Mapping = None,
    sheet: Sheet = None,
    introduce_subjects: Annotated[
        bool | None,
        typer.Option("--introduce-subjects/--no-introduce-subjects", help="default: what the source is trusted with"),
    ] = None,
    parent: Annotated[
        str | None,
        typer.Option(help="receipt whose rows this file mends; default: the one its column 回执号 names"),
    ] = None,
    json: Json = False,
) -> None:
    """报送一个文件，逐行给出结果 / hand in a file; every row is accounted for."""
    platform()
    _submit(file, item, source, mapping, sheet, introduce_subjects, json, parent)


@subjects_app.command("import")
def import_subjects(
    file: File,
    mapping: Mapping = None,
    sheet: Sheet = None,
    source: Annotated[str, typer.Option(help="code of the registering body; default: CHENGXIN_OPERATOR")] = "",
    json: Json = False,
) -> None:
    """导入登记信息，建立或更新主体库 / fill or update the subject base from a register."""
    platform()
    from chengxin.operations import sources

    _submit(file, REGISTRATION, source or sources.operator(), mapping, sheet, None, json)


def _submit(
    file: Path,
    item: str,
    source: str,
    mapping: Path | None,
    sheet: str | None,
    introduce: bool | None,
    json: bool,
    parent: str | None = None,
) -> None:
    from chengxin.operations import sources
    from chengxin.operations.mending import settle
    from chengxin.operations.submit import open_file, submit

    for told in sources.ensure(source):
        messages.print(f"  {say(told)}")
    with bar(Text(f"报送 {file.name}", f"submitting {file.name}"), quiet=json) as progress:
        receipt = submit(
            path=file,
            item=item,
            source=source,
            mapping=mapping,
            sheet=sheet,
            introduce=introduce,
            parent=parent,
            by="cli",
            progress=progress,
        )
    if receipt.parent:
        with open_file(file) as data:
            back = settle(receipt.submission, data)
        messages.print(f"  {say(_came_back(receipt.parent, back))}")
    answer = receipt.to_dict()
    tell_of_reading(receipt.reading)
    if json:
        print_json(answer)
    else:
        # the numbers are what a person looks for; how every column was read is long and stands on the receipt
        print_pairs({key: value for key, value in answer.items() if key != "reading"})
    raise typer.Exit(DONE if receipt.clean else SOME_ROWS)


def _came_back(parent: str, rows: int) -> Text:
    return Text(
        f"回执 {parent}：{rows} 行随本文件报回，不再在该回执上等待",
        f"receipt {parent}: {rows} of its rows came back with this file and wait there no longer",
    )


@sources_app.command("add")
def add_source(
    code: Annotated[str, typer.Argument(help="unified social credit code of the source")],
    name: Annotated[str, typer.Argument(help="its full name")],
    may_introduce: Annotated[bool, typer.Option(help="trust it to introduce subjects the base does not know")] = False,
) -> None:
    """登记报送单位 / register a source."""
    platform()
    from chengxin.operations.accounts import register_source

    register_source(code=code, name=name, may_introduce=may_introduce)


@sources_app.command("list")
def list_sources(json: Json = False) -> None:
    """列出报送单位 / list the sources."""
    platform()
    from chengxin.storage.models import Source

    found = [
        {"code": each.code, "name": each.name, "may_introduce": each.may_introduce}
        for each in Source.objects.order_by("code")
    ]
    (print_json if json else print_pairs)({"sources": found})
