"""Commands for published records (处理命令): withdraw, take down in haste, read the notices."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, password, platform
from chengxin.cli.output import print_json, print_pairs

takedown_app = typer.Typer(
    help="紧急下线 / take a mistaken publication off; a second officer looks", no_args_is_help=True
)
app.add_typer(takedown_app, name="takedown")

Record = Annotated[str, typer.Argument(help="the record's number, 32 hexadecimal characters")]
By = Annotated[str, typer.Option(help="your user name; you are asked for its password")]
Reason = Annotated[str, typer.Option(help="in a sentence")]


@app.command()
def withdraw(
    record: Record,
    source: Annotated[str, typer.Option(help="code of the source that handed it in")],
    ground: Annotated[str, typer.Option(help="变更, 撤销, 确认违法, 确认无效 or 报送错误")],
    document: Annotated[str, typer.Option(help="number of the document behind it (文号)")],
    decided_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="date of that document")],
    reason: Annotated[str, typer.Option(help="made public; without the party's name")],
    json: Json = False,
) -> None:
    """撤回一条信息并发布公告 / withdraw a record; its reasons become public. Many: chengxin submit --item xzcf-withdrawal."""
    platform()
    from chengxin.operations import withdrawal

    entered = withdrawal.withdraw(
        record=record,
        ground=ground,
        document=document,
        decided_on=decided_on.date(),
        reason=reason,
        by=source,
        officer="operator",
    )
    (print_json if json else print_pairs)(asdict(entered))


@app.command()
def notices(page: Annotated[int, typer.Option(min=1, help="fifty notices each")] = 1, json: Json = False) -> None:
    """列出撤回公告 / list the notices of withdrawal."""
    platform()
    from chengxin.operations import notices

    found = notices.notices(page)
    (print_json if json else print_pairs)({"notices": [asdict(each) for each in found.rows], "next": found.next})


@takedown_app.command("off")
def off(record: Record, by: By, reason: Reason, json: Json = False) -> None:
    """立即下线 / take the record off at once."""
    _take("take_down", record, by, reason, json)


@takedown_app.command("confirm")
def confirm(record: Record, by: By, reason: Reason, json: Json = False) -> None:
    """复核确认 / confirm a take-down, as a second officer."""
    _take("confirm", record, by, reason, json)


@takedown_app.command("undo")
def undo(record: Record, by: By, reason: Reason, json: Json = False) -> None:
    """撤销下线，恢复公示 / put the record back, as a second officer."""
    _take("put_back", record, by, reason, json)


@takedown_app.command("list")
def waiting(json: Json = False) -> None:
    """等待复核的下线和一年的统计 / take-downs that wait for the second look, and the figures of a year."""
    platform()
    from chengxin.kernel.periods import add_months, today
    from chengxin.operations import takedown

    found = [asdict(each) for each in takedown.standing_open()]
    figures = takedown.figures(add_months(today(), -12), date.max)
    (print_json if json else print_pairs)({"waiting": found, "figures": asdict(figures)})


def _take(step: str, record: str, by: str, reason: str, json: bool) -> None:
    platform()
    from chengxin.operations import accounts, takedown

    officer = takedown.officer(accounts.known(name=by, password=password()))
    entered = getattr(takedown, step)(record=record, officer=officer.user, by=officer.source, reason=reason)
    (print_json if json else print_pairs)(asdict(entered))
