"""What the document says is wrong with either half alone, and what it does about it."""

from itertools import pairwise

from sim.audit.facts import LISTING, PROSE, Facts
from sim.audit.statement import Check, Statement

OVERVIEW = "Overview"
WEBSOCKET = "Problem with WebSocket-Only"
POLLING = "Problem with Polling-Only"
SOLUTION = "Our Solution: Hybrid Approach"

IDLE = {
    "horizon_s": 301.0,
    "workload": {"events": [{"at_s": 1.0, "type": "node_started"}, {"at_s": 300.5, "type": "workflow_completed"}]},
    "polling": {"latency_s": 0.1},
}
"""Five minutes in which nothing happens between the first event and the end."""

SLOW_PATH = {
    "horizon_s": 20.0,
    "workload": {"events": [{"at_s": 19.0, "type": "workflow_completed"}]},
    "websocket": {"connect_s": 0.0},
    "polling": {"latency_s": 0.5},
    "fault": [{"kind": "connection-refused", "from_s": 0.0, "until_s": 20.0}],
}
"""A dead WebSocket, and polls that take half a second."""

LATE_OPENING = {
    "horizon_s": 12.0,
    "workload": {"even": {"count": 5, "every_s": 2.0}},
    "websocket": {"connect_s": 2.5},
}
"""The first event comes before the WebSocket is open; then one each 2 s."""


def statements(facts: Facts) -> list[Statement]:
    """The statements of these sections."""
    return [_overview(facts), *_websocket(facts), *_polling(facts), *_solution(facts)]


def _overview(facts: Facts) -> Statement:
    return Statement(
        OVERVIEW,
        "WebSocket for instant updates with polling as a resilient fallback",
        facts.benefits.cell("hybrid", "Reliability").checks,
        "A poll repairs what was lost only if it is sent before the end is known, and every message that does arrive "
        "puts it off: silence is noticed, a hole between messages is not.",
    )


def _alone(facts: Facts, scenario: str) -> Check:
    """What users of a WebSocket alone miss in a shipped scenario."""
    run = facts.run(scenario, policy="websocket-only")
    emitted = sum(row[2] == "event_emitted" for row in run.trace.rows)
    lost, stale_s = run.value("events_lost"), run.value("stale_s")
    found = (
        f"{lost:,} of {emitted:,} events are never displayed, and the display lacks some for {stale_s:.1f} s per user"
    )
    return Check(f"with the WebSocket alone in {scenario}", found, lost > 0 and stale_s > 0)


def _websocket(facts: Facts) -> list[Statement]:
    network = (
        facts.claim(
            "network-instability",
            "a partition loses nothing: the message of 9.0 s arrives at its end, at 10.5 s",
            "the path is cut and comes back before anybody gives up",
            shows=False,
        ),
        facts.claim(
            "network-instability", "bursts and lost connections do lose messages", "connections break, or losses burst"
        ),
        _alone(facts, "network-instability"),
    )
    restarts = (
        facts.claim(
            "server-restart",
            "all connections close with a goodbye; attempts at 11.0 and 13.1 s are refused",
            "the fanout server restarts",
        ),
        facts.claim(
            "server-restart",
            "two messages each are gone: one without a subscriber, one without a connection",
            "the fanout server restarts",
        ),
        facts.claim(
            "redis-restart",
            "messages are gone, while Redis is away and until the fanout server has subscribed again",
            "Redis restarts",
        ),
        facts.claim("redis-restart", "no WebSocket notices", "Redis restarts"),
        _alone(facts, "server-restart"),
    )
    reconnection = (
        facts.claim("reconnection-delay", "the gap is 1.2 s"),
        facts.claim("reconnection-delay", "one message each falls into it"),
        _alone(facts, "reconnection-delay"),
    )
    overflow = tuple(
        facts.claim("buffer-overflow", says, "one client stops reading")
        for says in (
            "the second message of 1 MB is more than the send buffer holds: the connection is aborted",
            "nobody else is disconnected",
            "the four others receive every message",
        )
    )
    causes = ("network-instability", "server-restart", "reconnection-delay", "buffer-overflow")
    return [
        Statement(
            WEBSOCKET,
            "Network instability",
            network,
            "The connection has to break, or the server to give it up: TCP sends again what a path loses meanwhile, so "
            "instability alone delays messages.",
        ),
        Statement(WEBSOCKET, "Server restarts", restarts, "Redis keeps nothing for a subscriber that is away."),
        Statement(WEBSOCKET, "Client reconnection delays", reconnection),
        Statement(
            WEBSOCKET,
            "Message buffer overflows",
            (*overflow, _alone(facts, "buffer-overflow")),
            "It takes a client that stops reading; the server must then cut that one off, and no other.",
        ),
        Statement(
            WEBSOCKET,
            "Users miss workflow events, UI shows stale state.",
            tuple(_alone(facts, scenario) for scenario in causes),
            "A fifth cause goes unnamed: what is emitted before the WebSocket is open, so whatever happened before the "
            "page was opened.",
        ),
    ]


