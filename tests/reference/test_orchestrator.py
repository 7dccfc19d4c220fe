import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

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
