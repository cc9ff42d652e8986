"""Service commands (服务命令): set up, serve, work through uploads, people and keys."""

import signal
import threading
from datetime import UTC, datetime
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.beside import beside
from chengxin.cli.output import messages, print_json, print_pairs
from chengxin.cli.port import require_free

users_app = typer.Typer(help="用户 / people who sign in at the desk", no_args_is_help=True)
token_app = typer.Typer(help="接口密钥 / keys for the API", no_args_is_help=True)
app.add_typer(users_app, name="users")
app.add_typer(token_app, name="token")


@app.command()
def init(json: Json = False) -> None:
    """初始化或升级本平台 / set the platform up, or bring its tables up to date; safe to run again."""
    platform(initialised=False)
    from chengxin.operations.setup import init

    (print_json if json else print_pairs)(init())


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port")] = 8000,
    workers: Annotated[int, typer.Option(help="web processes, one request each at a time")] = 2,
) -> None:
    """启动网站和处理进程 / serve the site and work through uploads."""
    platform()
    run_service(host, port, workers)


@app.command()
def work() -> None:
    """只启动处理进程 / only work through uploads, for installations that serve elsewhere."""
    platform()
    from chengxin.operations.worker import run_forever

    stop = threading.Event()
    # a file under way is finished first; it would be safe to break it off, but then it runs again
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    run_forever(stop)


def run_service(host: str, port: int, workers: int) -> None:
    """The web server in this process; beside it the upload worker, which must not share the web's database library, and
    where the log has witnesses the one that asks them. Raises Refusal ``platform.port-taken``."""
    require_free(host, port)
    from django.conf import settings

    from chengxin.web.assets import collect

    collect()
    commands = [["work"], *([["log", "cosign", "--every", "5"]] if settings.LOG_POLICY else [])]
    messages.print(f"http://{host}:{port}/")
    from granian import Granian
    from granian.constants import Interfaces

    with beside(commands):
        Granian(
            "chengxin.web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=1,
            log_access=False,
        ).serve()


@users_app.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="name to sign in with")],
    source: Annotated[str, typer.Option(help="code of the organisation the person works for")],
    role: Annotated[
        str, typer.Option(help="clerk (报送员), decider (认定单位办理人员) or officer (信用中心)")
    ] = "clerk",
    email: Annotated[str, typer.Option(help="where reminders go; also tells two accounts of one person apart")] = "",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """开通账号 / let a person sign in."""
    platform()
    from chengxin.operations.accounts import create_user

    create_user(name=name, password=password, source=source, role=role, email=email)


@users_app.command("bind")
def bind_user(
    name: Annotated[str, typer.Argument(help="name the person signs in with")],
    email: Annotated[str | None, typer.Option(help="e-mail address; empty takes it away")] = None,
    identity: Annotated[str | None, typer.Option(help="the person's subject (sub) at the identity provider")] = None,
) -> None:
    """写明账号属于谁：电子邮箱、统一身份认证 / say who an account belongs to: e-mail address, identity provider."""
    platform()
    from chengxin.operations import accounts

    accounts.bind(name=name, email=email, identity=identity)


@token_app.command("issue")
def issue_token(
    source: Annotated[str, typer.Argument(help="code of the source")],
    label: Annotated[str, typer.Option(help="what it is for")] = "",
    days: Annotated[int, typer.Option(help="how long it holds")] = 365,
    json: Json = False,
) -> None:
    """签发接口密钥，只显示一次 / issue an API key; it is shown once."""
    platform()
    from dataclasses import asdict

    from chengxin.operations import tokens

    issued = tokens.issue(source=source, label=label, by="cli", now=datetime.now(UTC), days=days)
    (print_json if json else print_pairs)(asdict(issued))


@token_app.command("list")
def list_tokens(source: Annotated[str, typer.Argument(help="code of the source")], json: Json = False) -> None:
    """列出接口密钥 / list a source's API keys."""
    platform()
    from dataclasses import asdict

    from chengxin.operations import tokens

    (print_json if json else print_pairs)({"tokens": [asdict(each) for each in tokens.of_source(source)]})


@token_app.command("revoke")
def revoke_token(id: Annotated[int, typer.Argument(help="number of the key")]) -> None:
    """吊销接口密钥 / end an API key at once."""
    platform()
    from chengxin.operations import tokens

    if not tokens.revoke(id=id, by="cli", now=datetime.now(UTC)):
        raise typer.Exit(2)
