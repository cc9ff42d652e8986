"""Catalogue commands (目录命令): check it, show an entry."""

from dataclasses import asdict
from typing import Annotated

import typer

from chengxin.cli.app import Json, app, platform
from chengxin.cli.output import DONE, WHOLE_FILE, print_json, print_pairs, say

catalogue_app = typer.Typer(help="目录：法律、事项、期限、代码表 / what laws and lists say", no_args_is_help=True)
app.add_typer(catalogue_app, name="catalogue")


@catalogue_app.command("check")
def check_catalogue(json: Json = False) -> None:
    """检查目录并给出摘要 / check the catalogue and print its digest."""
    platform(initialised=False)
    from chengxin.catalogue.check import check
    from chengxin.operations.rulebook import as_written

    loaded = as_written()
    problems = check(loaded)
    counts = {name: len(getattr(loaded, name)) for name in ("laws", "items", "layouts", "codelists", "regimes")}
    if json:
        print_json({"digest": loaded.digest, **counts, "problems": [asdict(each) for each in problems]})
    else:
        print_pairs({"digest": loaded.digest, **counts})
        for each in problems:
            print(f"{each.level} {each.rule} {each.where}: {say(each.what)}")
    raise typer.Exit(WHOLE_FILE if any(each.level == "error" for each in problems) else DONE)


@catalogue_app.command("show")
def show(id: Annotated[str, typer.Argument(help="id of an item, law, term, list …")], json: Json = False) -> None:
    """显示目录中的一项 / show one entry of the catalogue."""
    platform(initialised=False)
    from chengxin.catalogue.check import describe
    from chengxin.operations.rulebook import catalogue

    (print_json if json else print_pairs)(dict(describe(catalogue(), id)))
