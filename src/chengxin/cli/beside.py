"""Beside (伴随进程): commands that run beside the web server, and are started again when they end before it does."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chengxin.cli import main
from chengxin.cli.output import messages, say
from chengxin.kernel.text import Text
from chengxin.web.lifeline import end_with

LOOK_S = 5.0
"""Seconds between looks whether all still run; one that always ends at once is started no oftener."""
LEAVE_S = 30
"""Seconds they have to come to an end when the server does."""


@contextmanager
def beside(commands: Sequence[Sequence[str]], look: float = LOOK_S) -> Iterator[None]:
    """Have ``chengxin …`` commands run for as long as the block does.

    A process that was killed (for want of memory, say) would otherwise leave every uploaded file waiting, and nobody
    would notice. What it left unfinished the next one finds.
    """
    running = [_start(command) for command in commands]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(look):
            for n, command in enumerate(commands):
                if (code := running[n].poll()) is not None:
                    messages.print(say(_ENDED.format(command=" ".join(command), code=code)))
                    running[n] = _start(command)

    watching = threading.Thread(target=watch, name="beside", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=LEAVE_S)


_ENDED = Text(
    "“chengxin {command}”意外结束（{code}），已重新启动。",
    "“chengxin {command}” ended by itself ({code}) and was started again.",
)


def _start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "chengxin.cli.beside", str(os.getpid()), *command], env=os.environ)


def _run(parent: str, *command: str) -> None:
    """What a started process does: the command, for as long as there is the process that started it."""
    end_with(int(parent))
    sys.argv = ["chengxin", *command]
    main()


if __name__ == "__main__":
    _run(*sys.argv[1:])
