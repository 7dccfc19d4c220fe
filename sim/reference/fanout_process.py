"""A fanout server in a process of its own, so that it can really be killed (F8)."""

import asyncio
import json
import os
import signal
import sys
from collections import deque
from contextlib import ExitStack, suppress
from dataclasses import asdict
from types import TracebackType

from sim.contract.errors import ServiceError
from sim.reference.fanout_child import Said
from sim.reference.fanout_server import Settings, Witness
from sim.reference.ports import held_port
from sim.reference.serving import HOST, base_url

STOP_S = 10.0
LONGEST_LINE_BYTES = 1 << 26


class FanoutProcess:
    """Starts and stops like LocalFanout; as an async context manager it prepares on entering and leaves no process.

    standbys: how many further processes wait, so that a start after a stop takes milliseconds.
    A process that ends unasked is a ServiceError: raised by what waits for it, otherwise told to the loop's exception
    handler.
    """

    def __init__(self, redis_url: str, settings: Settings, witness: Witness, standbys: int) -> None:
        self._arguments = [str(os.getpid()), redis_url, json.dumps(asdict(settings))]
        self._witness = witness
        self._standbys = standbys
        self._children: list[_Child] = []
        self._parked: deque[_Child] = deque()
        self._serving: _Child | None = None
        self._port = 0
        self._held = ExitStack()

    @property
    def url(self) -> str:
        """Its base URL, known once it is prepared."""
        return base_url(self._port)

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._serving is not None
        return self._serving.pid

    async def prepare(self) -> None:
        """Let processes wait for their start."""
        if not self._port:
            self._port = self._held.enter_context(held_port(HOST))
        while len(self._parked) < 1 + self._standbys:
            child = await _Child.spawned(self._arguments, self._witness)
            self._children.append(child)
            self._parked.append(child)
        for child in self._parked:
            await child.prepared

    async def start(self) -> None:
        """Listen and subscribe; returns when the first try to subscribe is over (F7)."""
        if not self._parked:
            await self.prepare()
        self._serving = self._parked.popleft()
        await self._serving.listen(self._port)

    async def stop(self, *, killed: bool) -> None:
        """SIGKILL, or SIGTERM for a goodbye (F6); without effect where it has stopped."""
        child, self._serving = self._serving, None
        if child is not None:
            await child.end(signal.SIGKILL if killed else signal.SIGTERM)

    async def __aenter__(self) -> "FanoutProcess":
        try:
            await self.prepare()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._end()

    async def _end(self) -> None:
        with self._held:
            for child in self._children:  # those too whose end was interrupted
                await child.end(signal.SIGKILL)


class _Child:
    """One process, from its spawning to its end."""

    def __init__(self, process: asyncio.subprocess.Process, witness: Witness) -> None:
        loop = asyncio.get_running_loop()
        self.prepared: asyncio.Future[None] = loop.create_future()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._process = process
        self._witness = witness
        self._asked_to_end = False
        self._last_words = b""
        self._reading = loop.create_task(self._read())

    @classmethod
    async def spawned(cls, arguments: list[str], witness: Witness) -> "_Child":
        """A process that is being prepared."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "sim.reference.fanout_child", *arguments),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            limit=LONGEST_LINE_BYTES,
            start_new_session=True,  # Ctrl-C reaches us alone
        )
        return cls(process, witness)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    async def listen(self, port: int) -> None:
        """Start the server on this port."""
        assert self._process.stdin is not None
        await self.prepared
        self._process.stdin.write(b"listen %d\n" % port)
        await self._ready

    async def end(self, number: signal.Signals) -> None:
        """End the process, take in its last words and wait until nothing of it is left."""
        self._asked_to_end = True
        self._signal(number)
        ended, _ = await asyncio.wait([self._reading], timeout=STOP_S)
        if not ended:
            self._signal(signal.SIGKILL)
            await asyncio.wait([self._reading])
        await self._process.wait()  # where the loop itself is ending, it has cancelled the reading

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_last_words(self._process.stderr))
            async for line in self._process.stdout:
                if line.endswith(b"\n"):  # one that is killed may not finish its sentence
                    self._take(json.loads(line))
        status = await self._process.wait()
        if not self._asked_to_end:
            why = self._last_words.decode(errors="replace").strip() or f"status {status}"
            self._fail(ServiceError(f"the fanout server's process has ended unasked ({why})"))

    async def _keep_last_words(self, stderr: asyncio.StreamReader) -> None:
        async for line in stderr:
            self._last_words = line.strip() or self._last_words

    def _take(self, said: Said) -> None:
        match said["kind"]:
            case "prepared":
                self.prepared.set_result(None)
            case "ready":
                self._ready.set_result(None)
            case "failed":
                self._asked_to_end = True
                self._ready.set_exception(ServiceError(said["sentence"]))
            case "unroutable":
                self._witness.unroutable(said["username"], said["payload"].encode())
            case "aborted":
                self._witness.aborted(said["username"], said["reason"])

    def _fail(self, error: ServiceError) -> None:
        for awaited in (self.prepared, self._ready):
            if not awaited.done():
                awaited.set_exception(error)
                awaited.exception()  # nobody may wait for it: the loop is told in any case
        asyncio.get_running_loop().call_exception_handler({"message": str(error), "exception": error})
