"""Port (端口): whether an address to listen on is still free, before anything is started."""

import errno
import socket

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text


def require_free(host: str, port: int) -> None:
    """Raises Refusal ``platform.port-taken`` where another process listens on the address already.

    The web server's processes share their port on purpose, so the system would let a second service share it too: two
    platforms would then answer in turn.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as asked:
        # connections of a service that has just ended linger for a minute, and are no reason to wait
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise _taken(host, port) from None


def _taken(host: str, port: int) -> Refusal:
    return Refusal(
        "platform.port-taken",
        Text(f"端口 {port} 已被占用，未启动任何进程", f"port {port} is taken by another process; nothing was started"),
        where=Text(f"{host}:{port}", f"{host}:{port}"),
        remedy=Text(
            "本平台可能已在运行；请先停止占用该端口的进程，或者用 --port 另选端口",
            "the platform may be running already: stop what listens there, or choose another port with --port",
        ),
    )
