"""O4, O5: the queue before the orchestrator's workers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp

from sim.contract.wire import Message
from sim.reference import orchestrator
from sim.reference.broker import LocalBroker
from sim.reference.memory import MemoryConnector
from sim.reference.orchestrator import Orchestrator
from sim.reference.queue import WorkQueue
from sim.reference.redis import nobody_told
from sim.reference.serving import HOST, http_client, serving
from tests.reference.loops import settle, virtually

S = 1_000_000


def now_us() -> int:
    return round(asyncio.get_running_loop().time() * 1e6)


async def served_us(queue: WorkQueue, *service_us: int) -> list[int | None]:
    """When each of these requests, which arrive at once, is served; None where it is turned away."""

    async def wait(service_us: int) -> int | None:
        served = queue.admit(service_us)
        if served is None:
            return None
        await served
        return now_us()

    return await asyncio.gather(*map(wait, service_us))


def test_o5_a_free_worker_serves_at_once_and_the_next_waits_for_it() -> None:
    assert virtually(served_us(WorkQueue(1, 9), 3, 4)) == [3, 7]


def test_o5_who_waits_is_served_first_come_first_served_by_whoever_is_free_first() -> None:
    assert virtually(served_us(WorkQueue(2, 9), 10, 4, 5, 1, 1)) == [10, 4, 9, 10, 11]


def test_o5_beyond_the_limit_of_those_who_wait_requests_are_turned_away() -> None:
    assert virtually(served_us(WorkQueue(1, 2), 5, 5, 5, 5)) == [5, 10, 15, None]
    assert virtually(served_us(WorkQueue(1, 0), 5, 5)) == [5, None]


def test_o5_a_place_that_gets_free_is_taken_again() -> None:
    async def main() -> None:
        queue = WorkQueue(1, 1)
        assert await served_us(queue, 5, 5, 5) == [5, 10, None]
        assert await served_us(queue, 5, 5, 5) == [15, 20, None]

    virtually(main())


def test_o5_a_service_that_takes_no_time_is_still_a_step_and_keeps_the_order() -> None:
    async def main() -> None:
        queue, order = WorkQueue(1, 9), list[int]()
        for number in range(3):
            served = queue.admit(0)
            assert served is not None
            assert not served.done()
            served.add_done_callback(partial(lambda number, _: order.append(number), number))
        await asyncio.sleep(0.000001)
        assert order == [0, 1, 2]

    virtually(main())


def test_o5_what_its_client_has_given_up_is_served_all_the_same() -> None:
    async def main() -> list[int | None]:
        queue = WorkQueue(1, 9)
        for _ in range(2):  # one in service, one that waits
            given_up = queue.admit(5)
            assert given_up is not None
            given_up.cancel()
        return await served_us(queue, 1)

    assert virtually(main()) == [11]


class Shop:
    """An orchestrator with one run `r`, and what its service times were asked for."""

    def __init__(self, queue: WorkQueue | None, service_us: int = S) -> None:
        self.asked: list[str] = []
        self._service_us = service_us
        self.histories = Orchestrator(LocalBroker(nobody_told), queue, service_us=self._service, retry_after_s=7)
        self.histories.open("r")

    def _service(self, run_id: str) -> int:
        self.asked.append(run_id)
        return self._service_us

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Visits"]:
        async with (
            serving(orchestrator.application(self.histories), HOST, 80),
            http_client(MemoryConnector()) as http,
        ):
            yield Visits(http)


class Visits:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def get(self, run_id: str = "r") -> tuple[int, int, dict[str, object], str | None]:
        """When the answer is there, its status, body and Retry-After."""
        async with self._http.get(f"http://{HOST}/api/v1/runs/{run_id}/events") as response:
            body = json.loads(await response.read())
            return now_us(), response.status, body, response.headers.get("Retry-After")


def test_o5_without_a_queue_requests_are_answered_at_once_and_no_service_time_is_asked_for() -> None:
    async def main() -> None:
        shop = Shop(None)
        async with shop.open() as visits:
            assert (await visits.get())[:2] == (0, 200)
        assert shop.asked == []

    virtually(main())


def test_o3_the_answer_holds_the_history_and_the_status_as_of_the_arrival() -> None:
    async def main() -> None:
        shop = Shop(WorkQueue(1, 9))
        async with shop.open() as visits:
            visit = asyncio.create_task(visits.get())
            await settle()
            shop.histories.append(Message("r", 0, "workflow_completed", None, 0.0))
            at_us, status, body, _ = await visit
            assert (at_us, status, body) == (S, 200, {"run_id": "r", "events": [], "status": "running"})
            assert (await visits.get())[2]["status"] == "completed"

    virtually(main())


def test_o5_a_full_queue_answers_503_at_once_and_says_when_to_come_again() -> None:
    async def main() -> None:
        shop = Shop(WorkQueue(1, 1))
        async with shop.open() as visits:
            visits_us = await asyncio.gather(*(visits.get() for _ in range(3)))
        assert [visit[:2] for visit in visits_us] == [(S, 200), (2 * S, 200), (0, 503)]
        assert visits_us[2][2:] == ({"error": "too many requests are waiting; try again later"}, "7")
        assert shop.asked == ["r", "r", "r"]

    virtually(main())


def test_o5_a_request_whose_client_has_gone_keeps_its_worker_until_it_is_served() -> None:
    async def main() -> int:
        async with Shop(WorkQueue(1, 9)).open() as visits:
            for _ in range(2):  # one in service, one that waits
                impatient = asyncio.create_task(visits.get())
                await settle()
                impatient.cancel()
                await settle()
            return (await visits.get())[0]

    assert virtually(main()) == 3 * S


def test_o2_an_unknown_run_is_answered_404_without_a_worker() -> None:
    async def main() -> None:
        shop = Shop(WorkQueue(1, 0))
        async with shop.open() as visits:
            busy = asyncio.create_task(visits.get())
            await settle()
            assert (await visits.get("nobody"))[:2] == (0, 404)
            await busy
        assert shop.asked == ["r"]

    virtually(main())
