import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from yarl import URL

from sim.contract.wire import Message
from sim.reference import orchestrator
from sim.reference.orchestrator import Orchestrator
from sim.reference.redis import Arrived
from sim.reference.serving import serving

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


class Published:
    """A broker that keeps what is published, and what the history held at that moment."""

    def __init__(self) -> None:
        self.orchestrator: Orchestrator | None = None
        self.messages: list[tuple[str, dict[str, Any], int]] = []

    def publish(self, channel: str, payload: str) -> None:
        assert self.orchestrator is not None
        data = json.loads(payload)
        self.messages.append((channel, data, len(self.orchestrator.history(data["run_id"]) or ())))

    async def listen(self, pattern: str, on_messages: Arrived, on_subscribed: Callable[[], None]) -> None:
        raise NotImplementedError


@asynccontextmanager
async def api() -> AsyncIterator[tuple[Orchestrator, Published, aiohttp.ClientSession]]:
    broker = Published()
    broker.orchestrator = histories = Orchestrator(broker)
    async with (
        serving(orchestrator.application(histories), "127.0.0.1") as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}/api/v1/runs/") as http,
    ):
        yield histories, broker, http


async def got(http: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with http.get(path) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("types", "status"),
    [
        ([], "running"),
        (["node_started"], "running"),
        (["workflow_completed"], "completed"),
        (["workflow_failed"], "failed"),
        (["workflow_cancelled", "node_started"], "cancelled"),
    ],
)
def test_o1_the_answer_is_the_history_and_the_status(types: list[str], status: str) -> None:
    async def main() -> tuple[int, Any]:
        async with api() as (histories, _, http):
            histories.open("r")
            for seq, type_ in enumerate(types):
                histories.append(Message("r", seq, type_, "n", 1.5))
            return await got(http, "r/events")

    events = [{"type": t, "seq": n, "timestamp": 1.5, "node_id": "n"} for n, t in enumerate(types)]
    assert asyncio.run(main()) == (200, {"run_id": "r", "events": events, "status": status})


AFTER: list[tuple[str, list[int]]] = [
    ("", [0, 1, 2]),
    ("?after=0", [1, 2]),
    ("?after=1", [2]),
    ("?after=001", [2]),
    ("?after=2", []),
    ("?after=3", []),
    (f"?after={2**31}", []),
    (f"?after={'9' * 5000}", []),
]


@pytest.mark.parametrize(("query", "seqs"), AFTER)
def test_p2_an_answer_holds_what_comes_after_and_the_status_of_the_whole_history(query: str, seqs: list[int]) -> None:
    async def main() -> tuple[int, Any]:
        async with api() as (histories, _, http):
            for seq, type_ in enumerate(["workflow_failed", "x", "x"]):
                histories.append(Message("r", seq, type_, None, 0.0))
            return await got(http, f"r/events{query}")

    status, answer = asyncio.run(main())
    assert (status, [event["seq"] for event in answer["events"]]) == (200, seqs)
    assert (answer["run_id"], answer["status"]) == ("r", "failed")


@pytest.mark.parametrize(
    "query",
    ["after=", "after=-1", "after=%2B1", "after=1.0", "after=1e3", "after=x", "after=1&after=1", "after=%201",
     "after=1_0", "after=%D9%A3"],
)  # fmt: skip
@pytest.mark.parametrize("run_id", ["r", "none"])
def test_p2_anything_but_one_whole_number_from_0_is_answered_400_with_a_sentence(query: str, run_id: str) -> None:
    async def main() -> tuple[int, Any]:
        async with api() as (histories, _, http):
            histories.open("r")
            async with http.get(URL(f"{run_id}/events?{query}", encoded=True)) as response:
                return response.status, await response.json()

    assert asyncio.run(main()) == (
        400,
        {"error": "the query's after must be one whole number from 0: the seq after which to begin"},
    )


def test_p3_a_heartbeat_tells_its_users_channel_the_newest_seq_or_that_there_is_none() -> None:
    broker = Published()
    broker.orchestrator = histories = Orchestrator(broker)
    histories.open("r")
    histories.beat("a:b", "r", 0)
    for seq in range(2):
        histories.append(Message("r", seq, "x", None, 0.0))
    histories.beat("a:b", "r", 1)
    assert [(channel, data) for channel, data, _ in broker.messages] == [
        ("workflow:events:a:b", {"type": "heartbeat", "run_id": "r", "number": number, "newest": newest})
        for number, newest in ((0, -1), (1, 1))
    ]


def test_o2_an_unknown_run_is_answered_404_in_json() -> None:
    async def main() -> tuple[int, Any]:
        async with api() as (_, _, http):
            return await got(http, "no%2Fsuch%3Arun/events")

    assert asyncio.run(main()) == (404, {"error": "there is no run 'no/such:run'"})


def test_w2_a_posted_event_is_in_the_history_before_it_is_published() -> None:
    async def main() -> tuple[list[tuple[str, dict[str, Any], int]], Any]:
        async with api() as (_, broker, http):
            for event in ({"type": "node_started", "node_id": "a"}, {"type": "workflow_completed"}):
                async with http.post("r/events", params={"username": "a:b"}, json=event) as response:
                    assert response.status == 201
            return broker.messages, (await got(http, "r/events"))[1]

    messages, answer = asyncio.run(main())
    assert [(channel, data["seq"], held) for channel, data, held in messages] == [
        ("workflow:events:a:b", 0, 1),
        ("workflow:events:a:b", 1, 2),
    ]
    assert [event["type"] for event in answer["events"]] == ["node_started", "workflow_completed"]
    assert answer["status"] == "completed"


@pytest.mark.parametrize(
    ("query", "body", "sentence"),
    [
        ("", "{}", "the query needs username=U"),
        ("?username=", "{}", "the query needs username=U"),
        ("?username=u", "{", "the body is not JSON"),
        ("?username=u", "[]", "must be a JSON object"),
        ("?username=u", "{}", "type must be a string, not empty"),
        ("?username=u", '{"type": ""}', "type must be a string, not empty"),
        ("?username=u", '{"type": "t", "node_id": 1}', "node_id must be a string"),
        ("?username=u", '{"type": "t", "seq": 1}', "unknown key 'seq'"),
    ],
)
def test_a_bad_post_is_answered_400_with_a_sentence_and_emits_nothing(query: str, body: str, sentence: str) -> None:
    async def main() -> None:
        async with api() as (histories, broker, http):
            async with http.post(f"r/events{query}", data=body) as response:
                assert response.status == 400
                assert sentence in (await response.json())["error"]
            assert histories.history("r") is None
            assert broker.messages == []

    asyncio.run(main())
