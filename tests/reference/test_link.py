"""What the link of one client makes of its script: plans of attempts and polls, arrivals, losses."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import ANSWERED, ERROR, TIMEOUT, ClientScript, realize
from sim.contract.wire import Heartbeat, Message, encode_heartbeat, encode_message
from sim.reference import turns
from sim.reference.link import Link
from sim.reference.passage import NEWS
from sim.reference.recorder import Clock, Recorder
from sim.reference.turns import HEARTBEAT, OTHER
from tests.reference.faults import fault, partition
from tests.reference.loops import virtually

T = TypeVar("T")

S = 1_000_000
HORIZON_S = 60.0

EVENTS = """
[workload]
events = [{ at_s = 0.0, type = "x" }, { at_s = 0.0, type = "x" }]
other_events = [{ at_s = 0.0, type = "x" }]
"""


def scripted(text: str) -> ClientScript:
    return realize(Scenario.from_toml(f'title = "t"\nhorizon_s = {HORIZON_S}\n{text}')).client(0)


def with_link(text: str, ask: Callable[[Link, ClientScript], T], at_s: float = 0.0) -> T:
    """What a link with this script says at that time."""
    script = scripted(text)

    async def main() -> T:
        clock, recorder = Clock(asyncio.get_running_loop()), Recorder(round(HORIZON_S * 1e6))
        link = Link(script, "r", "u", horizon_us=round(HORIZON_S * 1e6), clock=clock, recorder=recorder)
        await asyncio.sleep(at_s)
        return ask(link, script)

    return virtually(main())


# attempts


def test_l5_the_first_attempt_counts_from_the_clients_start_and_later_ones_from_now() -> None:
    text = "[client]\nstart_s = 1.0\nreconnect = 'fixed'\n[websocket]\nconnect_s = 0.5\n"
    ends_us = with_link(text, lambda link, _: [link.attempt(reachable=True)[0] for _ in range(2)], at_s=1.25)
    assert ends_us == [1_500_000, 1_750_000]


def test_c10_attempt_k_takes_the_handshake_of_k_modulo_32() -> None:
    text = "[client]\nreconnect = 'fixed'\n[websocket]\nconnect_s = { uniform = [0.1, 9.0] }\n"

    def ask(link: Link, script: ClientScript) -> bool:
        ends_us = [link.attempt(reachable=True)[0] for _ in range(40)]
        return ends_us == [script.connect_us[k % 32] for k in range(40)] and len(set(ends_us)) == 32

    assert with_link(text, ask)


@pytest.mark.parametrize(("at_s", "refused"), [(0.999999, False), (1.0, True), (1.999999, True), (2.0, False)])
def test_l5_an_attempt_is_refused_iff_it_starts_in_a_refused_window(at_s: float, *, refused: bool) -> None:
    text = "[client]\nreconnect = 'fixed'\n" + fault("connection-refused", from_s=1.0, until_s=2.0)

    def ask(link: Link, _: ClientScript) -> tuple[int, turns.Rank, bool]:
        link._attempts = 1
        return link.attempt(reachable=True)

    found = with_link(text, ask, at_s)
    assert found == (round(at_s * 1e6), (turns.CLOSE, 0, NEWS) if refused else (turns.OPEN, 0, 0), refused)


def test_f9_an_attempt_without_a_server_is_refused() -> None:
    assert with_link("[websocket]\nconnect_s = 0.5\n", lambda link, _: link.attempt(reachable=False)) == (
        500_000,
        (turns.CLOSE, 0, NEWS),
        True,
    )


@pytest.mark.parametrize(
    ("time_us", "passes_us"),
    [(0, 0), (S - 1, S - 1), (S, 3 * S), (2 * S, 3 * S), (3 * S - 1, 3 * S), (3 * S, 3 * S), (4 * S, 5 * S)],
)
def test_l7_what_would_pass_inside_a_partition_passes_at_its_end_windows_that_touch_being_one(
    time_us: int, passes_us: int
) -> None:
    text = partition(1.0, 2.0) + partition(4.0, 5.0) + partition(2.0, 3.0)
    assert with_link(text, lambda link, _: link.passes_us(time_us)) == passes_us


# polls


def test_b8_a_polls_number_outranks_windows_and_the_first_window_that_holds_decides() -> None:
    text = (
        fault("poll-failed", polls=[1], manner="error")
        + fault("poll-failed", from_s=0.0, until_s=30.0, manner="timeout")
        + fault("poll-failed", from_s=0.0, until_s=60.0, manner="error")
    )
    fates = with_link(text, lambda link, _: [link.poll().fate for _ in range(3)], at_s=29.999999)
    assert fates == [TIMEOUT, ERROR, TIMEOUT]
    assert with_link(text, lambda link, _: link.poll().fate, at_s=30.0) == ERROR
    assert with_link(text, lambda link, _: link.poll().fate, at_s=60.0) == ANSWERED


def test_c9_polls_take_latencies_by_number_and_service_times_in_the_order_in_which_they_were_forwarded() -> None:
    text = (
        "[polling]\nlatency_s = { uniform = [0.1, 9.0] }\n"
        "[orchestrator]\nworkers = 1\nservice_s = { uniform = [0.1, 9.0] }\n"
    )

    def ask(link: Link, script: ClientScript) -> bool:
        plans = [link.poll() for _ in range(3)]
        for plan in (plans[0], plans[2], plans[1]):
            link.forwarded(plan)
        drawn = script.poll_service_us
        halves_us = [(plan.arrives_us, plan.back_us) for plan in plans]
        return halves_us == [(us // 2, us - us // 2) for us in script.poll_latency_us[:3]] and [
            link.service_us() for _ in range(3)
        ] == [drawn[0], drawn[2], drawn[1]]

    assert with_link(text, ask)


def test_b20_poll_n_takes_the_draws_of_n_modulo_as_many_as_there_are() -> None:
    text = "[client]\npoll_interval_s = 30.0\n[polling]\nlatency_s = { uniform = [0.1, 9.0] }\n" + fault(
        "poll-failed", polls=[1]
    )

    def ask(link: Link, script: ClientScript) -> bool:
        plans = [link.poll() for _ in range(10)]
        latencies_us = [plan.arrives_us + plan.back_us for plan in plans]
        return (
            len(script.poll_fate) == 4
            and latencies_us == (script.poll_latency_us * 3)[:10]
            and [plan.fate for plan in plans] == ([ANSWERED, ERROR, ANSWERED, ANSWERED] * 3)[:10]
            and [plan.draw for plan in plans] == ([0, 1, 2, 3] * 3)[:10]
        )

    assert with_link(text, ask)


# messages


def message(seq: int, run_id: str = "r") -> bytes:
    return encode_message(Message(run_id, seq, "x", None, 0.0)).encode()


def heartbeat(number: int, run_id: str = "r") -> bytes:
    return encode_heartbeat(Heartbeat(run_id, number, -1)).encode()


BEATS = "[orchestrator]\nheartbeat_s = 10.0\n"


@pytest.mark.parametrize(
    ("payload", "identity"),
    [
        (message(1), 1),
        (message(2), None),
        (message(0, "r/other"), OTHER),
        (message(1, "r/other"), None),
        (message(0, "s"), None),
        (heartbeat(0), HEARTBEAT),
        (heartbeat(5), HEARTBEAT + 5),
        (heartbeat(6), None),
        (heartbeat(0, "r/other"), None),
        (heartbeat(0, "s"), None),
        (encode_message(Message("r", 1, "heartbeat", None, 0.0)).encode(), 1),
        (b"[]", None),
        (b"{", None),
        (b'{"run_id": "r", "seq": "1"}', None),
        (b'{"run_id": "r", "seq": true}', None),
        (b'{"run_id": "r", "seq": -1}', None),
    ],
)
def test_a_message_is_known_by_its_run_and_index(payload: bytes, identity: int | None) -> None:
    assert with_link(EVENTS + BEATS, lambda link, _: link.identify(payload)) == identity


def test_l1_a_message_arrives_after_its_latency_but_not_before_the_one_ahead_of_it() -> None:
    text = EVENTS + "[websocket]\nlatency_s = 2.0\n"
    assert with_link(text, lambda link, _: link.arrival_us(0, 100, 0), at_s=1.0) == 3 * S
    assert with_link(text, lambda link, _: link.arrival_us(OTHER, 100, 7 * S), at_s=1.0) == 7 * S


def test_l7_a_message_arrives_at_the_end_of_the_partition_that_holds_it_up() -> None:
    text = EVENTS + "[websocket]\nlatency_s = 2.0\n" + partition(3.0, 9.0)
    assert with_link(text, lambda link, _: link.arrival_us(0, 100, 0), at_s=1.0) == 9 * S
    assert with_link(text, lambda link, _: link.arrival_us(0, 100, 8 * S), at_s=0.0) == 9 * S


def test_l9_a_slow_reader_takes_its_time_for_every_byte_rounded_up_behind_what_is_ahead() -> None:
    text = EVENTS + "[websocket]\nlatency_s = 2.0\n" + fault("slow-reader", clients=[0], bytes_per_s=3.0)
    assert with_link(text, lambda link, _: link.arrival_us(0, 10, 0), at_s=1.0) == 3 * S + 3_333_334
    assert with_link(text, lambda link, _: link.arrival_us(0, 9, 7 * S), at_s=1.0) == 10 * S


def test_p3_own_messages_other_runs_and_heartbeats_have_latencies_and_losses_of_their_own() -> None:
    text = (
        EVENTS + BEATS + "[websocket]\nlatency_s = { uniform = [0.1, 9.0] }\n" + fault("message-lost", probability=0.5)
    )

    def ask(link: Link, script: ClientScript) -> bool:
        kinds = [
            (0, script.event_latency_us, script.event_lost),
            (OTHER, script.other_latency_us, script.other_lost),
            (HEARTBEAT, script.heartbeat_latency_us, script.heartbeat_lost),
        ]
        drawn = [
            (first + n, us, lost) for first, *draws in kinds for n, (us, lost) in enumerate(zip(*draws, strict=True))
        ]
        asked = [(order, link.arrival_us(order, 10, 0), link.is_lost(order)) for order, _, _ in drawn]
        return len(drawn) == 9 and asked == drawn and {lost for _, _, lost in drawn} == {False, True}

    assert with_link(text, ask)


# losses


def ended(happen: Callable[[Link], None]) -> list[tuple[str, int, str]]:
    """The rows of a link with two own messages and another run's on their way, after this."""

    def ask(link: Link, _: ClientScript) -> list[tuple[str, int, str]]:
        for order in (OTHER, 1, 0):
            link.published(order)
        happen(link)
        return [row[2:] for row in link._recorder.rows]

    return with_link(EVENTS, ask)


