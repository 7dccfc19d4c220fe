"""What the React listing says in its comments and shows on the screen, against what it does."""

from typing import Any

from sim.audit.facts import LISTING, Facts
from sim.audit.statement import Check, Statement

HOOK = "React Hook Example"
USAGE = "Usage in Component"

CROSSING = {
    "horizon_s": 14.0,
    "workload": {"events": [{"at_s": 3.9, "type": "node_started"}, {"at_s": 6.0, "type": "workflow_completed"}]},
    "websocket": {"latency_s": 0.8},
    "polling": {"latency_s": 0.4},
}
"""A poll is sent at 4 s and brings the event at 4.4 s, before its message comes at 4.7 s."""

AFTER_THE_END = {
    "horizon_s": 14.0,
    "workload": {
        "events": [
            {"at_s": 1.0, "type": "node_started"},
            {"at_s": 2.0, "type": "workflow_completed"},
            {"at_s": 2.5, "type": "log_flushed"},
        ]
    },
    "fault": [{"kind": "message-lost", "event": 1}, {"kind": "message-lost", "event": 2}],
}
"""The run's end is lost and has to be learnt from an answer, in which it is not the last event."""


def ending(event_type: str) -> dict[str, Any]:
    """A run of two events whose second is of this type."""
    events = [{"at_s": 1.0, "type": "node_started"}, {"at_s": 3.0, "type": event_type}]
    return {"horizon_s": 14.0, "workload": {"events": events}}


def statements(facts: Facts) -> list[Statement]:
    """The statements of these sections."""
    return [*_hook(facts), *_fallback(facts), _usage(facts)]


def _hook(facts: Facts) -> list[Statement]:
    crossing, after = (facts.run(table, policy="hybrid-listing") for table in (CROSSING, AFTER_THE_END))
    prose = facts.run(AFTER_THE_END)
    repeated = crossing.value("events_repeated")
    return [
        Statement(
            HOOK,
            "Reset poll timer (delays polling by 4 seconds)",
            (facts.claim("listing-websocket-works", "T=3s: Poll timer resets to 7s"),),
        ),
        Statement(
            HOOK,
            "Start poll timer as fallback",
            (
                facts.claim("listing-websocket-works", "Start poll timer as fallback", "the WebSocket opens"),
                facts.claim("listing-never-opens", "Total requests: 8 HTTP polls", "it never does"),
            ),
            "The WebSocket opens: a socket that is refused leaves the user with an empty page and no request at all.",
        ),
        Statement(
            HOOK,
            "Update events",
            (
                facts.claim("websocket-working", "Result: WebSocket handled everything", "no poll is under way"),
                Check(
                    "a poll's answer brings an event before its message comes",
                    f"the message appends it again: {repeated} of 2 events stands on the screen twice",
                    repeated == 0,
                ),
            ),
            "No answer crosses a message: nothing is merged, messages are appended and answers replace. Messages of "
            "the user's other runs are appended too, whose run_id the listing does not look at.",
        ),
        Statement(
            HOOK,
            "This delays polling, preferring WebSocket when working",
            (facts.claim("listing-websocket-works", "Result: 0 polling requests"),),
        ),
        Statement(
            HOOK,
            "Check for terminal state",
            (
                facts.claim("listing-websocket-works", "T=5s: isTerminal = true", "the run completes"),
                facts.claim("listing-cancelled", "TERMINAL_STATES: workflow_cancelled", "it is cancelled"),
                facts.claim(
                    "listing-another-run",
                    "the end of the other run is taken for this one's",
                    "another run of the user completes",
                    shows=False,
                ),
                Check(
                    "the end is not the last event of an answer",
                    f"the listing learns of it {_when(after.times_s('terminal_reached'))}, the client of the prose "
                    f"{_when(prose.times_s('terminal_reached'))}",
                    bool(after.times_s("terminal_reached")),
                ),
            ),
            "The run completes or fails, no other run of the user does, and nothing follows the end in the history.",
        ),
        Statement(
            HOOK,
            "Don't close WebSocket - keep it open for other workflows",
            (
                facts.claim(
                    "listing-websocket-works",
                    "Don't close WebSocket - keep it open for other workflows",
                    LISTING,
                ),
                facts.claim("listing-websocket-works", "another one is opened at once", "the same", shows=None),
            ),
            "What is published between the two is lost to all of the user's workflows.",
        ),
    ]


def _when(times_s: list[float]) -> str:
    return f"at {times_s[0]:g} s" if times_s else "never"


def _fallback(facts: Facts) -> list[Statement]:
    refused = facts.claim("listing-never-opens", "Polling will continue as fallback", "the WebSocket is refused")
    died = facts.claim("listing-websocket-dies", "T=9s: Poll executes again", "the WebSocket was open and dies")
    missed = facts.claim(
        "listing-another-run", "Result: caught the dropped message!", "another run of the user completes"
    )
    return [
        Statement(
            HOOK,
            "Polling will continue as fallback",
            (refused, died),
            "What the prose describes does; the listing sets a timer on opening and on messages alone.",
        ),
        Statement(
            HOOK,
            "WebSocket closed, falling back to polling only",
            (facts.claim("listing-websocket-dies", "Result: Polling takes over seamlessly (resilient!)", "it closes"),),
            "It falls back to one poll.",
        ),
        Statement(
            HOOK,
            "Don't stop polling - it's our fallback!",
            (died, missed),
            "Nothing stops polling on a close; nothing goes on with it either.",
        ),
    ]


def _usage(facts: Facts) -> Statement:
    checks = []
    for event_type, right in (
        ("workflow_completed", True),
        ("workflow_failed", False),
        ("workflow_cancelled", False),
    ):
        ended = facts.run(ending(event_type), policy="hybrid-listing").times_s("terminal_reached")
        found = (
            f"from {ended[0]:g} s on the page says 'Complete'"
            if ended
            else "the page says 'Running', for ever after 3 s"
        )
        checks.append(Check(f"the run ends with {event_type} at 3 s", found, bool(ended) and right))
    return Statement(
        USAGE,
        "Workflow Status: {isTerminal ? 'Complete' : 'Running'}",
        tuple(checks),
        "The run completes: isTerminal does not tell how it ended.",
    )
