"""A port that stays ours while nobody listens on it."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port(host: str) -> Iterator[int]:
    """A free port on which our children may listen again and again, and which no connection of ours gets meanwhile.

    Otherwise an outgoing connection may get the very port of a server that is away, which then cannot come back.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((host, 0))
        port: int = holder.getsockname()[1]
        if sys.platform != "linux":  # only Linux lets another listen beside a socket that is bound but does not
            holder.close()
        yield port
