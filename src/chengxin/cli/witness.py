"""Witness commands (见证命令): show our log to witnesses, see who they are, follow somebody else's log, get a proof file."""

import os
import re
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, platform
from chengxin.cli.ledger import log_app
from chengxin.cli.output import DONE, SOME_ROWS, print_json, print_pairs, print_refusal, say
from chengxin.kernel.refusal import Refusal

Every = Annotated[float, typer.Option(help="go on, so many seconds apart; 0: once")]


@log_app.command("cosign")
def cosign(every: Every = 0, json: Json = False) -> None:
    """请见证方在最新检查点上签名 / ask the witnesses to cosign; exit 1: too few, or one of them objects."""
    platform()
    from django.db import close_old_connections

    from chengxin.operations import witnessing

    stop = _until_told()
    while True:
        contacts = witnessing.collect(now=datetime.now(UTC))
        head = witnessing.head()
        told = {
            "size": head.size if head else 0,
            "quorum": head.quorum.value if head else witnessing.Quorum.NONE.value,
            "cosigned": [name for name, _ in head.cosigned] if head else [],
            "contacts": [
                {
                    "witness": c.witness,
                    "outcome": c.outcome.value,
                    "size": c.size,
                    "says": say(witnessing.SAYINGS[c.outcome]),
                }
                for c in contacts
            ],
        }
        if contacts or not every:
            (print_json if json else print_pairs)(told)
            sys.stdout.flush()
        if not every:
            short = head is not None and head.quorum == witnessing.Quorum.BELOW
            raise typer.Exit(SOME_ROWS if short or any(c.alarm for c in contacts) else DONE)
        close_old_connections()
        if stop.wait(every):
            return


@log_app.command("witnesses")
def witnesses(json: Json = False) -> None:
    """列出本日志的见证方，以及本站见证的日志 / who witnesses our log, and which logs we are a witness of."""
    platform()
    from chengxin.operations import watching, witnessing
    from chengxin.storage.models import SplitView, WatchedLog

    heads = {each.origin: each for each in WatchedLog.objects.all()}
    splits = list(SplitView.objects.values("origin", "found_at", "proof"))
    (print_json if json else print_pairs)(
        {
            "witnesses": [
                {
                    "name": name,
                    "url": url,
                    "outcome": contact.outcome if contact else "",
                    "size": contact.size if contact else 0,
                    "at": contact.at.isoformat() if contact else "",
                }
                for name, url, contact in witnessing.contacts()
            ],
            "watched": [
                {"origin": key.name, "size": heads[key.name].size if key.name in heads else 0, "key": key.line}
                for key in watching.logs()
            ],
            "split_views": splits,
        }
    )
    raise typer.Exit(SOME_ROWS if splits else DONE)


@log_app.command("witness-key")
def witness_key(
    renew: Annotated[bool, typer.Option("--renew", help="destroy the key and make a new one")] = False,
) -> None:
    """显示本站作为见证方的公钥 / print the key we sign with as a witness; others put it into their policy."""
    platform()
    from chengxin.operations import watching

    print(watching.renew() if renew else watching.verifier())


@log_app.command("monitor")
def monitor(
    url: Annotated[
        str, typer.Argument(help="where the log lies: the address below which checkpoint and tile/ are found")
    ],
    key: Annotated[list[str] | None, typer.Option(help="the log's public key, name+hash+base64; remembered")] = None,
    policy: Annotated[Path | None, typer.Option(help="policy file (C2SP tlog-policy): keys, witnesses, quorum")] = None,
    memory: Annotated[Path | None, typer.Option(help="file that remembers the last checkpoint")] = None,
    entries: Annotated[bool, typer.Option("--entries", help="fetch and hash every new entry too")] = False,
    every: Every = 0,
    json: Json = False,
) -> None:
    """监测他方日志，出现分叉时保存证据 / follow a log, keep evidence of a split view; exit 1 when it does not hold."""
    from chengxin.ledger.verify import parse_checkpoint, parse_note
    from chengxin.operations import monitoring
    from chengxin.operations.policy import read_policy

    keys, rules = monitoring.keys_of(key or []), read_policy(policy) if policy else None
    place = memory or _memory(url)
    stop = _until_told()
    while True:
        try:
            found = monitoring.look(url, place, keys=keys, policy=rules, entries=entries)
        except Refusal as refusal:
            if not every or refusal.rule != "monitor.unreachable":
                raise
            print_refusal(refusal)
        else:
            if found.state != monitoring.State.UNCHANGED or not every:
                told: dict[str, object] = {"state": found.state.value, "says": say(monitoring.SAYINGS[found.state])}
                if found.state != monitoring.State.UNSOUND:
                    told["size"] = parse_checkpoint(parse_note(found.note).text).size
                if not found.sound:
                    told |= {"detail": found.detail, "now": found.note, "before": found.before}
                if found.evidence is not None:
                    told["evidence"] = str(monitoring.evidence_file(place, found))
                (print_json if json else print_pairs)(told)
                sys.stdout.flush()
            if not found.sound:
                raise typer.Exit(SOME_ROWS)
        if not every or stop.wait(every):
            return


@log_app.command("proof")
def proof(number: Annotated[str, typer.Argument(help="number of a public record, or of a receipt")]) -> None:
    """输出证明文件，可用 verify.py 离线核验 / print the proof file of a record or receipt, for verify.py."""
    platform()
    from chengxin.kernel.periods import today
    from chengxin.kernel.text import Text
    from chengxin.operations import lookup, proofs, receipts

    if number.startswith("R-"):
        print_json(proofs.of_receipt(receipts.submission(number)))
        return
    record = lookup.record(number, on=today())
    if record is None:
        raise Refusal(
            "record.unknown",
            Text(f"没有公示中的信息 {number}", f"no record {number} is public"),
            remedy=Text("请核对信息编号；停止公示的信息不再提供证明", "check the number; what has ended gets no proof"),
        )
    print_json(proofs.of_record(record))


def _memory(url: str) -> Path:
    """Where the last head of a log is remembered when nobody says where."""
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", url.partition("://")[2].strip("/"))
    return Path(os.environ.get("CHENGXIN_HOME", "var")) / "monitor" / f"{name}.json"


def _until_told() -> threading.Event:
    """Set when somebody ends this process: what is under way is finished first."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop
