"""Log key commands (日志密钥命令): show who signs, put a new key in place, seal the keys under another secret."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import Json, platform
from chengxin.cli.ledger import log_app
from chengxin.cli.output import print_json, print_pairs
from chengxin.ledger.checkpoint import Kind

key_app = typer.Typer(help="日志密钥 / the keys that sign checkpoints", no_args_is_help=True)
log_app.add_typer(key_app, name="key")


@key_app.command("show")
def show(json: Json = False) -> None:
    """列出签名公钥 / list the public keys, for anyone's verifier, and how the private ones are kept."""
    platform()
    from chengxin.operations import keyring, logkey

    keys = [asdict(each) for each in logkey.listed()]
    if json:
        print_json({"keys": keys, "protected": keyring.protected()})
        return
    for each in keys:
        print(each["line"])
    print_pairs(
        {
            "signing": sum(bool(each["signs"]) for each in keys),
            "secret": "CHENGXIN_KEY_SECRET / CHENGXIN_KEY_FILE" if keyring.protected() else "beside the keys: unsafe",
        }
    )


@key_app.command("rotate")
def rotate(
    days: Annotated[int, typer.Option(min=0, help="days for which the key it replaces goes on signing; 0: none")] = 30,
    kind: Annotated[Kind, typer.Option(help="which key to replace")] = Kind.ED25519,
    json: Json = False,
) -> None:
    """更换日志密钥，新旧并签一段时间 / put a new key in place; the old one goes on signing beside it for a time."""
    platform()
    from chengxin.operations import logkey

    (print_json if json else print_pairs)(asdict(logkey.rotate(kind=kind, days=days)))


@key_app.command("seal")
def seal(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="file that holds the new secret")],
) -> None:
    """换用新口令封存全部私钥 / seal all private keys under the secret in a file; name it in CHENGXIN_KEY_FILE then."""
    platform()
    from chengxin.operations import keyring, logkey

    logkey.listed()
    keyring.reseal(file.read_bytes().strip())
