"""Receipt command (回执命令): what became of a file, the rows to mend and why, as a list or as a workbook."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import exit_code, language, messages, print_json, print_pairs, say

if TYPE_CHECKING:
    from chengxin.operations.receipts import Row


@app.command()
def receipt(
    number: Annotated[str, typer.Argument(help="receipt number, for example R-20261121-0001")],
    rows: Annotated[
        str | None, typer.Option(help="list rows of this outcome, with the reasons: quarantined, unlinked or refused")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="write these rows as a workbook with the reasons beside")] = None,
    json: Json = False,
) -> None:
    """查看回执；可导出待更正行 / show a receipt; export the rows to mend."""
    platform()
    from chengxin.operations import receipts
    from chengxin.operations.workbook import write

    if rows or out:
        receipts.require_listed(rows)
    answer = receipts.receipt(number)
    tell_of_reading(answer["reading"])
    if rows and out:
        answer["written"] = write(number, rows, out, language())
        answer["file"] = str(out)
    elif rows:
        item = receipts.submission(number).item
        answer["listed"] = [_listed(item, row) for row in receipts.rows(number, outcome=rows, limit=1_000_000)]
    (print_json if json else print_pairs)(answer)
    if problem := answer["problem"]:
        raise typer.Exit(exit_code(problem["rule"]))


def tell_of_reading(reading: Mapping[str, Any]) -> None:
    """What was not read and what was noticed, on standard error: a column or sheet left out must not pass unseen."""
    from chengxin.operations.reading import told

    for label, value in told(reading):
        messages.print(f"  {say(label)}: {say(value)}")


def _listed(item: str, row: "Row") -> dict[str, object]:
    """A row with the rules it breaks: their ids, and what each says in both languages."""
    from chengxin.operations.reasons import findings

    return {
        "row": row.row,
        "mended": row.mended,
        "into": row.into,
        "reasons": [reason.rule for reason in row.reasons],
        "findings": [
            {
                "rule": finding.rule.id,
                "field": field,
                "message": finding.message.to_dict(),
                "basis": finding.rule.basis,
                "remedy": finding.rule.remedy.to_dict(),
                "suggestion": finding.suggestion,
            }
            for field, finding in findings(item, row)
        ],
        "cells": dict(row.cells),
    }
