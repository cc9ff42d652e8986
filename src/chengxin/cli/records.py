"""Record commands (查询命令): subjects, search, records on a day, open data."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import bar, print_json, print_pairs
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as of this day; default today in China")]


def _day(given: datetime | None) -> date:
    from chengxin.kernel.periods import today

    return given.date() if given else today()


@app.command()
def subject(
    code: Annotated[str, typer.Argument(help="any code of the subject")], on: Day = None, json: Json = False
) -> None:
    """查看主体及其公示中的信息 / show a subject and what is public about it."""
    platform()
    from chengxin.operations import lookup

    found = lookup.subject(code)
    if found is None:
        raise Refusal(
            "subject.unknown",
            Text(f"主体库中没有代码 {code}", f"the subject base has no code {code}"),
            remedy=Text("请核对代码，或用 chengxin search 按名称查找", "check the code, or use chengxin search"),
        )
    day = _day(on)
    page = lookup.records(found, on=day, limit=1000)
    answer = asdict(found) | {"on": day.isoformat(), "records": [_told(each) for each in page.rows], "more": page.next}
    (print_json if json else print_pairs)(answer)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="name, part of one, initials or code")], json: Json = False
) -> None:
    """按名称、部分名称、拼音首字母或代码查找主体 / find a subject."""
    platform()
    from chengxin.operations.search import search

    found = search(text)
    (print_json if json else print_pairs)(asdict(found))


@app.command()
def record(
    id: Annotated[str, typer.Argument(help="record id, 32 hexadecimal characters")], on: Day = None, json: Json = False
) -> None:
    """查看一条信息在某日的公示状态 / show a record as it is public on a day."""
    platform()
    from chengxin.operations import lookup

    day = _day(on)
    found = lookup.record(id, on=day)
    if found is None:
        raise Refusal(
            "record.not-public",
            Text(f"{day} 没有编号为 {id} 的公示信息", f"no record {id} is public on {day}"),
            remedy=Text("可能已停止公示，或编号有误", "its publication may have ended, or the id is wrong"),
        )
    (print_json if json else print_pairs)(_told(found) | {"on": day.isoformat()})


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="folder to write into")],
    format: Annotated[str, typer.Option(help="parquet, csv or ndjson")] = "parquet",
    on: Day = None,
    json: Json = False,
) -> None:
    """导出当日公示的全部信息 / write everything that is public on a day."""
    platform()
    from chengxin.operations import export

    with bar(Text("导出", "exporting"), quiet=json):
        written = export.write(out, format, _day(on))
    (print_json if json else print_pairs)({"files": [str(path) for path in written]})


def _told(record: object) -> dict[str, object]:
    return asdict(record)  # type: ignore[call-overload, no-any-return]
