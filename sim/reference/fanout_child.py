"""The process of a fanout server that is to be killed: `fanout_process` starts it and talks with it in lines.

Arguments: the parent's process id, the URL of Redis, the settings as JSON. Standard input: `listen PORT`, for which it
waits, imported and warm; the end of input ends it. SIGTERM: F6. Standard output: `Said` as JSON, one a line.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
from typing import Any, Literal, NotRequired, TypedDict

from sim.contract.errors import ServiceError
from sim.reference.connection import Abort
from sim.reference.fanout_server import LocalFanout, Settings
from sim.reference.redis import connecting, nobody_told
from sim.reference.running import failures, short_pauses, tasks

_PR_SET_PDEATHSIG = 1


class Said(TypedDict):
    """One line: that it can start, has started or cannot, and what its hub has to tell."""

    kind: Literal["prepared", "ready", "failed", "unroutable", "aborted"]
    username: NotRequired[str]
    payload: NotRequired[str]
    reason: NotRequired[Abort]
    sentence: NotRequired[str]


def main() -> None:
    """Be the process."""
    parent, url, settings = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == int(parent):
        asyncio.run(_serve(url, Settings(**json.loads(settings))))


class _Teller:
    """The witness of a hub whose harness is another process."""

    def unroutable(self, username: str, payload: bytes) -> None:
        """A JSON object is UTF-8 text."""
        _say({"kind": "unroutable", "username": username, "payload": payload.decode()})

    def aborted(self, username: str, reason: Abort) -> None:
        _say({"kind": "aborted", "username": username, "reason": reason})


def _say(said: Said) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def _serve(url: str, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    with failures() as failure, short_pauses():
        async with tasks() as group, connecting(url, group, nobody_told) as broker:
            lines = asyncio.StreamReader()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
            _say({"kind": "prepared"})
            command = await lines.readline()
            if not command:
                return
            terminated = asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, terminated.set)
            server = LocalFanout(broker, settings, _Teller(), group, port=int(command.split()[1]))
            try:
                await server.start()
            except ServiceError as error:
                _say({"kind": "failed", "sentence": str(error)})
                return
            _say({"kind": "ready"})
            over: list[asyncio.Future[Any]] = [
                failure,
                group.create_task(terminated.wait()),
                group.create_task(lines.read()),
            ]
            await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
            if failure.done():
                failure.result()
            await server.stop(killed=not terminated.is_set())


if __name__ == "__main__":
    main()
