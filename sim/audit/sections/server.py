"""What the document demands of the servers, and the interval and terminal states that it configures."""

import json

from sim.audit.facts import LISTING, PROSE, Facts
from sim.audit.intervals import CHOICE_S, IntervalRow
from sim.audit.sections.listing import ending
from sim.audit.statement import Check, Statement
from sim.audit.words import number, percent
from sim.contract import wire
from sim.measure.statistics import Estimate

ENDPOINT = "1. WebSocket Endpoint (Fanout Service)"
API = "2. Polling Endpoint (Orchestrator API)"
INTERVAL = "Poll Interval"
TERMINAL = "Terminal States"

RESPONSE = """{
  "run_id": "abc-123",
  "events": [
    {"type": "node_started", "node_id": "fetch", "timestamp": 1234567890},
    {"type": "node_completed", "node_id": "fetch", "timestamp": 1234567895},
    {"type": "workflow_completed", "timestamp": 1234567900}
  ],
  "status": "completed"
}"""
"""The document's example of an answer."""

LONG_RUN = {"horizon_s": 1001.0, "workload": {"even": {"count": 1000, "every_s": 1.0}}, "polling": {"latency_s": 0.1}}


def statements(facts: Facts) -> list[Statement]:
    """The statements of these sections."""
    return [_endpoint(facts), _api(facts), _response(), _complete_history(facts), *_intervals(facts), _terminal(facts)]


def _endpoint(facts: Facts) -> Statement:
    received = facts.run("websocket-working", "virtual").value("messages_received")
    return Statement(
        ENDPOINT,
        "Already implemented: `ws://localhost:8085/ws?username=<user>`",
        (
            Check(
                "the reference is asked that way",
                f"a client of Scenario 1 receives {received} of 4 messages",
                None,
            ),
        ),
        "The service that the document speaks of is not part of it; the reference is no evidence of it.",
    )


def _api(facts: Facts) -> Statement:
    run = facts.run("websocket-dies", "virtual")
    answers = len(run.times_s("poll_answered"))
    return Statement(
        API,
        "GET /api/v1/runs/{run_id}/events",
        (
            Check(
                "the reference serves that path",
                f"a client of Scenario 3 gets {answers} answers there, and misses {run.value('events_lost')} events",
                answers > 0 and run.value("events_lost") == 0,
            ),
        ),
    )


def _response() -> Statement:
    documented = json.loads(RESPONSE)
    history = [
        wire.Message(documented["run_id"], seq, event["type"], event.get("node_id"), event["timestamp"])
        for seq, event in enumerate(documented["events"])
    ]
    ours = json.loads(wire.encode_answer(documented["run_id"], history))
    more = sorted({key for event in ours["events"] for key in event} - {"type", "node_id", "timestamp"})
    for event in ours["events"]:
        for key in more:
            del event[key]
    return Statement(
        API,
        '"status": "completed"',
        (
            Check(
                "the reference answers with the document's example",
                f"all {len(history)} events field for field the same, and {', '.join(more)} besides",
                ours == documented,
            ),
        ),
        "What a WebSocket message looks like is not documented; without run_id a client cannot tell its run's messages "
        "from those of the user's other runs, nor without a number that one is missing.",
    )


def _complete_history(facts: Facts) -> Statement:
    short, long = facts.run("worst-case"), facts.run(LONG_RUN, policy="polling-only")
    polls, carried = long.value("poll_requests"), long.value("bytes_http") / 1e6
    needed = facts.run(LONG_RUN, policy="websocket-only").value("bytes_websocket") / 1e6
    return Statement(
        API,
        "This allows polling to fetch the complete event history.",
        (
            Check(
                "the WebSocket is dead",
                f"{short.value('events_lost')} of 10 events are missed by polling alone",
                short.value("events_lost") == 0,
            ),
            Check(
                "a run has 1,000 events, one a second",
                f"{long.value('events_lost')} are missed, but {polls} answers carry {carried:.1f} MB to one user, "
                f"where messages would carry {needed:.2f} MB",
                long.value("events_lost") == 0,
            ),
        ),
        "Each answer repeats what the client has; asking for what is newer (?after=N) costs each event once.",
    )


def _rows(facts: Facts, interval_s: float) -> list[IntervalRow]:
    return [row for row in facts.intervals if row.poll_interval_s == interval_s]


