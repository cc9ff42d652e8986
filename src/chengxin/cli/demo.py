"""Demonstration (示例城市): an invented city, submitted through the same door as any file."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.app import app, platform
from chengxin.cli.output import bar, messages, say
from chengxin.cli.port import require_free
from chengxin.kernel.text import Text

HOST = "127.0.0.1"
"""A city of known passwords is served to this machine only."""
_ELSEWHERE = Text(
    "在其他终端对示例城市使用 chengxin 命令，请先执行：",
    "To use chengxin commands on the city in another terminal, first run:",
)


@app.command()
def demo(
    organisations: Annotated[int, typer.Option(help="how many organisations")] = 20_000,
    records: Annotated[int, typer.Option(help="how many licences and penalties")] = 120_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same city")] = 1,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="serve the site afterwards")] = True,
    port: Annotated[int, typer.Option(help="port on 127.0.0.1")] = 8000,
) -> None:
    """建立示例城市并打开网站 / build the example city and serve the site."""
    if serve:
        require_free(HOST, port)  # before the minutes that building takes
    from chengxin.operations import demo_city

    home = Path(os.environ.get("CHENGXIN_HOME", "./var")).resolve()
    address = f"http://{HOST}:{port}"
    environment = demo_city.environment(home, address)
    os.environ.update(environment)
    platform(initialised=False)
    from chengxin.operations import demo, setup

    setup.init()
    with bar(Text("建立示例城市", "building the example city")) as progress:
        city = demo.build(
            home=home,
            seed=seed,
            organisations=organisations,
            records=records,
            progress=lambda stage, done, total: progress(say(stage), done, total),
        )
    messages.print(
        f"{city.submissions} × ✓  {city.rows:,}: {', '.join(f'{name} {count:,}' for name, count in city.outcomes.items())}"
    )
    for account in city.accounts:
        messages.print(f"  {account.role}: {account.name} / {account.password}")
    for sight in city.sights:
        messages.print(f"  {say(sight.title)}: {address}{sight.path}")
    # under another catalogue the records of the city would have other terms, or none
    messages.print(say(_ELSEWHERE))
    messages.print("export " + " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items()))
    if serve:
        from chengxin.cli.service import run_service

        run_service(HOST, port, 2)
