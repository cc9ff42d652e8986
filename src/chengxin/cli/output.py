"""Output (输出): how commands speak — plain lines for people, one JSON object for programs, errors that explain."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text as Styled

from chengxin.kernel.refusal import Refusal, of_platform
from chengxin.kernel.text import Text

DONE, SOME_ROWS, WHOLE_FILE, BROKEN = 0, 1, 2, 3

messages = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)
"""Standard error. What senders wrote is quoted here, so square brackets and colons mean nothing but themselves."""


def language() -> str:
    """``zh`` or ``en``: CHENGXIN_LANG, else the terminal's own, Chinese when it says nothing."""
    told = os.environ.get("CHENGXIN_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "zh"
    return "en" if told.lower().startswith(("en", "c", "posix")) else "zh"


def say(text: Text) -> str:
    return text.in_language(language())


def print_json(value: Mapping[str, object]) -> None:
    """One JSON object on standard output, nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> str:
    """A value that JSON has no form for; moments as the API writes them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def print_pairs(value: Mapping[str, object], indent: int = 0) -> None:
    """The same for people: one line a value."""
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            print(f"{'  ' * indent}{key}:")
            print_pairs(inner, indent + 1)
        elif isinstance(inner, list | tuple):
            print(f"{'  ' * indent}{key}:")
            for each in inner:
                if isinstance(each, Mapping):
                    print_pairs(each, indent + 1)
                    print()
                else:
                    print(f"{'  ' * (indent + 1)}{_plain(each)}")
        else:
            print(f"{'  ' * indent}{key}: {'' if inner is None else _plain(inner)}")


def exit_code(rule: str) -> int:
    """What a refusal under this rule exits with: nobody's file is at fault when the platform is."""
    return BROKEN if of_platform(rule) else WHOLE_FILE


def print_refusal(refusal: Refusal) -> None:
    """What, where, under which rule, what to do next, on which receipt it stands: on standard error."""
    messages.print(Styled.assemble(("✗", "bold red"), f" {say(refusal.what)}"))
    for label, text in (
        (Text("位置", "where"), say(refusal.where)),
        (Text("规则", "rule"), refusal.rule),
        (Text("依据", "basis"), refusal.basis),
        (Text("怎么办", "what next"), say(refusal.remedy)),
        (Text("回执", "receipt"), refusal.receipt),
    ):
        if text:
            messages.print(f"  {say(label)}: {text}")


@contextmanager
def bar(title: Text, *, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal, nothing elsewhere; call it with (stage, done, total or 0)."""
    if quiet or not messages.is_terminal:
        yield lambda stage, done, total: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),  # it names the file
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=messages, transient=True) as progress:
        task = progress.add_task(say(title), total=None)

        def report(stage: str, done: int, total: int) -> None:
            progress.update(task, description=f"{say(title)} · {stage}", completed=done, total=total or None)

        yield report
