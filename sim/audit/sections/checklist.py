"""The Implementation Checklist: what is said to be done, and what is still to do."""

from sim.audit.conditions import CLIENTS, CONDITIONS
from sim.audit.facts import Facts, Run
from sim.audit.statement import Check, Statement
from sim.measure.metrics import never_shown

SECTION = "Implementation Checklist"

NOT_PART = "The service that this is said of is not part of the document, and nothing here runs it"

BURST = {
    "horizon_s": 6.0,
    "workload": {
        "events": [
            *({"at_s": 1.0, "type": "node_started"} for _ in range(20)),
            {"at_s": 2.0, "type": "workflow_completed"},
        ]
    },
}
"""Twenty events in one instant."""

PINGS = (
    "the client is never told",
    "and so never reconnects",
    "at 54 s the server still sends into the void",
    "at 57 s it has given the connection up: no pong within 30 s of the ping at 25.1 s",
)


def statements(facts: Facts) -> list[Statement]:
    """The statements of this section."""
    burst = facts.run(BURST, "virtual")
    received, pings = burst.value("messages_received"), facts.run("half-open-connection")
    return [
        Statement(
            SECTION,
            "WebSocket message parsing fixed (separate frames)",
            (
                Check(
                    "the reference publishes 20 events in one instant",
                    f"{received} of 21 messages are received, each as a frame of its own (F2)",
                    None,
                ),
            ),
            f"{NOT_PART}; the reference is no evidence of it.",
        ),
        Statement(
            SECTION,
            "WebSocket timeouts removed",
            (),
            f"{NOT_PART}. Without any limit it would never give up a dead connection; ours lets pongs wait 30 s and "
            "writes 10 s (F4).",
        ),
        Statement(
            SECTION,
            "Ping/pong more aggressive (25s)",
            tuple(facts.claim("half-open-connection", says, shows=None) for says in PINGS),
            f"{NOT_PART}; more than what, it does not say. With pings each 25 s and 30 s for the pong the server sends "
            f"{pings.value('messages_lost'):,} messages of 20 users into dead connections before it knows, and the "
            "clients never do: browsers show them no pings.",
        ),
        *_to_do(facts),
    ]


def _listed(facts: Facts) -> tuple[Check, ...]:
    """How the hook as listed does, beside the client of the prose, under the conditions of the Benefits table."""
    checks = []
    for condition in CONDITIONS:
        table = condition.scenario.to_dict()
        prose, listing = (incomplete(facts.run(table, policy=policy)) for policy in ("hybrid", "hybrid-listing"))
        found = (
            f"{listing} of {CLIENTS} runs of the listing miss an event or the end, {prose} of the client of the prose"
        )
        checks.append(Check(condition.name, found, None))
    return tuple(checks)


def incomplete(run: Run) -> int:
    """How many runs miss an event, or never learn their end."""
    emitting, ended = (
        {row[1] for row in run.trace.rows if row[2] == kind} for kind in ("event_emitted", "terminal_reached")
    )
    return len({client for client, _ in never_shown(run.trace.rows)} | (emitting - ended))


def _to_do(facts: Facts) -> list[Statement]:
    task = "A task, not a claim. "
    return [
        Statement(
            SECTION,
            "Frontend: Implement hybrid polling hook",
            _listed(facts),
            f"{task}The hook as listed polls once per silence, never without an opening, and closes its WebSocket at "
            "the end: see React Hook Example.",
        ),
        Statement(
            SECTION,
            "Backend: Ensure `/api/v1/runs/{id}/events` endpoint exists",
            (),
            f"{task}The reference has it: see 2. Polling Endpoint.",
        ),
        Statement(
            SECTION,
            "Frontend: Stop polling on terminal states",
            (),
            f"{task}A client that stops at the terminal event alone never asks for what is missing: see "
            "dropped-then-completed.",
        ),
        Statement(
            SECTION,
            "Frontend: Reset timer on each WebSocket message",
            (facts.claim("reconnection-delay", "Hybrid: reliability high", shows=None),),
            f"{task}And the one that costs events: a message should put off the poll only while nothing is missing "
            "(docs/protocol.md, P9).",
        ),
    ]
