"""The orchestrator's queue as the judges see it (O4, O5), worked out by hand."""

from typing import Any

from sim.contract.script import Script
from sim.verify.happenings import FINISH, FIRE
from sim.verify.queue import served
from sim.verify.requests import Request, request
from tests.verify.faults import partition, script


def queue(workers: int, limit: int, service: float, **kwargs: Any) -> Script:
    table = {"workers": workers, "queue_limit": limit, "service_s": service}
    return script(count=4, orchestrator=table, **kwargs)


def fared(given: Script, *sent_s: tuple[int, int, float]) -> list[str]:
    """How polls `client number sent` fare: `client number` and when its answer leaves, or `turned away`."""
    polls = [request(given.client(client), number, round(at_s * 1e6), FIRE) for client, number, at_s in sent_s]
    return [
        f"{r.poll.me.client} {r.poll.number} {'turned away' if r.overloaded else f'{r.leaves_us / 1e6:g}'}"
        for r in served(given, polls)
    ]


def test_those_who_find_no_worker_wait_and_those_who_find_no_place_are_turned_away() -> None:
    given = queue(1, 1, 2.0)
    assert fared(given, (0, 0, 4), (1, 0, 4.5), (2, 0, 5), (3, 0, 6.5)) == [
        "0 0 6",
        "1 0 8",
        "2 0 turned away",
        "3 0 10",
    ]


def test_at_one_instant_requests_come_before_services_end() -> None:
    assert fared(queue(1, 0, 2.0), (0, 0, 4), (1, 0, 6), (2, 0, 6.5)) == ["0 0 6", "1 0 turned away", "2 0 8.5"]


def test_two_workers_serve_two() -> None:
    assert fared(queue(2, 9, 2.0), (0, 0, 4), (1, 0, 4), (2, 0, 5)) == ["0 0 6", "1 0 6", "2 0 8"]


def test_at_one_instant_the_lower_client_comes_first() -> None:
    assert fared(queue(1, 9, 2.0), (2, 0, 4), (1, 0, 4)) == ["1 0 6", "2 0 8"]


def test_what_is_sent_in_an_instants_last_turn_comes_after_what_arrives_in_it() -> None:
    given = script(
        count=2,
        poll_latency={"uniform": [0.0, 4.0]},
        orchestrator={"workers": 1, "service_s": 1.0},
    )
    arriving = request(given.client(1), 0, 4_000_000, FIRE)
    at_once = request(given.client(0), 0, arriving.reached_us, FIRE)
    at_once = at_once._replace(due_us=at_once.sent_us, reached_us=at_once.sent_us)
    assert [r.poll.me.client for r in served(given, [at_once, arriving])] == [1, 0]


def test_a_request_that_a_partition_holds_up_arrives_at_its_end() -> None:
    given = queue(1, 9, 2.0, faults=[partition(3, 4)])
    assert fared(given, (0, 0, 4), (1, 0, 8)) == ["0 0 9", "1 0 11"]


def test_what_a_fault_takes_never_reaches_a_worker() -> None:
    given = queue(1, 9, 2.0, faults=[{"kind": "poll-failed", "polls": [0], "manner": "error"}])
    assert fared(given, (0, 0, 4), (1, 1, 5)) == ["1 1 7"]


def at_once(given: Script, client: int, number: int, at_s: float, turn: int) -> Request:
    return request(given.client(client), number, round(at_s * 1e6), turn)


def test_p8_what_is_sent_at_once_in_an_answers_turn_comes_before_what_the_timers_of_its_instant_send() -> None:
    given = queue(1, 9, 2.0)
    found = served(given, [at_once(given, 0, 0, 4, FIRE), at_once(given, 1, 1, 4, FINISH)])
    assert [(r.poll.me.client, r.waited) for r in found] == [(1, False), (0, True)]


def test_p8_a_poll_sent_at_once_as_its_clients_service_ends_finds_the_worker_free_again() -> None:
    given = queue(1, 0, 2.0)
    first, second = at_once(given, 0, 0, 4, FIRE), at_once(given, 0, 1, 6, FINISH)
    assert [(r.poll.number, r.overloaded, r.leaves_us) for r in served(given, [first, second])] == [
        (0, False, 6_000_000),
        (1, False, 8_000_000),
    ]


def test_b20_a_poll_beyond_the_draws_takes_those_of_its_number_modulo_as_many() -> None:
    given = queue(1, 9, 2.0, poll_latency={"uniform": [0.0, 4.0]})
    me = given.client(0)
    again = request(me, len(me.poll_latency_us) + 1, 0, FIRE)
    assert again.returns_us == request(me, 1, 0, FIRE).returns_us
    assert again.returns_us != request(me, 0, 0, FIRE).returns_us
