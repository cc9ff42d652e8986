"""Authorisation commands (授权命令): who may act for an organisation; letters are checked, granted, refused, taken back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chengxin.cli.app import Json, app, password, platform
from chengxin.cli.output import print_json, print_pairs

if TYPE_CHECKING:
    from chengxin.operations.accounts import Principal

authorisations_app = typer.Typer(help="授权：谁代表单位办事 / who acts for an organisation", no_args_is_help=True)
app.add_typer(authorisations_app, name="authorisations")

Officer = Annotated[str, typer.Option("--as", help="your user name; you are asked for its password")]
Id = Annotated[int, typer.Argument(help="number of the authorisation")]


@authorisations_app.command("list")
def listing(
    code: Annotated[str, typer.Argument(help="the organisation's code; without it all letters that wait")] = "",
    *,
    user: Officer,
    json: Json = False,
) -> None:
    """一家单位的全部授权，或者等待核对的授权书 / all of an organisation, or the letters that wait to be checked."""
    platform()
    from chengxin.operations import authorisations

    found = authorisations.listed(who=_who(user), code=code)
    (print_json if json else print_pairs)({"authorisations": [authorisations.plain(row) for row in found]})


@authorisations_app.command("letter")
def letter(id: Id, out: Annotated[Path, typer.Option(help="file to write")], user: Officer) -> None:
    """下载授权委托书 / the letter as it was handed in."""
    platform()
    from chengxin.operations import authorisations

    out.write_bytes(authorisations.letter(id=id, who=_who(user)).data)


@authorisations_app.command("grant")
def grant(id: Id, user: Officer, json: Json = False) -> None:
    """核对无误，准予办事 / the letter agrees: let the person act."""
    platform()
    from chengxin.operations import authorisations

    row = authorisations.decide(id=id, grant=True, who=_who(user))
    (print_json if json else print_pairs)(authorisations.plain(row))


@authorisations_app.command("refuse")
def refuse(
    id: Id, user: Officer, reason: Annotated[str, typer.Option(help="told to whoever asked")], json: Json = False
) -> None:
    """退回授权书 / refuse a letter, with the reason."""
    platform()
    from chengxin.operations import authorisations

    row = authorisations.decide(id=id, grant=False, who=_who(user), reason=reason)
    (print_json if json else print_pairs)(authorisations.plain(row))


@authorisations_app.command("revoke")
def revoke(
    id: Id, user: Officer, reason: Annotated[str, typer.Option(help="told to the person and the organisation")]
) -> None:
    """撤销授权，即时生效 / end an authorisation at once."""
    platform()
    from chengxin.operations import authorisations

    authorisations.revoke(id=id, by=_who(user), reason=reason)
    print_pairs({"revoked": id})


@authorisations_app.command("account")
def account(name: Annotated[str, typer.Argument(help="name the person will sign in with")], user: Officer) -> None:
    """在窗口代为开通办事账号；授权书须由另一人核对 / open an account for somebody at the counter; another officer checks its letters.

    The person's password is asked for on its own.
    """
    platform()
    from chengxin.operations import authorisations

    who = _who(user)
    chosen = typer.prompt("办事人的密码 / the person's password", hide_input=True, confirmation_prompt=True, err=True)
    print_pairs({"account": authorisations.open_account(name=name, password=chosen, who=who).username})


def _who(user: str) -> "Principal":
    from chengxin.operations import accounts

    return accounts.known(name=user, password=password())
