"""A worker's rounds, counted: what stops it is asked to wait so many times."""

import threading


class Rounds(threading.Event):
    """Is set when a worker has waited so many times; it never waits for long."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self._left = left

    def wait(self, timeout: float | None = None) -> bool:
        self._left -= 1
        if not self._left:
            self.set()
        return super().wait(0.01)
