"""Recovery: by when a client that goes by sequence must have shown everything, whatever was lost (P12)."""

from sim.contract.script import ANSWERED, ClientScript, Script
from sim.verify.wait import longest_wait_us


def due_events(me: ClientScript) -> range:
    """The events that must be shown: up to the run's first terminal one, which is the last that is asked for (P6)."""
    return range(next((n for n, event in enumerate(me.events) if event.terminal), len(me.events) - 1) + 1)


def recovered_by_us(script: Script, me: ClientScript, put_off_us: int) -> int | None:
    """By when every event up to the run's first terminal one must be shown; None where the script does not bound that.

    put_off_us: when a message or an opening re-armed the timer last, which they do while the client owes no poll (P9).

    From then, the last emission and the end of the last window that holds polls up, so many polls may fail in a row as
    the script holds such, each after the longest wait and for as long as it may take; the next is answered.
    """
    if not script.policy.polling or script.scenario.orchestrator.workers:
        return None
    windows_us = [w.until_us for w in me.poll_windows] + [w.until_us for w in me.partition_windows]
    calm_us = max([me.start_us, put_off_us, *me.event_us[: len(due_events(me))], *windows_us])
    failing = _most_in_a_row(
        [
            fate != ANSWERED or latency_us > script.poll_timeout_us
            for fate, latency_us in zip(me.poll_fate, me.poll_latency_us, strict=True)
        ]
    )
    if failing is None:
        return None
    poll_us = longest_wait_us(script) + script.poll_timeout_us
    return calm_us + script.poll_timeout_us + (failing + 1) * poll_us


def _most_in_a_row(failing: list[bool]) -> int | None:
    """The longest run of failing polls, whose draws come again and again (B20); None where all fail."""
    if all(failing):
        return None
    longest = run = 0
    for fails in failing * 2:
        run = run + 1 if fails else 0
        longest = max(longest, run)
    return longest
