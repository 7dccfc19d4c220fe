"""The fault proxy on its own: whoever has no script passes untouched, and what passes is not reordered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import ERROR, ClientScript, realize
from sim.contract.wire import Message, encode_message
from sim.reference import fanout, orchestrator
from sim.reference.fanout import Hub
from sim.reference.link import Link, Passage
from sim.reference.orchestrator import Orchestrator
from sim.reference.proxy import Proxy
from sim.reference.recorder import Clock, Recorder
from sim.reference.redis import Arrived
from sim.reference.running import tasks
from sim.reference.serving import http_client, serving
from sim.reference.turns import OTHER

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


class Half(asyncio.Transport):
    """The client's half of a passage."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.come = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))
        self.come.set()

    def is_closing(self) -> bool:
        return False


class NoBroker:
    def publish(self, channel: str, payload: str) -> None:
        raise NotImplementedError

    async def subscribe(self, pattern: str, on_messages: Arrived) -> None:
        raise NotImplementedError


@asynccontextmanager
async def standing() -> AsyncIterator[tuple[Proxy, Hub, Orchestrator, aiohttp.ClientSession]]:
    hub = Hub(lambda username, payload: None)
    histories = Orchestrator(NoBroker())
    async with (
        http_client() as behind,
        serving(fanout.application(hub), "127.0.0.1") as fanout_port,
        serving(orchestrator.application(histories), "127.0.0.1") as api_port,
        tasks() as group,
    ):
        servers = f"http://127.0.0.1:{fanout_port}", f"http://127.0.0.1:{api_port}"
        proxy = Proxy(*servers, http=behind, group=group)
        async with (
            serving(proxy.application(), "127.0.0.1") as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        ):
            yield proxy, hub, histories, http


def scripted(text: str) -> ClientScript:
    return realize(Scenario.from_toml(f'title = "t"\nhorizon_s = 60.0\n{text}')).client(0)


def message(seq: int, run_id: str = "r") -> tuple[bytes, bytes]:
    return b"workflow:events:u", encode_message(Message(run_id, seq, "x", None, 0.0)).encode()


def test_a_stranger_passes_untouched() -> None:
    async def main() -> None:
        async with standing() as (_, hub, histories, http):
            histories.open("a:b/c")
            async with http.get("/api/v1/runs/a%3Ab%2Fc/events") as response:
                assert (response.status, (await response.json())["run_id"]) == (200, "a:b/c")
            async with http.get("/api/v1/runs/none/events") as response:
                assert response.status == 404
            async with http.ws_connect("/ws", params={"username": "u"}) as socket:
                hub.deliver([(b"workflow:events:u", b'{"no": "event"}'), message(7)])
                assert await socket.receive_str(timeout=5) == '{"no": "event"}'
                assert await socket.receive_str(timeout=5) == message(7)[1].decode()

    asyncio.run(main())


def test_a_refusal_of_the_server_behind_is_passed_on() -> None:
    async def main() -> None:
        async with standing() as (_, _, _, http):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await http.ws_connect("/ws")
            assert caught.value.status == 400

    asyncio.run(main())


def test_a_request_that_is_no_handshake_is_refused_and_opens_nothing_behind() -> None:
    async def main() -> int:
        async with standing() as (_, _, _, http), http.get("/ws", params={"username": "u"}) as response:
            return response.status

    assert asyncio.run(main()) == 400


def test_a_scripted_users_held_messages_do_not_overtake_and_foreign_ones_pass() -> None:
    text = """
        [workload]
        events = [{ at_s = 0.0, type = "x" }, { at_s = 0.0, type = "x" }]
        [websocket]
        latency_s = { uniform = [0.02, 0.2] }
    """

    async def main() -> list[str]:
        async with standing() as (proxy, hub, _, http):
            clock = Clock(asyncio.get_running_loop())
            link = Link(scripted(text), "r", "u", clock=clock, recorder=Recorder(60_000_000))
            proxy.add([link])
            async with http.ws_connect("/ws", params={"username": "u"}) as socket:
                hub.deliver([message(0), message(1), message(5), message(0, "stranger")])
                return [await socket.receive_str(timeout=5) for _ in range(4)]

    assert asyncio.run(main()) == [
        payload.decode() for _, payload in (message(0), message(1), message(5), message(0, "stranger"))
    ]


def test_a_message_held_before_the_clients_half_opens_still_takes_its_latency() -> None:
    text = """
        [workload]
        events = [{ at_s = 0.0, type = "x" }]
        [websocket]
        latency_s = 0.2
    """

    async def main() -> None:
        loop = asyncio.get_running_loop()
        link = Link(scripted(text), "r", "u", clock=Clock(loop), recorder=Recorder(60_000_000))
        half = Half()
        passage = Passage(link, half)
        begun = loop.time()
        passage.frame(message(0)[1], b"frame")
        passage.open()
        assert half.written == []
        async with asyncio.timeout(5):
            await half.come.wait()
        assert half.written == [b"frame"]
        assert 0.2 - 1e-6 <= loop.time() - begun <= 0.35

    asyncio.run(main())


def test_a_polls_number_outranks_windows_and_the_first_window_that_holds_decides() -> None:
    text = """
        [[fault]]
        kind = "poll-failed"
        polls = [1]
        manner = "error"
        [[fault]]
        kind = "poll-failed"
        from_s = 0.0
        until_s = 30.0
        manner = "timeout"
        [[fault]]
        kind = "poll-failed"
        from_s = 0.0
        until_s = 60.0
        manner = "error"
    """

    async def main() -> list[int]:
        clock = Clock(asyncio.get_running_loop())
        link = Link(scripted(text), "r", "u", clock=clock, recorder=Recorder(60_000_000))
        return [link.poll().fate for _ in range(3)]

    fates = asyncio.run(main())
    assert fates[1] == ERROR
    assert fates[0] == fates[2] != ERROR


@pytest.mark.parametrize(
    ("payload", "identity"),
    [
        (message(1)[1], 1),
        (message(2)[1], None),
        (message(0, "r/other")[1], OTHER),
        (message(1, "r/other")[1], None),
        (message(0, "s")[1], None),
        (b"[]", None),
        (b"{", None),
        (b'{"run_id": "r", "seq": "1"}', None),
        (b'{"run_id": "r", "seq": true}', None),
    ],
)
def test_a_message_is_known_by_its_run_and_index(payload: bytes, identity: int | None) -> None:
    text = """
        [workload]
        events = [{ at_s = 0.0, type = "x" }, { at_s = 0.0, type = "x" }]
        other_events = [{ at_s = 0.0, type = "x" }]
    """

    async def main() -> int | None:
        clock = Clock(asyncio.get_running_loop())
        return Link(scripted(text), "r", "u", clock=clock, recorder=Recorder(0)).identify(payload)

    assert asyncio.run(main()) == identity