def _polling(facts: Facts) -> list[Statement]:
    busy, idle = facts.benefits.of("no fault", "polling-only"), facts.run(IDLE, policy="polling-only")
    empty, polls = idle.value("empty_poll_ratio"), idle.value("poll_requests")
    cell = next(c for c in facts.benefits.cell("polling-only", "Bandwidth").checks if c.when == "no fault")
    sent_s = idle.times_s("poll_sent")
    gaps_s = {round(later - earlier, 6) for earlier, later in pairwise(sent_s)}
    latency = busy["latency_p50_s"], busy["latency_max_s"]
    return [
        Statement(
            POLLING,
            "Wastes bandwidth (polls even when nothing changes)",
            (
                Check("ten events come in 30 s", cell.found, cell.holds),
                Check(
                    "nothing happens for five minutes",
                    f"{empty:.0%} of {polls:,} polls bring nothing, in {idle.value('bytes_http'):,} bytes",
                    empty > 0.9,
                ),
            ),
            "Each answer repeats the whole history; one that holds only what is new costs hardly anything.",
        ),
        Statement(
            POLLING,
            "Higher latency (up to N seconds delay)",
            (
                Check(
                    "the orchestrator answers at once",
                    f"half of the events are seen within {latency[0].value:.2f} s, the last after "
                    f"{latency[1].value:.2f} s, 4 s and up to one and a half round trips",
                    latency[1].high < 4.5,
                ),
                facts.claim(
                    "slow-orchestrator",
                    "users wait far longer than the interval",
                    "the orchestrator cannot answer all",
                    shows=False,
                ),
            ),
            "The orchestrator has to keep up.",
        ),
        Statement(
            POLLING,
            "Server load (constant requests)",
            (
                Check(
                    "nothing happens for five minutes",
                    f"{polls:,} polls, one each {', '.join(f'{gap:g}' for gap in sorted(gaps_s))} s",
                    len(gaps_s) == 1,
                ),
            ),
        ),
    ]


def _solution(facts: Facts) -> list[Statement]:
    slow, late = facts.run(SLOW_PATH), facts.run(LATE_OPENING)
    sent_s = ", ".join(f"{time_s:g}" for time_s in slow.times_s("poll_sent"))
    return [
        Statement(
            SOLUTION,
            "Primary: WebSocket for instant updates",
            (
                facts.claim("best-case", "WebSocket: (instant)", "every message arrives"),
                Check(
                    "an event is emitted before the WebSocket is open, and others follow within the interval",
                    f"{late.value('events_lost')} of 5 events is never displayed, and {late.value('poll_requests')} "
                    "polls are sent",
                    late.value("events_lost") == 0,
                ),
            ),
            "The page was open before the run started: the client asks for nothing at mount, so what came before is "
            "left to a poll that may never be due.",
        ),
        Statement(
            SOLUTION,
            "Fallback: Poll every 4 seconds if no WebSocket message received",
            (
                facts.claim("poll-interval-4s", "4 seconds", "polls are answered at once"),
                Check("a poll takes half a second", f"polls at {sent_s} s", slow.times_s("poll_sent")[1] == 8.0),
                facts.claim("listing-websocket-dies", "T=9s: Poll executes again", LISTING),
            ),
            "The client is that of the prose, and round trips take no time: 4 s pass from an answer to the next poll.",
        ),
        Statement(
            SOLUTION,
            "Smart: Each WebSocket message delays the next poll",
            (
                facts.claim("websocket-working", "T=1s: Poll timer resets to 5s"),
                facts.claim(
                    "reconnection-delay",
                    "messages keep coming closer together than the interval, so nobody ever polls",
                ),
            ),
            "That is what loses events for good: whatever arrives puts off the poll that would bring what did not.",
        ),
        Statement(
            SOLUTION,
            "Efficient: Stop polling when workflow reaches terminal state",
            (
                facts.claim("websocket-working", "T=5s: No more polling (efficient!)", PROSE),
                facts.claim(
                    "listing-cancelled",
                    "Stop polling when workflow reaches terminal state",
                    "the client is the React listing and the run is cancelled",
                ),
                facts.claim(
                    "dropped-then-completed",
                    "the end arrives, and with it the poll timer is cleared",
                    "a message is missing",
                ),
                facts.claim("dropped-then-completed", "not one poll is sent", "a message is missing"),
            ),
            "The client is that of the prose. It stops too when something is missing, which it then never asks for.",
        ),
    ]
