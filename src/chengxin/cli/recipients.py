"""Recipient commands (接收单位命令): register, issue keys, who has not confirmed, repair certificates, agencies' lists."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import DONE, SOME_ROWS, print_json, print_pairs

recipients_app = typer.Typer(help="接收单位 / organisations that receive records", no_args_is_help=True)
app.add_typer(recipients_app, name="recipients")
agency_app = typer.Typer(help="信用服务机构 / agencies that show records", no_args_is_help=True)
app.add_typer(agency_app, name="agency")

Code = Annotated[str, typer.Argument(help="the organisation's unified social credit code")]


@recipients_app.command("add")
def add(
    code: Code,
    name: Annotated[str, typer.Option(help="the organisation's name")],
    webhook: Annotated[str, typer.Option(help="address that notifications are sent to")] = "",
    email: Annotated[str, typer.Option(help="address that mails go to where there is no webhook")] = "",
    agency: Annotated[bool, typer.Option(help="it shows records to others and is scored in public")] = False,
    json: Json = False,
) -> None:
    """登记接收单位，再次登记即更改 / register a recipient; the same code again changes it."""
    platform()
    from chengxin.operations import recipients, webhooks

    recipients.register(code=code, name=name, webhook=webhook, email=email, agency=agency)
    (print_json if json else print_pairs)({"recipient": code.upper(), "webhook_key": webhooks.public_key()})


@recipients_app.command("list")
def listing(json: Json = False) -> None:
    """全部接收单位：最近交付、未确认数、推送是否正常 / all recipients: what is open, whether sending works."""
    platform()
    from chengxin.operations import recipients

    (print_json if json else print_pairs)({"recipients": [asdict(each) for each in recipients.listed()]})


@recipients_app.command("keys")
def keys(code: Code, json: Json = False) -> None:
    """一家单位的密钥 / the keys of a recipient; the keys themselves are kept nowhere."""
    platform()
    from chengxin.operations import recipients

    (print_json if json else print_pairs)({"keys": [asdict(each) for each in recipients.keys(code)]})


@recipients_app.command("remind")
def remind(code: Code, json: Json = False) -> None:
    """重新发送未确认的通知 / mail everything unconfirmed again, with a fresh link."""
    platform()
    from chengxin.operations import notifications, recipients, webhooks

    notifications.make()
    (print_json if json else print_pairs)({"mailed": webhooks.remind(recipients.find(code))})


@recipients_app.command("key")
def key(code: Code, days: Annotated[int, typer.Option(help="for how long")] = 365, json: Json = False) -> None:
    """签发密钥，只显示一次 / issue a key; it is shown once."""
    platform()
    from chengxin.operations import recipients

    (print_json if json else print_pairs)(asdict(recipients.issue(code=code, now=datetime.now(UTC), days=days)))


@recipients_app.command("revoke")
def revoke(id: Annotated[int, typer.Argument(help="number of the key")], json: Json = False) -> None:
    """吊销密钥 / revoke a key at once."""
    platform()
    from chengxin.operations import recipients

    (print_json if json else print_pairs)({"revoked": recipients.revoke(id=id, now=datetime.now(UTC))})


@recipients_app.command("overdue")
def overdue(json: Json = False) -> None:
    """逾期未确认的单位 / recipients that have not confirmed in time."""
    platform()
    from chengxin.operations import notifications

    notifications.make()
    (print_json if json else print_pairs)({"overdue": [asdict(each) for each in notifications.overdue()]})


@recipients_app.command("push")
def push(json: Json = False) -> None:
    """立即推送到期的通知 / send what is due now; the worker does it by itself."""
    platform()
    from chengxin.operations import webhooks

    (print_json if json else print_pairs)(asdict(webhooks.send_due(most=1000)))


@recipients_app.command("certificate")
def certificate(
    record: Annotated[str, typer.Argument(help="the record's number, 32 hexadecimal characters")],
    out: Annotated[Path | None, typer.Option(help="file to write; else standard output")] = None,
) -> None:
    """开具信用修复证明 / issue a repair certificate: text, signed note, proof."""
    platform()
    from chengxin.operations import certificates

    told = certificates.plain(certificates.issue(record))
    if out is None:
        print_json(told)
    else:
        import orjson

        out.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


@agency_app.command("check")
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX, JSON: what the agency shows")],
    recipient: Annotated[str, typer.Option(help="code of the agency: what is found is kept as evidence")] = "",
    probe: Annotated[bool, typer.Option(help="the centre recorded the list itself")] = False,
    json: Json = False,
) -> None:
    """核查机构展示的信息：哪些须下架，哪些内容或期限不同 / which records an agency shows must go or differ. Exit 1 if any."""
    platform()
    from chengxin.operations import agency, recipients

    who = recipients.find(recipient) if recipient else None
    with file.open("rb") as data:
        found = agency.check_file(data, file.name, recipient=who, kind="probe" if probe else "list")
    (print_json if json else print_pairs)(agency.plain(found))
    raise typer.Exit(SOME_ROWS if found.findings else DONE)
