"""The servers and the proxy with the link of one scripted client, who is played by the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import WSMsgType

from sim.contract.scenario import Scenario
from sim.contract.script import ClientScript, realize
from sim.contract.trace import Row
from sim.contract.wire import Heartbeat, Message, channel, decode_message, encode_message
from sim.reference.broker import LocalBroker
from sim.reference.fanout_server import LocalFanout, settings_of
from sim.reference.link import Link
from sim.reference.memory import MemoryConnector, MemoryLoop
from sim.reference.recorder import Clock, Recorder
from sim.reference.running import tasks
from sim.reference.serving import http_client
from sim.reference.stack import Reports, Stack, standing
from sim.reference.turns import HEARTBEAT, OTHER

Socket = aiohttp.ClientWebSocketResponse[bool]

HORIZON_S = 10_000.0


@dataclass(frozen=True, slots=True)
class Linked:
    """The client is `u`, its run `r`; `clock` starts with the test, and `drawn` is the client's script."""

    drawn: ClientScript
    stack: Stack
    broker: LocalBroker
    link: Link
    clock: Clock
    recorder: Recorder

    @property
    def rows(self) -> list[Row]:
        """What the link has recorded: losses."""
        return self.recorder.rows

    def emit(self, seq: int, run_id: str = "r") -> str:
        """Emit an event of this user's now, and give its message's text."""
        self.link.published(seq if run_id == "r" else OTHER + seq)
        message = Message(run_id, seq, "x", None, 0.0)
        self.stack.orchestrator.append(message)
        self.stack.orchestrator.publish("u", message)
        return encode_message(message)

    def beat(self, number: int) -> None:
        """Publish a heartbeat of this client's run now."""
        self.link.published(HEARTBEAT + number)
        self.stack.orchestrator.beat("u", "r", number)

    def say(self, payload: str, username: str = "u") -> None:
        """Publish anything."""
        self.broker.publish(channel(username), payload)

    async def socket(self, username: str = "u") -> Socket:
        """Open a WebSocket through the proxy; its pings have to be answered by the test."""
        return await self.stack.http.ws_connect(
            f"{self.stack.url}/ws?username={username}", compress=0, autoping=False, autoclose=False
        )

    async def next_of(self, socket: Socket) -> tuple[int, WSMsgType, object]:
        """What this socket hears next, and when."""
        message = await socket.receive()
        return self.clock.now_us(), message.type, message.data

    @staticmethod
    def index(text: str) -> int | str:
        """Which event of the client's run a message's text is about; `other` where it is of another run."""
        message = decode_message(text)
        if isinstance(message, Heartbeat):
            return "heartbeat"
        return message.seq if message.run_id == "r" else "other"

    async def poll(self, run_id: str = "r") -> tuple[int, int, int]:
        """When a poll that is sent now is answered, its status, and how many events the answer holds."""
        async with self.stack.http.get(f"{self.stack.url}/api/v1/runs/{run_id}/events") as response:
            count = len((await response.json())["events"]) if response.status == 200 else 0
            return self.clock.now_us(), response.status, count

    async def until(self, time_us: int) -> None:
        """Wait for this instant, and for all that happens in it."""
        await asyncio.sleep(max(0.0, self.clock.when(time_us) - asyncio.get_running_loop().time()))
        await asyncio.sleep(1e-7)


@asynccontextmanager
async def linked(text: str = "") -> AsyncIterator[Linked]:
    """All of it on the running loop, which may be virtual; `text` is a scenario's TOML without its head."""
    script = realize(Scenario.from_toml(f'title = "t"\nhorizon_s = {HORIZON_S}\n{text}'))
    reports = Reports(outages=True)
    connector = MemoryConnector() if isinstance(asyncio.get_running_loop(), MemoryLoop) else None
    broker = LocalBroker(reports.lost)
    async with http_client(connector) as http, tasks() as services:
        fanout = LocalFanout(broker, settings_of(script), reports, services)
        async with standing(broker, fanout, http, reports, script.scenario.orchestrator, broker) as stack:
            clock = Clock(asyncio.get_running_loop())
            recorder = Recorder(script.horizon_us)
            link = Link(script.client(0), "r", "u", horizon_us=script.horizon_us, clock=clock, recorder=recorder)
            stack.proxy.add([link])
            stack.orchestrator.open("r")
            link.schedule()
            yield Linked(script.client(0), stack, broker, link, clock, recorder)