NOTHING_S = 0.01
"""A difference of mean latency that is none: a tenth of what anybody notices."""


def _latency(row: IntervalRow, faster: bool) -> Check:
    """Whether this interval is more responsive than 4 s, or less so; not where the two are equivalent."""
    beyond = row.beyond_choice["latency_mean_s"]
    holds = True if (beyond.high < -NOTHING_S if faster else beyond.low > NOTHING_S) else None
    other_way = beyond.low > NOTHING_S if faster else beyond.high < -NOTHING_S
    if other_way or -NOTHING_S <= beyond.low <= beyond.high <= NOTHING_S:
        holds = False
    found = f"mean latency {number(row.values['latency_mean_s'])} s, {_beyond(beyond, ' s')}"
    return Check(f"{row.poll_interval_s:g} s, {row.condition}", found, holds)


def _load(row: IntervalRow, more: bool) -> Check:
    beyond = row.beyond_choice["polls_per_run"]
    holds = None if beyond.low <= 0 <= beyond.high else (beyond.low > 0) == more
    found = f"{number(row.values['polls_per_run'])} polls per run, {_beyond(beyond)}"
    return Check(f"{row.poll_interval_s:g} s, {row.condition}", found, holds)


def _beyond(beyond: Estimate, unit: str = "") -> str:
    """A difference in words."""
    size = beyond if beyond.value >= 0 else Estimate(-beyond.value, -beyond.high, -beyond.low)
    told = f"{number(size)}{unit} {'more' if beyond.value >= 0 else 'less'}"
    return f"{told} than at {CHOICE_S:g} s on the same scripts"


def _intervals(facts: Facts) -> list[Statement]:
    one, ten, four = _rows(facts, 1.0), _rows(facts, 10.0), _rows(facts, CHOICE_S)
    lossy = {row.poll_interval_s: row.values for row in facts.intervals if row.condition == "5 % loss"}
    missing = "; ".join(f"{s:g} s: {percent(values['runs_missing_share'])}" for s, values in lossy.items())
    shortest = facts.claim("poll-interval-1s", "1s: More responsive")
    return [
        Statement(
            INTERVAL,
            "1s: More responsive",
            (shortest, *(_latency(row, faster=True) for row in one)),
            "Messages get lost: where they all arrive, polling more often shows nothing earlier.",
        ),
        Statement(
            INTERVAL,
            "1s: ... higher load",
            (facts.claim("poll-interval-1s", "1s: higher load"), *(_load(row, more=True) for row in one)),
        ),
        Statement(
            INTERVAL,
            "10s: More efficient",
            (facts.claim("poll-interval-10s", "10s: More efficient"), *(_load(row, more=False) for row in ten)),
        ),
        Statement(
            INTERVAL,
            "10s: ... less responsive",
            (facts.claim("poll-interval-10s", "10s: less responsive"), *(_latency(row, faster=False) for row in ten)),
            "Messages get lost. What the document does not say: the longer the interval, the more is never displayed "
            f"at all. Runs that miss an event at 5 % loss, by interval: {missing}.",
        ),
        Statement(
            INTERVAL,
            "4s: Good balance (our choice)",
            (facts.claim("poll-interval-4s", "the last event waits 3.5 s", shows=None),),
            "Good is not decidable without saying how late is too late and how much load is too much: every interval "
            "trades the one for the other. At 4 s: "
            + "; ".join(
                f"{row.condition}: {number(row.values['polls_per_run'])} polls per run, mean latency "
                f"{number(row.values['latency_mean_s'])} s"
                for row in four
            )
            + ".",
        ),
    ]


def _terminal(facts: Facts) -> Statement:
    checks = []
    for event_type in wire.STATUS_OF_TERMINAL:
        ended_s = facts.run(ending(event_type)).times_s("terminal_reached")
        found = f"{event_type} at 3 s ends polling" if ended_s == [3.0] else f"{event_type} does not end polling"
        checks.append(Check(PROSE, found, ended_s == [3.0]))
    return Statement(
        TERMINAL,
        "const TERMINAL_STATES = [ 'workflow_completed', 'workflow_failed', 'workflow_cancelled' ];",
        (
            *checks,
            facts.claim("listing-cancelled", "TERMINAL_STATES: workflow_cancelled", LISTING),
        ),
        "The client is that of the prose: the listing spells out two of the three, and never learns that a run was "
        "cancelled.",
    )
