"""The herd after a restart: its peak by jitter, polls from then on, and what it takes to stay under a capacity."""

from collections.abc import Mapping, Sequence

from sim.contract.totals import Totals
from sim.experiments.herd import Case
from sim.report.capacity.gather import HERD
from sim.report.curves import polls_over_time
from sim.report.experiments import herd
from sim.report.grids import grid
from sim.report.page import Grid, Link, Paragraph, Picture, Points, Section
from sim.report.svg import picture


def section(cases: Sequence[Case], polls: Mapping[str, Totals]) -> Section:
    """Peaks, requests and polls over time, and the table."""
    told = Paragraph(
        (
            f"In `{HERD}` the fanout server is away for 1 s, and every client loses its connection at the same "
            "instant. It opens another one after a delay of 4 s, spread by jitter over none, half or all of it, and "
            "that arms its poll timer anew. A request is a poll or a handshake (",
            Link("docs/herds.md", "../docs/herds.md"),
            ").",
        )
    )
    parts = (
        Section("The peak", (_peaks(cases), _points(cases))),
        Section("Second by second", (_requests(cases), _polls(polls))),
        Section("What it takes to stay under a capacity", (_advice(), _table(cases))),
    )
    return Section("The herd after a restart", (told,), parts)


def _peaks(cases: Sequence[Case]) -> Picture:
    told = "; ".join(
        f"{case.clients:,} clients {WITH[case.jitter]}, {case.peak_per_s / case.clients:.0%}" for case in cases
    )
    says = (
        f"Requests in the fullest second as a share of the clients: {told}. Before the restart it was "
        f"{cases[0].level_per_s / cases[0].clients:.0%}."
    )
    caption = (
        "The fullest second after a restart. Dotted: requests per second before it; dashed: a capacity of twice that. "
        "The shares hardly hang on the number of clients."
    )
    return picture("peaks", herd.peaks(cases), "Herd peak by jitter", says, caption)


def of_jitter(cases: Sequence[Case]) -> dict[str, Case]:
    """The cases with most clients, by jitter."""
    most = max(case.clients for case in cases)
    return {case.jitter: case for case in cases if case.clients == most}


WITH = {"none": "without jitter", "equal": "with equal jitter", "full": "with full jitter"}
"""Each kind of jitter in words."""


def times(case: Case) -> str:
    """The peak as a multiple of the level before the restart."""
    return f"{case.peak_per_s / case.level_per_s:.1f} times"


def _points(cases: Sequence[Case]) -> Points:
    by_jitter = of_jitter(cases)
    none, equal, full = (by_jitter[jitter] for jitter in ("none", "equal", "full"))
    return Points(
        [
            f"Without jitter all {none.clients:,} clients come back in one second: {times(none)} the level before, and "
            f"their poll timers stay in step{_until(none)}.",
            f"Equal jitter spreads them over half the delay: {times(equal)} the level{_until(equal)}.",
            f"Full jitter spreads them over all of it: {times(full)} the level{_until(full)}.",
        ]
    )


def _until(case: Case) -> str:
    if case.calm_after_s is None:
        return ", and no calm comes within what was performed"
    return f", and calm after {case.calm_after_s} s"


def _requests(cases: Sequence[Case]) -> Picture:
    by_jitter = of_jitter(cases)
    says = (
        "Requests in each second before and after the restart on a logarithmic axis, a panel per number of clients, a "
        "line per kind of jitter. "
        + " ".join(
            f"The most {WITH[name]} is {case.peak_per_s:,} per second, {case.peak_after_s} s after the restart."
            for name, case in by_jitter.items()
        )
    )
    caption = "Requests, polls and handshakes together, around the restart."
    return picture("requests", herd.figure(cases), "Requests per second after a restart", says, caption)


def _polls(polls: Mapping[str, Totals]) -> Picture:
    told = ", ".join(f"{name} {int(one.polls_per_s.max()):,}" for name, one in polls.items())
    (clients,) = {one.clients for one in polls.values()}
    says = (
        f"Polls of {clients:,} clients in each second. Up to the restart at 10 s all kinds of jitter are the same. "
        f"After it the timers are armed by the reopening. Most polls in one second: {told}."
    )
    caption = (
        f"Polls alone, of {clients:,} clients: reopening together sets all timers to one instant, and they poll "
        "together from then on."
    )
    return picture("polls-over-time", polls_over_time(polls), "Polls per second by jitter", says, caption)


def _advice() -> Paragraph:
    return Paragraph(
        "The capacity is twice the level before the restart. For it the smallest delay was searched with which no "
        "second sees more requests, to a quarter of a second. The orchestrator has workers of 20 ms for that capacity "
        "and room for a second's worth to wait, the hub one process per 10,000 clients."
    )


def _table(cases: Sequence[Case]) -> Grid:
    says = f"Scenario {HERD} in world fleet; times are seconds after the restart, and p99 of waits for a worker"
    return grid(says, herd.table(cases), wide=("stays under capacity",))
