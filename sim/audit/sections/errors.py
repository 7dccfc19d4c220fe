"""Error handling: what goes on after a failure, and whether to reconnect."""

from sim.audit.facts import LISTING, PROSE, Facts
from sim.audit.statement import Check, Statement

WEBSOCKET = "WebSocket Failures"
POLLING = "Polling Failures"

FAILING_POLL = {
    "horizon_s": 20.0,
    "workload": {"events": [{"at_s": 1.0, "type": "node_started"}, {"at_s": 19.0, "type": "workflow_completed"}]},
    "fault": [{"kind": "poll-failed", "polls": [0]}],
}
HANGING_POLL = FAILING_POLL | {
    "horizon_s": 30.0,
    "fault": [{"kind": "poll-failed", "polls": [0], "manner": "timeout"}],
    "workload": {"events": [{"at_s": 1.0, "type": "node_started"}, {"at_s": 29.0, "type": "workflow_completed"}]},
}
"""The first poll gets no answer, and the client gives it up after 10 s."""

HERDS = (
    ("deploy-herd", "without jitter all 1,000 poll timers are set by the reopening at 14 s, and stay in step"),
    ("deploy-herd-equal-jitter", "equal jitter spreads the reopening over 2 s, and the polls with it: 500 a second"),
    (
        "deploy-herd-full-jitter",
        "full jitter spreads it over the whole delay, which is the interval: no more polls than ever",
    ),
)


def statements(facts: Facts) -> list[Statement]:
    """The statements of these sections."""
    goes_on = (
        facts.claim("websocket-dies", "T=13s: Poll executes again", PROSE),
        facts.claim("worst-case", "Total requests: 8 HTTP polls (until the end is known)", PROSE),
        facts.claim("listing-websocket-dies", "T=9s: Poll executes again", LISTING),
    )
    return [
        Statement(
            WEBSOCKET,
            "Don't stop - polling continues as fallback",
            (*goes_on, facts.claim("listing-never-opens", "Polling will continue as fallback", LISTING)),
            "The client is that of the prose.",
        ),
        Statement(
            WEBSOCKET,
            "Polling continues automatically",
            goes_on,
            "The client is that of the prose: in the listing only a message or an opening sets the timer.",
        ),
        Statement(
            WEBSOCKET,
            'Optionally: Show banner "Real-time updates unavailable, using polling"',
            (
                facts.claim(
                    "server-restart",
                    "all connections close with a goodbye; attempts at 11.0 and 13.1 s are refused",
                    "the connection is closed",
                ),
                facts.claim("half-open-connection", "the client is never told", "it is half-open", shows=False),
            ),
            "The client is told: a path that goes without a word, as when a phone changes networks, raises no event.",
        ),
        _reconnection(facts),
        *_retries(facts),
    ]


def _reconnection(facts: Facts) -> Statement:
    without = facts.run("reconnection-delay", reconnect="none")
    lost, polls = without.value("events_lost"), without.value("poll_requests")
    checks = [
        facts.claim("server-restart", "that at 17.2 s opens", "the server is away for longer than the interval"),
        facts.claim("server-restart", "everybody comes back", "the server is away for longer than the interval"),
        facts.claim("reconnection-delay", "Hybrid: reliability high", "the gap is shorter than the interval"),
        Check("the same without reconnecting", f"{lost} events are missed, for {polls} polls", None),
    ]
    for scenario, peak in HERDS:
        checks += [
            facts.claim(scenario, "everybody comes back", shows=None),
            facts.claim(scenario, peak, shows=None),
            facts.claim(scenario, "nobody misses anything", shows=None),
        ]
    return Statement(
        WEBSOCKET,
        "Optionally: Attempt reconnection",
        tuple(checks),
        "It is no mere option: reopening arms the timer anew and lets messages put off the poll that would bring what "
        "fell into the gap. A client that reconnects has to ask at once for what it missed, and to spread itself.",
    )


def _retries(facts: Facts) -> list[Statement]:
    failing, hanging = facts.run(FAILING_POLL).times_s("poll_sent"), facts.run(HANGING_POLL).times_s("poll_sent")
    listing = facts.claim("listing-poll-fails", "will retry in 4s", LISTING)
    return [
        Statement(
            POLLING,
            "Continue polling - will retry in 4s",
            (
                Check("the error comes at once", f"polls at {failing[0]:g} and {failing[1]:g} s", failing[1] == 9.0),
                Check(
                    "no answer comes, and the client gives up after 10 s",
                    f"polls at {hanging[0]:g} and {hanging[1]:g} s",
                    hanging[1] == 9.0,
                ),
                listing,
            ),
            "The client is that of the prose, and the failure is told at once. The listing's fetch has no time limit.",
        ),
        Statement(
            POLLING,
            "Don't stop the timer on temporary failures",
            (
                Check(PROSE, f"a poll follows the failed one, at {failing[1]:g} s", len(failing) > 1),
                facts.claim("listing-poll-fails", "the poll at 6 s fails", LISTING, shows=None),
                listing,
                facts.claim(
                    "listing-poll-fails", "what the user had seen is gone from the screen", LISTING, shows=None
                ),
            ),
            "The client is that of the prose. The listing takes an HTTP error for an empty history.",
        ),
    ]
