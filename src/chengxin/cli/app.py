"""The application: commands by noun, and the one place where errors become exit codes."""

import os
import sys
from pathlib import Path
from typing import Annotated

import click
import typer

from chengxin.cli.output import BROKEN, WHOLE_FILE, messages, print_refusal
from chengxin.kernel.refusal import Refusal

app = typer.Typer(
    help="诚信 · 公共信用信息平台 / Chengxin, a public-credit-information platform",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="print one JSON object")]


def platform(*, initialised: bool = True) -> None:
    """Load the platform; with ``initialised`` refuse when ``chengxin init`` has not run."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
    import django

    django.setup()
    if initialised:
        from chengxin.operations.setup import require_initialised

        require_initialised()


def main() -> None:
    """Run a command; every refusal explains itself, everything else is a fault of ours and says where to look."""
    from chengxin.cli import catalogue, demo, intake, ledger, records, service  # noqa: F401  (they register commands)

    try:
        app(standalone_mode=False)
    except Refusal as refusal:
        print_refusal(refusal)
        sys.exit(WHOLE_FILE)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(WHOLE_FILE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(BROKEN)
    except Exception as error:
        if os.environ.get("CHENGXIN_DEBUG") == "1":
            raise
        messages.print(f"✗ {type(error).__name__}: {error}", markup=False)
        messages.print("  CHENGXIN_DEBUG=1 shows where / 设置 CHENGXIN_DEBUG=1 可查看出错位置", markup=False)
        sys.exit(BROKEN)


def home() -> Path:
    from django.conf import settings

    return Path(settings.HOME)
