"""Command line (命令行): ``chengxin …``. Exit 0 done, 1 some rows need a person, 2 the whole file refused, 3 broken."""

from chengxin.cli.app import main

__all__ = ["main"]
