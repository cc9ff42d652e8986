"""Command line (命令行): ``chengxin …``. Exit 0 done, 1 some rows need a person, 2 the whole file refused, 3 broken."""

import os
import sys

import typer

from chengxin.cli.output import BROKEN, WHOLE_FILE, exit_code, messages, print_json, print_refusal
from chengxin.kernel.refusal import Refusal


def main() -> None:
    """Run a command; every refusal explains itself, everything else is a fault of ours and says where to look."""
    from chengxin.cli import (  # noqa: F401  (they register commands)
        acts,
        authorisations,
        cases,
        catalogue,
        demo,
        erasure,
        intake,
        ledger,
        logkey,
        receipt,
        recipients,
        records,
        registry,
        resolve,
        service,
        withdrawn,
        witness,
    )
    from chengxin.cli.app import app

    try:
        code = app(standalone_mode=False)
    except Refusal as refusal:
        if "--json" in sys.argv:
            kept = {"submission": refusal.receipt} if refusal.receipt else {}
            print_json({"refusal": refusal.to_dict(), **kept})
        print_refusal(refusal)
        sys.exit(exit_code(refusal.rule))
    except typer.TyperException as error:
        show = getattr(error, "show", None)  # a wrong call shows its usage, other errors only say what they are
        show() if show else messages.print(str(error))
        sys.exit(WHOLE_FILE)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(BROKEN)
    except Exception as error:
        if os.environ.get("CHENGXIN_DEBUG") == "1":
            raise
        messages.print(f"✗ {type(error).__name__}: {error}")
        messages.print("  设置 CHENGXIN_DEBUG=1 可查看出错位置 / CHENGXIN_DEBUG=1 shows where")
        sys.exit(BROKEN)
    sys.exit(code or 0)
