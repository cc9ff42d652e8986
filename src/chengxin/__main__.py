"""``python -m chengxin`` (命令行入口)."""

from chengxin.cli import main

main()