def test_b3_what_is_lost_together_is_told_own_events_first_each_by_index() -> None:
    assert ended(lambda link: link.lost(link.on_their_way, "connection-lost")) == [
        ("message_lost", 0, "connection-lost"),
        ("message_lost", 1, "connection-lost"),
        ("message_lost", -1, "connection-lost"),
    ]


def test_l2_every_message_ends_once_whoever_tells_it_how_often() -> None:
    def happen(link: Link) -> None:
        link.arrived(0)
        link.undelivered(message(1), "no-subscriber")
        link.undelivered(message(1), "no-connection")
        link.undelivered(message(0), "no-connection")
        link.lost([OTHER, OTHER], "half-open")
        link.lost(link.on_their_way, "connection-lost")
        link.aborted("overflow")

    assert ended(happen) == [("message_lost", 1, "no-subscriber"), ("message_lost", -1, "half-open")]


def test_what_is_no_message_of_the_script_is_not_recorded_as_lost() -> None:
    def happen(link: Link) -> None:
        link.undelivered(message(2), "no-connection")
        link.undelivered(message(0, "another"), "no-connection")
        link.undelivered("no json", "no-connection")

    assert ended(happen) == []


@pytest.mark.parametrize(("reason", "lost"), [("overflow", 3), ("write-timeout", 0), ("pong-timeout", 0)])
def test_l9_an_overflow_loses_all_that_is_unsent_at_once_and_what_else_the_server_gives_up_for_only_as_its_news_pass(
    reason: str, lost: int
) -> None:
    assert [row[2] for row in ended(lambda link: link.aborted(reason))] == [reason] * lost


