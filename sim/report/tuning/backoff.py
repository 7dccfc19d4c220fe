"""Backoff: what growing waits save where the WebSocket works, and where there is none."""

from sim.experiments.sample import Sample
from sim.experiments.sweep import Sweep
from sim.measure.statistics import Estimate
from sim.report.experiments import figures
from sim.report.experiments.tables import interval, of_sweep
from sim.report.grids import grid
from sim.report.page import Code, Grid, Paragraph, Picture, Points, Section, Text
from sim.report.svg import picture
from sim.report.tuning.gather import DOCUMENTED, FACTOR, FACTORS, LOSSY, POLICY

SECTION = "Backoff"

MEASURES = ("polls_per_s_mean", "terminal_delay_s", "latency_p99_s", "events_lost")


def at(sweep: Sweep, factor: float, policy: str) -> Sample:
    """The sample with this factor and policy."""
    return next(sample for sample in sweep.samples if sample.point == {FACTOR: factor, POLICY: policy})


def saved(sweep: Sweep, policy: str, measure: str) -> Estimate:
    """What the documented factor changes of a measure, as a share of it without backoff; negative where it falls."""
    plain, grown = at(sweep, FACTORS[0], policy), at(sweep, DOCUMENTED, policy)
    base, more = plain.estimate(measure), grown.difference(plain, measure)
    assert base is not None
    assert more is not None
    return more / base.value


def section(sweep: Sweep) -> Section:
    """The sweep over factors, with a WebSocket and without one."""
    first = sweep.samples[0]
    told = Paragraph(
        f"With backoff each poll makes the next wait longer by a factor, and each message starts it anew. The same "
        f"workload, base interval 4 s, waits up to 30 s: `hybrid`, whose messages keep starting it anew, and "
        f"`polling-only`, which stands for a client whose WebSocket is dead. {first.clients:,} clients in world fleet, "
        f"{first.count} replications. What the end of the 90 s performed cuts off counts as never shown."
    )
    over = f"--over {FACTOR}=1,1.25,1.5,2,3 --over {POLICY}=hybrid,polling-only"
    command = Code(f"fanout-sim sweep {LOSSY} --clients {first.clients} \\\n    {over}")
    return Section(SECTION, (told, Points(points(sweep)), _picture(sweep), _table(sweep), command))


def points(sweep: Sweep) -> list[Text]:
    """What the documented factor saves and costs."""
    dead, works = (saved(sweep, policy, "polls_per_s_mean") for policy in ("polling-only", "hybrid"))
    never = saved(sweep, "hybrid", "events_lost")
    soon, late = (at(sweep, f, "polling-only").estimate("terminal_delay_s") for f in (FACTORS[0], DOCUMENTED))
    return [
        f"A backoff factor of {DOCUMENTED:g} saves {share(dead)} of the polls where the WebSocket is dead, "
        f"{share(works)} where it works.",
        "Backoff costs time where it saves most: with a dead WebSocket users learn the end of a run after "
        f"{interval(late)} s, instead of {interval(soon)} s.",
        f"Where the WebSocket works it changes the events that are never shown by {share(never, signed=True)}.",
    ]


def share(found: Estimate, *, signed: bool = False) -> str:
    """A share in percent with its interval, without its sign unless that is asked for."""
    values = [found.value, found.low, found.high]
    if not signed:
        values = [abs(found.value), *sorted((abs(found.low), abs(found.high)))]
    middle, low, high = (f"{100 * value:{'+' if signed else ''}.1f}" for value in values)
    return f"{middle} % [{low}, {high}]"


def _picture(sweep: Sweep) -> Picture:
    def each(policy: str, measure: str) -> str:
        ends = (at(sweep, factor, policy) for factor in (FACTORS[0], FACTORS[-1]))
        return " to ".join(interval(sample.estimate(measure)) for sample in ends)

    says = (
        f"Four panels over the backoff factor from {FACTORS[0]:g} to {FACTORS[-1]:g}, a line for each policy. Polls "
        f"per second go from {each('polling-only', 'polls_per_s_mean')} for polling-only, and from "
        f"{each('hybrid', 'polls_per_s_mean')} for hybrid. The delay of the terminal event goes from "
        f"{each('polling-only', 'terminal_delay_s')} seconds for polling-only, and from "
        f"{each('hybrid', 'terminal_delay_s')} for hybrid."
    )
    caption = "What backoff saves and what it costs. A factor of 1 is no backoff."
    return picture("by-factor", figures.sweep(sweep, MEASURES), "Measures by backoff factor", says, caption)


def _table(sweep: Sweep) -> Grid:
    says = f"Scenario {LOSSY}, {sweep.samples[0].clients:,} clients in world fleet; sums are over all clients"
    return grid(says, of_sweep(sweep, MEASURES), without=("replications",))
