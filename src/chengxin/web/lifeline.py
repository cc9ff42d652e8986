"""Lifeline (随父进程结束): processes of one service end together, also where the first of them was killed outright."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Have this process told to end (SIGTERM) when the process with the id ``parent`` is gone; it may be gone already.

    Linux only; elsewhere nothing happens. What the kernel waits for is the end of the thread that started this process:
    start it from one that lives as long as it should. Call it in the main thread.
    """
    if sys.platform != "linux":
        return
    # a handler that came along with a fork would be the parent's, and would not end this process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it was gone before it could be watched: nobody would tell us any more
        sys.exit(0)
