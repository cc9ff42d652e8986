"""The application (命令行应用): commands hang here, by noun."""

import os
from typing import Annotated

import typer

app = typer.Typer(
    help="诚信 · 公共信用信息平台 / Chengxin, a public-credit-information platform",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="print one JSON object")]


def password() -> str:
    """The password of whoever says to act: CHENGXIN_PASSWORD, or asked for without showing it."""
    return os.environ.get("CHENGXIN_PASSWORD") or typer.prompt("密码 / password", hide_input=True, err=True)


def platform(*, initialised: bool = True) -> None:
    """Load the platform; with ``initialised`` refuse when ``chengxin init`` has not run."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.web.settings")
    import django

    django.setup()
    if initialised:
        from chengxin.operations.setup import require_initialised

        require_initialised()
