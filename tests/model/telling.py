"""Short words for small scenarios and for the rows that they should give."""

from collections.abc import Sequence
from typing import Any

from sim import Scenario, Script, perform, realize
from sim.contract.trace import Row

DURATION = float | dict[str, Any]


def events(text: str) -> list[dict[str, Any]]:
    """`1 2.5 7!` is two node_completed and, marked `!`, workflow_completed; `7!failed` names another terminal."""
    table = []
    for word in text.split():
        at, mark, ending = word.partition("!")
        table.append({"at_s": float(at), "type": f"workflow_{ending or 'completed'}" if mark else "node_completed"})
    return table


def scenario(
    own: str = "",
    *,
    others: str = "",
    horizon: float = 20.0,
    connect: DURATION = 0.0,
    latency: DURATION = 0.0,
    poll_latency: DURATION = 0.0,
    timeout: float = 10.0,
    faults: Sequence[dict[str, Any]] = (),
    policy: str = "hybrid",
    fanout: dict[str, Any] | None = None,
    orchestrator: dict[str, Any] | None = None,
    payload_bytes: int = 0,
    **client: Any,
) -> Scenario:
    """A scenario; everything that is not given is zero, or the preset's."""
    return Scenario.from_dict(
        {
            "title": "a test",
            "horizon_s": float(horizon),
            "client": {"policy": policy, **client},
            "workload": {"events": events(own), "other_events": events(others), "payload_bytes": payload_bytes},
            "websocket": {"connect_s": connect, "latency_s": latency},
            "polling": {"latency_s": poll_latency, "timeout_s": float(timeout)},
            "fanout": fanout or {},
            "orchestrator": orchestrator or {},
            "fault": list(faults),
        }
    )


def script(*args: Any, seed: int = 0, **kwargs: Any) -> Script:
    """The script of such a scenario."""
    return realize(scenario(*args, **kwargs), seed)


def tell(*args: Any, seed: int = 0, **kwargs: Any) -> list[Row]:
    """The rows that the model gives for such a scenario."""
    return perform(script(*args, seed=seed, **kwargs), "model").rows


def rows(text: str) -> list[Row]:
    """Rows as lines `seconds kind [#event] [detail]`, `c1` before them for client 1; `5` as due time is `5.000000`."""
    return [_row(line.split("//")[0].split()) for line in text.strip().splitlines() if line.split("//")[0].strip()]


def _row(words: list[str]) -> Row:
    client, event, detail = 0, -1, ""
    if words[0].startswith("c"):
        client = int(words.pop(0)[1:])
    time_us, kind = round(float(words.pop(0)) * 1_000_000), words.pop(0)
    for word in words:
        if word.startswith("#"):
            event = int(word[1:])
        else:
            detail = f"{float(word):.6f}" if kind == "timer_armed" else word
    return time_us, client, kind, event, detail


def only(found: Sequence[Row], *kinds: str) -> list[Row]:
    """The rows of these kinds."""
    return [row for row in found if row[2] in kinds]


def link(found: Sequence[Row]) -> list[Row]:
    """What became of connections and of their messages."""
    return only(found, "message_received", "message_lost", "websocket_opened", "websocket_closed")


def times(found: Sequence[Row], kind: str, event: int | None = None) -> list[float]:
    """When, in seconds, rows of this kind (and event) happen."""
    return [row[0] / 1e6 for row in found if row[2] == kind and event in (None, row[3])]


def at(found: Sequence[Row], second: float) -> list[Row]:
    """The rows of one instant."""
    return [row for row in found if row[0] == round(second * 1_000_000)]


def lose(event: int) -> dict[str, Any]:
    """The message of this event vanishes."""
    return {"kind": "message-lost", "event": event}


def cut(at_s: float) -> dict[str, Any]:
    """The connection breaks."""
    return {"kind": "connection-lost", "at_s": float(at_s)}


def silence(at_s: float) -> dict[str, Any]:
    """The connection breaks, and nobody is told."""
    return {"kind": "connection-lost", "at_s": float(at_s), "manner": "half-open"}


def part(at_s: float, for_s: float) -> dict[str, Any]:
    """Nothing passes between clients and servers."""
    return {"kind": "partition", "at_s": float(at_s), "for_s": float(for_s)}


def restart(at_s: float, for_s: float, manner: str = "graceful") -> dict[str, Any]:
    """The fanout server stops and starts."""
    return {"kind": "fanout-restart", "at_s": float(at_s), "for_s": float(for_s), "manner": manner}


def redis_away(at_s: float, for_s: float) -> dict[str, Any]:
    """Redis is away."""
    return {"kind": "redis-outage", "at_s": float(at_s), "for_s": float(for_s)}


def slow(bytes_per_s: float, *clients: int) -> dict[str, Any]:
    """These clients, or the first, read their WebSocket slowly."""
    return {"kind": "slow-reader", "clients": list(clients or (0,)), "bytes_per_s": float(bytes_per_s)}


def apart(scenario: Scenario) -> Scenario:
    """The same without the orchestrator's queue, in which clients meet."""
    table = scenario.to_dict()
    table.pop("orchestrator", None)
    return Scenario.from_dict(table)


def refuse(from_s: float, until_s: float) -> dict[str, Any]:
    """Attempts that start in this window fail."""
    return {"kind": "connection-refused", "from_s": float(from_s), "until_s": float(until_s)}


def fail(*polls: int, manner: str = "error") -> dict[str, Any]:
    """These polls fail."""
    return {"kind": "poll-failed", "polls": list(polls), "manner": manner}


def fail_sent(from_s: float, until_s: float, manner: str = "error") -> dict[str, Any]:
    """Polls that are sent in this window fail."""
    return {"kind": "poll-failed", "from_s": float(from_s), "until_s": float(until_s), "manner": manner}
