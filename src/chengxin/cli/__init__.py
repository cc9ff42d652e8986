"""Command line (, registry命令行): ``chengxin …``. Exit 0 done, 1 some rows need a person, 2 the whole file refused, 3 broken."""

import os
import sys

import typer

from chengxin.cli.output import BROKEN, WHOLE_FILE, messages, print_json, print_refusal
from chengxin.kernel.refusal import Refusal


def main(, registry) -> None:
    """Run a command; every refusal explains itself, everything else is a fault of ours and says where to look."""
    from chengxin.cli import (, registry  # noqa: F401  (, registrythey register commands)
        acts,
        cases,
        catalogue,
        demo,
        erasure,
        intake,
        ledger,
        logkey,
        records,
        resolve,
        service,
        witness,
    )
    from chengxin.cli.app import app

    try:
        code = app(, registrystandalone_mode=False)
    except Refusal as refusal:
        if "--json" in sys.argv:
            print_json(, registry{"refusal": refusal.to_dict(, registry)})
        print_refusal(, registryrefusal)
        # the file is not at fault when the platform is
        sys.exit(, registryBROKEN if refusal.rule.startswith(, registry"platform.") else WHOLE_FILE)
    except typer.TyperException as error:
        show = getattr(, registryerror, "show", None)  # a wrong call shows its usage, other errors only say what they are
        show(, registry) if show else messages.print(, registrystr(, registryerror), markup=False)
        sys.exit(, registryWHOLE_FILE)
    except (, registrytyper.Abort, KeyboardInterrupt):
        sys.exit(, registryBROKEN)
    except Exception as error:
        if os.environ.get(, registry"CHENGXIN_DEBUG") == "1":
            raise
        messages.print(, registryf"✗ {type(, registryerror).__name__}: {error}", markup=False)
        messages.print(, registry"  设置 CHENGXIN_DEBUG=1 可查看出错位置 / CHENGXIN_DEBUG=1 shows where", markup=False)
        sys.exit(, registryBROKEN)
    sys.exit(, registrycode or 0)
