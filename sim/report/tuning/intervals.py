"""The poll interval: what a longer one saves, and what it loses."""

from sim.experiments.sample import Sample
from sim.experiments.sweep import Sweep
from sim.report.experiments import figures
from sim.report.experiments.tables import HEADLINES, interval, of_sweep, short
from sim.report.grids import grid
from sim.report.page import Cell, Code, Grid, Link, Paragraph, Picture, Section, Text
from sim.report.svg import picture
from sim.report.tuning.gather import INTERVAL, INTERVALS_S, LOSSY, PLAIN
from sim.report.tuning.thrice import EVENTS, RATE_PER_S, Thrice, per_run
from sim.theory.gaps import PoissonGaps
from sim.theory.polls import polls_per_run

DOCUMENTED_S = 4

SECTION, LOSES = "The poll interval", "What a longer interval loses"


def at(sweep: Sweep, interval_s: float) -> Sample:
    """The sample at this interval."""
    return next(sample for sample in sweep.samples if sample.point[INTERVAL] == interval_s)


def section(sweep: Sweep, thrice: tuple[Thrice, ...]) -> Section:
    """The sweep, what is lost, and the same numbers three ways."""
    base = at(sweep, DOCUMENTED_S)
    told = Paragraph(
        (
            f"Scenario `{LOSSY}`: ten events at random, 3 s apart on average, and 5 % of the messages are lost. The "
            f"documented client (`hybrid`) with intervals from {INTERVALS_S[0]} s to {INTERVALS_S[-1]} s, "
            f"{base.clients:,} clients in world fleet, {base.count} replications on shared seeds (",
            Link("docs/experiments.md", "../docs/experiments.md"),
            "). Brackets are 95 % intervals over replications.",
        )
    )
    command = Code(f"fanout-sim sweep {LOSSY} --over {INTERVAL}=1:15:1 --clients {base.clients}")
    parts = (
        Section("All measures by interval", (_picture(sweep), _table(sweep), command)),
        Section(LOSES, (_lost(sweep), _losses(sweep))),
        Section("The same numbers three ways", (_thrice_told(), of_thrice(thrice))),
    )
    return Section(SECTION, (told,), parts)


def _picture(sweep: Sweep) -> Picture:
    first, base, last = (at(sweep, interval_s) for interval_s in (INTERVALS_S[0], DOCUMENTED_S, INTERVALS_S[-1]))

    def each(measure: str) -> str:
        return ", ".join(
            f"{interval(sample.estimate(measure))} at {sample.point[INTERVAL]} s" for sample in (first, base, last)
        )

    says = (
        "Four panels over the poll interval. "
        f"Polls per second fall: {each('polls_per_s_mean')}. The age of information rises: {each('age_mean_s')} "
        f"seconds. The 99th percentile of latencies rises with the interval and falls again: {each('latency_p99_s')} "
        f"seconds. Events that are never shown become more: {each('events_lost')}."
    )
    caption = (
        "What an interval costs and what it brings. The 99th percentile falls at the end for a bad reason: what would "
        "have come late is never shown at all, and has no latency."
    )
    return picture("by-interval", figures.sweep(sweep, HEADLINES), "Measures by poll interval", says, caption)


def _table(sweep: Sweep) -> Grid:
    clients = sweep.samples[0].clients
    says = f"Scenario {LOSSY}, {clients:,} clients in world fleet; sums are over all clients"
    return grid(says, of_sweep(sweep, HEADLINES), without=("replications",))


def _lost(sweep: Sweep) -> Paragraph:
    base, longest = at(sweep, DOCUMENTED_S), at(sweep, INTERVALS_S[-1])
    here, there = per_run(base, "events_lost"), per_run(longest, "events_lost")
    return Paragraph(
        "A lost message is asked for only after an interval of silence; where others follow sooner, never. So a longer "
        f"interval does not only find it later, it finds fewer: of 1,000 runs {1000 * here.value:.0f} events are never "
        f"shown at {DOCUMENTED_S} s, and {1000 * there.value:.0f} at {INTERVALS_S[-1]} s, out of some 500 whose "
        "message is lost. No latency tells of them."
    )


def _losses(sweep: Sweep) -> Grid:
    base = at(sweep, DOCUMENTED_S)
    columns = (
        "interval (s)",
        "polls per run",
        "never shown per 1,000 runs",
        "more than at 4 s",
        "99th percentile / interval",
    )
    rows: list[list[Cell]] = []
    for sample in sweep.samples:
        interval_s = sample.point[INTERVAL]
        lost = per_run(sample, "events_lost")
        more = sample.difference(base, "events_lost")
        late = sample.estimate("latency_p99_s")
        assert more is not None
        scale = 1000 / sample.clients
        rows.append(
            [
                f"{interval_s:g}",
                interval(per_run(sample, "poll_requests")),
                f"{1000 * lost.value:.1f} [{1000 * lost.low:.1f}, {1000 * lost.high:.1f}]",
                "the base"
                if sample is base
                else f"{scale * more.value:+.1f} [{scale * more.low:.1f}, {scale * more.high:.1f}]",
                "-" if late is None else f"{late.value / interval_s:.2f}",
            ]
        )
    says = f"Scenario {LOSSY}; differences are paired, on the same draws"
    return Grid(says, columns, rows, columns)


def _thrice_told() -> Paragraph:
    polls = polls_per_run(PoissonGaps(RATE_PER_S, DOCUMENTED_S), EVENTS)
    return Paragraph(
        (
            f"Each number is backed three ways. With nothing lost (`{PLAIN}`) and an interval of {DOCUMENTED_S} s, for "
            "example, a run of ten random events costs 10 / (e^x - 1) polls, x being the interval times messages per "
            f"second: {polls:.2f}, not 0. Closed forms stand in ",
            Link("docs/theory.md", "../docs/theory.md"),
            ". Of so many intervals of 95 % one in twenty may miss the true value by chance.",
        )
    )


def of_thrice(thrice: tuple[Thrice, ...]) -> Grid:
    """A row per number."""
    rows: list[list[Text]] = [[one.what, short(one.theory), interval(one.fleet), interval(one.model)] for one in thrice]
    columns = ("per run", "closed form", "fleet", "model")
    return Grid(
        "The same numbers in closed form, of the fleet and of the model", columns, rows, columns[1:], ("per run",)
    )