def test_b4_at_one_instant_a_closed_loss_comes_before_a_half_open_one_in_the_turn_of_closes() -> None:
    at_one = {"at_s": 1.0}
    text = fault("connection-lost", manner="half-open", **at_one) + fault("connection-lost", **at_one)
    script = scripted(text)
    told: list[str] = []

    class Noted:
        def cut(self) -> None:
            told.append("closed")

        def go_silent(self) -> None:
            told.append("half-open")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        link = Link(script, "r", "u", horizon_us=S, clock=Clock(loop), recorder=Recorder(S))
        link.passages[Noted()] = None  # type: ignore[index]
        turns.call_at(1.0, (turns.EMIT, -1, 0), told.append, "event")
        link.schedule()
        turns.call_at(1.0, (turns.OPEN, 0, 0), told.append, "opened")
        await asyncio.sleep(2)

    virtually(main())
    assert told == ["opened", "closed", "half-open", "event"]


@pytest.mark.parametrize(
    ("text", "steady_from_us"),
    [
        ("", -1),
        (fault("connection-lost", at_s=2.0) + fault("connection-lost", at_s=3.0, manner="half-open"), 3 * S),
        (fault("connection-lost", at_s=2.0) + partition(1.0, 5.0), 5 * S),
        (fault("slow-reader", clients=[0], bytes_per_s=1.0), 60 * S),
    ],
)
def test_an_open_connection_is_steady_once_nothing_scripted_can_happen_to_it(text: str, steady_from_us: int) -> None:
    assert with_link(text, lambda link, _: link.steady_from_us) == steady_from_us
