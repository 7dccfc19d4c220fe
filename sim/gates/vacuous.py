"""Vacuous runs: a measure of what never happened shows nothing, and no gate is passed by one."""

from sim.contract.totals import Value
from sim.gates.perform import Measures


def why_vacuous(name: str, measures: Measures) -> str | None:
    """Why this measure shows nothing in a run with these measures; None where it shows something.

    Every emitted event is shown, which gives a latency, or counts as lost.
    """
    events = measures["latency_max_s"] is not None or _some(measures["events_lost"])
    messages = _some(measures["messages_received"]) or _some(measures["messages_lost"])
    polls = _some(measures["poll_requests"])
    if not (events or messages or polls):
        return "nothing happened: no event was emitted, no message sent and no poll"
    if name.startswith("events_") and not events:
        return "no event was emitted"
    if name == "messages_lost" and not messages:
        return "no message was sent"
    if name == "polls_failed" and not polls:
        return "no poll was sent"
    return "there is nothing to measure it by" if measures[name] is None else None


def _some(value: Value) -> bool:
    return bool(value)
