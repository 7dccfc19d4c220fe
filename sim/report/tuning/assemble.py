"""The page, from what was performed."""

from sim.experiments import grid
from sim.report.again import again
from sim.report.experiments.tables import interval, short
from sim.report.page import Link, Page, Paragraph, Points, Section, Text, anchor
from sim.report.tuning import answers, backoff, intervals
from sim.report.tuning.gather import LOSSY, Guide
from sim.report.tuning.intervals import DOCUMENTED_S
from sim.report.tuning.thrice import RATE_PER_S, per_run
from sim.theory.gaps import PoissonGaps

NAME = "tuning-guide"

DOUBLED_S = 2 * DOCUMENTED_S


def page(found: Guide) -> Page:
    """The page."""
    return Page(
        NAME,
        "Tuning guide",
        "which poll interval and which backoff to take, what a longer one saves and what it loses, and what each "
        "number rests on: closed form, fleet and model.",
        _summary(found),
        (
            intervals.section(found.intervals, found.thrice),
            backoff.section(found.factors),
            answers.section(found.fast, found.safe),
            answers.policies(found.policies),
            again(found.seed, ("To do the same for a scenario of your own:", "fanout-sim sweep --help")),
        ),
    )


def _summary(found: Guide) -> Section:
    told = Paragraph(
        "Rules of thumb for clients that listen on a WebSocket and poll when they hear nothing. Each is computed from "
        f"`{LOSSY}`: ten events at random, 3 s apart on average, 5 % of the messages lost."
    )
    return Section("Summary", (told, Points([*_polls(), *_longer(found), *_answers(found), *_backoff(found)])))


def _polls() -> list[Text]:
    per_gap = {x: PoissonGaps(RATE_PER_S, x / RATE_PER_S).polls(0) for x in (0.5, 1.0, 2.0, 3.0)}
    told = ", ".join(f"{polls:.2f} where it is {x:g} times" for x, polls in per_gap.items())
    return [
        f"Polls per event follow from the interval over the mean time between messages alone, 1 / (e^x - 1): {told}."
    ]


def _longer(found: Guide) -> list[Text]:
    base, doubled = (intervals.at(found.intervals, interval_s) for interval_s in (DOCUMENTED_S, DOUBLED_S))
    saves, late = base.difference(doubled, "polls_per_s_mean"), doubled.difference(base, "latency_p99_s")
    polls = base.estimate("polls_per_s_mean")
    assert saves is not None
    assert late is not None
    assert polls is not None
    here, there = (1000 * per_run(sample, "events_lost").value for sample in (base, doubled))
    return [
        (
            f"From {DOCUMENTED_S} s to {DOUBLED_S} s: {saves.value / polls.value:.0%} fewer polls, the 99th percentile "
            f"of latencies {interval(late)} s longer, and {there:.0f} instead of {here:.0f} events per 1,000 runs "
            "never shown: ",
            Link("a longer interval also loses more", f"#{anchor(intervals.LOSES)}"),
            ".",
        )
    ]


def _answers(found: Guide) -> list[Text]:
    told: list[Text] = []
    for tuning in (found.fast, found.safe):
        slos = " and ".join(map(str, tuning.slos))
        if tuning.best is None:
            told.append(f"Nothing that was tried keeps `{slos}`.")
            continue
        best = tuning.samples[tuning.best]
        cost = best.estimate(tuning.minimised)
        assert cost is not None
        per_client = short(cost.value / best.clients * 1000)
        told.append(
            (
                f"`{slos}`: take `{grid.name(best.point)}`, the cheapest that keeps it, with {per_client} polls per "
                "second from 1,000 clients (",
                Link("why", f"#{anchor(answers.SECTION)}"),
                ").",
            )
        )
    return told


def _backoff(found: Guide) -> list[Text]:
    return backoff.points(found.factors)[:2]
