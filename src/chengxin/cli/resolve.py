"""Resolve commands (主体解析命令): which subjects a file's names and codes mean; judged pairs as training data."""

from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import DONE, SOME_ROWS, bar, print_json, print_pairs
from chengxin.kernel.text import Text

judgements_app = typer.Typer(help="人工判断 / judgements about unlinked rows", no_args_is_help=True)
app.add_typer(judgements_app, name="judgements")


@app.command()
def resolve(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON, NDJSON or Parquet")],
    name: Annotated[str, typer.Option(help="header of the column with names")] = "",
    code: Annotated[str, typer.Option(help="header of the column with codes")] = "",
    out: Annotated[Path | None, typer.Option(help="write the answers: .csv, .ndjson or .parquet")] = None,
    sheet: Annotated[str | None, typer.Option(help="sheet of a workbook, or path of the array in a JSON file")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="candidates for a row that is not decided")] = 5,
    json: Json = False,
) -> None:
    """逐行说明文件中的名称和代码是哪个主体 / say which subject each row means; exit 1 where any is open."""
    platform()
    from chengxin.operations.resolve_file import resolve_file

    with bar(Text(f"解析 {file.name}", f"resolving {file.name}"), quiet=json) as progress:
        found = resolve_file(path=file, name=name, code=code, out=out, sheet=sheet, limit=limit, progress=progress)
    (print_json if json else print_pairs)(found)
    raise typer.Exit(DONE if found["clear"] else SOME_ROWS)


@judgements_app.command("export")
def export_judgements(
    out: Annotated[Path, typer.Option(help="file to write: .csv, .ndjson or .parquet")], json: Json = False
) -> None:
    """导出人工判断，供训练和测试 / write the judged pairs as training and test data."""
    platform()
    from chengxin.operations.judged import write_training

    (print_json if json else print_pairs)({"pairs": write_training(out), "file": str(out)})
