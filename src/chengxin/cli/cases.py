"""Case commands (办件命令): begin, look at and decide cases, run the clock, figures."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chengxin.cli.app import Json, app, password, platform
from chengxin.cli.output import print_json, print_pairs, say

if TYPE_CHECKING:
    from chengxin.cases.model import Actor
    from chengxin.operations.attachments import Given

cases_app = typer.Typer(help="办件：信用修复、异议、重整、撤销 / cases: repair, objection, restructuring, revocation")
app.add_typer(cases_app, name="cases")

User = Annotated[str, typer.Option("--as", help="desk user on whose behalf this is done")]
Decider = Annotated[str, typer.Option("--as", help="your user name; you are asked for its password")]
Papers = Annotated[list[str] | None, typer.Option("--paper", help="PAPER=FILE; may be given several times")]


@cases_app.command("explain")
def explain(
    record: Annotated[str, typer.Argument(help="record id, 32 hexadecimal characters")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as of this day; default today")] = None,
    json: Json = False,
) -> None:
    """能否修复、何时起、凭什么 / whether a record can be repaired, from when, under which article."""
    platform()
    from chengxin.operations import repair

    told = repair.explain(record, day=on.date() if on else None)
    found = told.eligibility
    answer = {
        "state": found.state,
        "since": found.since,
        "ends": found.ends,
        "says": say(found.says),
        "basis": say(found.cited),
        "papers": [say(paper.title) for paper in told.papers],
        "running": told.running,
    }
    (print_json if json else print_pairs)(answer)


@cases_app.command("start")
def start(
    kind: Annotated[str, typer.Argument(help="repair, objection, restructuring or revocation")],
    about: Annotated[str, typer.Argument(help="record id, or the subject's code for a restructuring")],
    user: Decider,
    statement: Annotated[str, typer.Option(help="what the applicant says")] = "",
    ground: Annotated[str, typer.Option(help="one of the listed reasons")] = "",
    paper: Papers = None,
    json: Json = False,
) -> None:
    """登记一件 / begin a case for the organisation at the counter, or of one's own motion."""
    platform()
    from chengxin.operations import cases, matters

    subject = matters.subject_of(about) if len(about) != 32 else ""
    taken = cases.start(
        kind=kind,
        actor=_actor(user),
        record="" if subject else about,
        subject=subject,
        statement=statement,
        ground=ground,
        files=_files(paper),
    )
    (print_json if json else print_pairs)(asdict(taken))


@cases_app.command("list")
def listing(
    user: User,
    view: Annotated[str, typer.Argument(help="todo, second, overdue, mine, all or done")] = "todo",
    after: Annotated[str, typer.Option(help="cursor of the page before")] = "",
    json: Json = False,
) -> None:
    """办件列表，最急的在前 / cases, the most urgent first."""
    platform()
    from chengxin.operations import accounts, caselists

    page = caselists.listing(accounts.principal_named(user), view, after=after)
    lines = [
        {"id": row.id, "name": row.name, "document": row.document, "state": row.state, "due": row.due}
        for row in page.rows
    ]
    (print_json if json else print_pairs)({"cases": lines, "next": page.next})


@cases_app.command("step")
def step(
    step: Annotated[str, typer.Argument(help="accept, propose-grant, grant, …")],
    numbers: Annotated[list[str], typer.Argument(help="case numbers; @FILE reads one a line")],
    user: Decider,
    reason: Annotated[str, typer.Option(help="facts and reason, told in the letter")] = "",
    ground: Annotated[str, typer.Option(help="one of the listed reasons")] = "",
    paper: Papers = None,
    json: Json = False,
) -> None:
    """办理一步，可以成批；要么全部办理，要么一件也不办 / take a step in one case or many, all or none."""
    platform()
    from chengxin.operations import cases

    wanted = [line for each in numbers for line in _lines(each)]
    taken = cases.step_many(
        numbers=wanted, step=step, actor=_actor(user), reason=reason, ground=ground, files=_files(paper)
    )
    (print_json if json else print_pairs)({"cases": [asdict(each) for each in taken]})


@cases_app.command("clock")
def clock(json: Json = False) -> None:
    """到期提醒、超期上报、逾期自动办理 / reminders, escalation, what follows from silence; ``work`` runs it hourly."""
    platform()
    from chengxin.operations import clock

    (print_json if json else print_pairs)(asdict(clock.tick()))


@cases_app.command("reminders")
def reminders(
    number: Annotated[str, typer.Argument(help="number of a case; without it all that reached nobody")] = "",
    json: Json = False,
) -> None:
    """到期提醒发给了谁、何时发出 / which reminders went to whom and when; ``work`` sends them."""
    platform()
    from chengxin.operations import reminders

    found = reminders.of_case(number) if number else reminders.unsent()
    told = list(found.values("case", "number", "to", "made_at", "sent_at", "problem"))
    (print_json if json else print_pairs)({"reminders": told})


@cases_app.command("figures")
def figures(
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="default 90 days ago")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; default today")] = None,
    json: Json = False,
) -> None:
    """办件统计 / cases by kind, age, outcome and authority; on time."""
    platform()
    from chengxin.kernel.periods import today
    from chengxin.operations import casefigures

    day: date = today()
    first = since.date() if since else day - timedelta(days=90)
    last = until.date() if until else day
    found = casefigures.figures(since=first, until=last + timedelta(days=1), day=day)
    (print_json if json else print_pairs)(asdict(found))


def _actor(user: str) -> "Actor":
    from chengxin.operations import accounts

    return accounts.actor(accounts.known(name=user, password=password()))


def _files(papers: list[str] | None) -> "list[Given]":
    from chengxin.operations.attachments import Given

    found = []
    for each in papers or []:
        paper, _, path = each.partition("=")
        found.append(Given(paper, Path(path).name, Path(path).read_bytes()))
    return found


def _lines(number: str) -> list[str]:
    if not number.startswith("@"):
        return [number]
    return [line.strip() for line in Path(number[1:]).read_text(encoding="utf-8").splitlines() if line.strip()]
