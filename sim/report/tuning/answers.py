"""Answers: the interval, and the policy, that keep an SLO at the least load; and policies side by side."""

from collections.abc import Mapping

from sim.contract.totals import Totals
from sim.experiments import grid as points
from sim.experiments.tuning import AGE, REQUESTS, Tuning
from sim.report.curves import latency_cdf, polls_over_time
from sim.report.experiments import figures
from sim.report.experiments.advice import advice
from sim.report.experiments.tables import interval, of_tuning, short
from sim.report.grids import grid
from sim.report.page import Code, Grid, Paragraph, Picture, Points, Section
from sim.report.svg import picture
from sim.report.tuning.gather import LOSSY

SECTION, SIDE_BY_SIDE = "The interval for an SLO", "Policies side by side"


def section(fast: Tuning, safe: Tuning) -> Section:
    """Both searches: in words, as the front, as a table."""
    slo, *_ = fast.slos
    told = Paragraph(
        f"Which poll interval keeps {slo} with the fewest polls? Candidates were performed, none is read off a curve. "
        "The front is Pareto's: of its candidates no other has both fewer requests and a lower age of information."
    )
    command = Code(f'fanout-sim tune {LOSSY} --slo "{_slos(fast)}" --clients {fast.samples[0].clients}')
    loses = Paragraph(
        f"The documented client loses some events whatever its interval. So {' and '.join(map(str, safe.slos))} were "
        "asked of two policies, the documented one and the one with a number on every event. "
        "What the end of the 90 s performed cuts off counts as never shown, too:"
    )
    over = "--over client.policy=hybrid,hybrid-cursor --over client.poll_interval_s=1:6:1"
    slos = " ".join(f'--slo "{str(slo).replace(" ", "")}"' for slo in safe.slos)
    again = Code(f"fanout-sim tune {LOSSY} {slos} --clients {safe.samples[0].clients} \\\n    {over}")
    parts = (
        Section("Fast", (told, Points(advice(fast)), _front("front", fast), _table(fast), command)),
        Section("Nothing lost", (loses, Points(advice(safe)), _front("front-of-policies", safe), _table(safe), again)),
    )
    return Section(SECTION, (), parts)


def _slos(found: Tuning) -> str:
    return str(found.slos[0]).replace(" ", "")


def _front(name: str, found: Tuning) -> Picture:
    ends = [found.samples[number] for number in (found.front[0], found.front[-1])]
    told = " to ".join(
        f"{interval(sample.estimate(REQUESTS))} polls per second with an age of {interval(sample.estimate(AGE))} s"
        for sample in ends
    )
    answer = "No candidate keeps the SLOs." if found.best is None else f"The answer is {_best(found)}."
    says = (
        f"Age of information over polls per second: of {len(found.samples)} candidates {len(found.front)} lie on the "
        f"Pareto front, from {told}. Further panels show each SLO's measure over polls per second, its bound and the "
        f"ground where it is broken. {answer}"
    )
    caption = f"Candidates, the front, and the answer. {answer}"
    return picture(name, figures.tuning(found), "Pareto front of age and requests", says, caption)


def _best(found: Tuning) -> str:
    assert found.best is not None
    return points.name(found.samples[found.best].point)


def _table(found: Tuning) -> Grid:
    first = found.samples[0]
    says = f"Scenario {LOSSY}, {first.clients:,} clients in world {found.world}, {first.count} replications"
    return grid(says, of_tuning(found), wide=("SLOs",), without=("replications",))


def policies(named: Mapping[str, Totals]) -> Section:
    """Latencies as a distribution, and polls over time."""
    (clients,) = {totals.clients for totals in named.values()}
    told = Paragraph(
        f"The same workload with an interval of 4 s under three policies, {clients:,} clients in world fleet, one "
        "performance."
    )
    return Section(SIDE_BY_SIDE, (told, _latencies(named), _polls(named)))


def _latencies(named: Mapping[str, Totals]) -> Picture:
    told = "; ".join(f"{name}: {_within(totals)}" for name, totals in named.items())
    says = f"Share of events shown within a time, by policy. {told}."
    caption = (
        "Latencies by policy. What is pushed is there at once, what is lost waits for a poll. Where a curve ends below "
        "100 %, events are never shown."
    )
    return picture("latencies-by-policy", latency_cdf(named), "Latencies by policy", says, caption)


def _within(totals: Totals) -> str:
    late, lost = totals.latency_s(0.99), totals.named["events_lost"] or 0
    share = lost / (lost + int(totals.shown.sum()))
    return f"of the events shown 99 % within {short(late or 0.0)} s, {share:.2%} of all never shown"


def _polls(named: Mapping[str, Totals]) -> Picture:
    told = ", ".join(
        f"{name} {totals.named['poll_requests']:,} polls, {int(totals.polls_per_s.max()):,} in the fullest second"
        for name, totals in named.items()
    )
    says = (
        f"Polls in each second, by policy: {told}. All clients mount at once, so that polling-only polls in step every "
        "4 s; messages at random times break the step of the others."
    )
    caption = "Polls per second by policy. All clients mount at 0, as after an outage."
    return picture("polls-by-policy", polls_over_time(named), "Polls per second by policy", says, caption)
