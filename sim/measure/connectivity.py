"""For how long clients are cut off, and for how long what they display lacks something."""

from collections.abc import Iterable
from typing import Protocol

from sim.contract.trace import Row


class Condition(Protocol):
    """Something that holds of a client or not, decided by its rows."""

    @property
    def holds(self) -> bool:
        """Whether it holds after the rows seen."""
        ...

    def see(self, kind: str, event: int) -> None:
        """Take in the client's next row."""
        ...


class Disconnected:
    """The client's WebSocket is not open as the client sees it: half-open still is open (L3, L6)."""

    def __init__(self) -> None:
        self.holds = True

    def see(self, kind: str, event: int) -> None:
        """Take in the client's next row."""
        if kind in ("websocket_opened", "websocket_closed"):
            self.holds = kind == "websocket_closed"


class Stale:
    """Some event that has been emitted is not displayed: not yet, or erased again (C6)."""

    def __init__(self) -> None:
        self._emitted: set[int] = set()
        self._displayed: set[int] = set()
        self._missing: set[int] = set()

    @property
    def holds(self) -> bool:
        """Whether it holds after the rows seen."""
        return bool(self._missing)

    def see(self, kind: str, event: int) -> None:
        """Take in the client's next row."""
        if kind == "event_emitted":
            self._emitted.add(event)
        elif kind in ("event_shown", "event_repeated"):
            self._displayed.add(event)
        elif kind == "event_erased":
            self._displayed.discard(event)
        else:
            return
        if event in self._emitted and event not in self._displayed:
            self._missing.add(event)
        else:
            self._missing.discard(event)


def mean_s(rows: Iterable[Row], condition: type[Condition], from_us: int, until_us: int) -> float | None:
    """For how many seconds of [from, until) the condition holds, averaged over the clients watched then.

    A client is watched from its first row until it knows the terminal, or to the end; None where none is.
    """
    conditions: dict[int, Condition] = {}
    since_us: dict[int, int] = {}
    watched: set[int] = set()
    done: set[int] = set()
    total_us = 0

    def pass_time(client: int, to_us: int) -> None:
        nonlocal total_us
        span_us = min(to_us, until_us) - max(since_us[client], from_us)
        if span_us > 0:
            watched.add(client)
            total_us += span_us * conditions[client].holds
        since_us[client] = to_us

    for time_us, client, kind, event, _ in rows:
        if client in done:
            continue
        if client not in conditions:
            conditions[client] = condition()
            since_us[client] = time_us
        pass_time(client, time_us)
        conditions[client].see(kind, event)
        if kind == "terminal_reached":
            done.add(client)
    for client in conditions.keys() - done:
        pass_time(client, until_us)
    return total_us / len(watched) / 1e6 if watched else None


def reconnects(rows: Iterable[Row], all_rows: Iterable[Row]) -> int:
    """Openings among the rows that are not their client's first."""
    first_us: dict[int, int] = {}
    for time_us, client, kind, _, _ in all_rows:
        if kind == "websocket_opened":
            first_us.setdefault(client, time_us)
    return sum(kind == "websocket_opened" and time_us > first_us[client] for time_us, client, kind, _, _ in rows)
