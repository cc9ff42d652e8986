"""Registry commands (登记与赋码命令): the cross-check of assigned codes, its findings, and who assigns what."""

from datetime import datetime
from typing import Annotated

import typer

from chengxin.cli.app import Json, platform
from chengxin.cli.intake import subjects_app
from chengxin.cli.output import DONE, SOME_ROWS, bar, print_json, print_pairs
from chengxin.kernel.text import Text

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; default: always")]


@subjects_app.command("audit")
def audit(json: Json = False) -> None:
    """赋码校核：重码、错码、超范围、注销后仍有业务、旧码未转换 / cross-check the subject base; exit 1 where findings are open."""
    platform()
    from chengxin.operations import crosscheck, findings

    with bar(Text("赋码校核", "cross-checking"), quiet=json):
        told = crosscheck.audit(by="cli")
    waiting = findings.counts()
    answer = {
        "run": told.run,
        "subjects": told.subjects,
        "findings": dict(told.findings),
        "open": sum(waiting.values()),
        "rates": [dict(rate) for rate in told.rates],
    }
    (print_json if json else print_pairs)(answer)
    raise typer.Exit(SOME_ROWS if waiting else DONE)


@subjects_app.command("findings")
def list_findings(
    owner: Annotated[str | None, typer.Option(help="code of the office whose tasks they are")] = None,
    rule: Annotated[str, typer.Option(help="only this rule, for example code.shared")] = "",
    state: Annotated[str, typer.Option(help="open, taken, explained or gone; default: open and taken")] = "",
    after: Annotated[int, typer.Option(help="go on after this number")] = 0,
    limit: Annotated[int, typer.Option(help="at most so many")] = 1000,
    json: Json = False,
) -> None:
    """列出校核问题 / list the findings of the cross-check."""
    platform()
    from chengxin.operations import findings

    page = findings.listed(owner=owner, rule=rule, state=state, after=after, limit=limit)
    listed = [
        {
            "id": each.id,
            "rule": each.rule,
            "code": each.code,
            "owner": each.owner,
            "state": each.state.value,
            "since": each.first_at,
            "detail": dict(each.detail),
        }
        for each in page.rows
    ]
    (print_json if json else print_pairs)({"findings": listed, "next": page.next})


@subjects_app.command("assign")
def assign(
    source: Annotated[str, typer.Argument(help="code of the office")],
    department: Annotated[str, typer.Argument(help="registering department: first character of the codes")],
    classes: Annotated[str, typer.Option(help="classes of body as one text, for example 123; default: all")] = "",
    division: Annotated[str, typer.Option(help="first digits of the division codes; default: all")] = "",
    since: Day = None,
) -> None:
    """登记赋码单位 / record which office assigns which codes."""
    platform()
    from chengxin.operations import registry

    day = since.date() if since else None
    registry.let_assign(source=source, department=department, classes=classes, division=division, since=day, by="cli")


@subjects_app.command("assigners")
def list_assigners(json: Json = False) -> None:
    """列出赋码单位 / list who assigns which codes."""
    platform()
    from chengxin.operations import registry

    lines = [
        {
            "id": line.pk,
            "source": line.source_id,
            "name": line.source.name,
            "department": line.department,
            "classes": line.classes,
            "division": line.division,
            "since": line.since,
            "until": line.until,
        }
        for line in registry.assigners()
    ]
    (print_json if json else print_pairs)({"assigners": lines})
