"""The circumstances under which the document's approaches are compared, as scenarios without a policy of their own."""

from dataclasses import dataclass
from typing import Any

from sim.contract.scenario import Scenario

CLIENTS = 50
REPLICATIONS = 16
"""How many seeds each condition has, and each seed that many runs: 800 in all, so that the table takes a minute."""

HORIZON_S = 150.0

PLAIN: dict[str, Any] = {
    "title": "ten events in 30 s",
    "horizon_s": HORIZON_S,
    "client": {"count": CLIENTS, "start_s": {"uniform": [0.0, 4.0]}},
    "workload": {"poisson": {"count": 10, "mean_gap_s": 3.0}},
    "websocket": {"latency_s": {"lognormal": {"median": 0.02, "p99": 0.06}}},
    "polling": {"latency_s": {"lognormal": {"median": 0.1, "p99": 0.15}}},
}
"""The document's workload, "10 events over 30 seconds", by 50 users who do not start together.

Gaps are exponential with mean 3 s: what is known of a step's duration is its mean, and of all durations with that mean
these assume least (they have the largest entropy). Equal gaps of 3 s, which no workflow has, are one condition.
Delays are those of one continent: 20 ms to push a message, 100 ms for a request and its answer. WebSockets open at once
but in the one condition about that. The horizon lies far beyond the end of every run.
"""

LOSS_5 = {"kind": "message-lost", "probability": 0.05}


@dataclass(frozen=True, slots=True)
class Condition:
    """One set of circumstances. name: short, as words after "when". says: a sentence. scenario: the same as data."""

    name: str
    says: str
    scenario: Scenario


def _condition(name: str, says: str, *faults: dict[str, Any], **instead: Any) -> Condition:
    table = PLAIN | {"title": name, "fault": list(faults)} | instead
    return Condition(name, says, Scenario.from_dict(table, name))


EVEN = _condition(
    "no fault, an event every 3 s",
    "Nothing fails, and no gap reaches the interval: the document's best case.",
    workload={"even": {"count": 10, "every_s": 3.0}},
)
NO_FAULT = _condition("no fault", "Nothing fails; events come at random, 3 s apart on average.")
LOSS_5_PERCENT = _condition("5 % loss", "One message in twenty is lost.", LOSS_5)
DEAD = _condition(
    "all sockets dead",
    "No WebSocket opens: the document's worst case.",
    {"kind": "connection-refused", "from_s": 0.0, "until_s": HORIZON_S},
)

CONDITIONS = (
    EVEN,
    NO_FAULT,
    _condition(
        "no fault, a handshake of a second",
        "Nothing fails, but the WebSocket opens a second after the page, as over a bad mobile network.",
        websocket=PLAIN["websocket"] | {"connect_s": 1.0},
    ),
    _condition("1 % loss", "One message in a hundred is lost.", {"kind": "message-lost", "probability": 0.01}),
    LOSS_5_PERCENT,
    _condition(
        "5 % loss, an event a second",
        "One message in twenty is lost, and the next nearly always comes before the interval is over.",
        LOSS_5,
        workload={"poisson": {"count": 30, "mean_gap_s": 1.0}},
    ),
    _condition(
        "10 % dead sockets",
        "The WebSocket of every tenth user never opens.",
        {"kind": "connection-refused", "from_s": 0.0, "until_s": HORIZON_S, "fraction": 0.1},
    ),
    _condition(
        "a fanout restart",
        "The fanout server is away from 12 s to 16 s, for a deploy.",
        {"kind": "fanout-restart", "at_s": 12.0, "for_s": 4.0},
    ),
    _condition(
        "a reconnection",
        "Each connection breaks once, and clients open it again after 1 s, as the document says they may.",
        {"kind": "connection-lost", "between_s": [4.0, 30.0]},
        client=PLAIN["client"] | {"reconnect": "fixed", "reconnect_delay_s": 1.0},
    ),
)
"""Those of the Benefits table, from none to bad."""
