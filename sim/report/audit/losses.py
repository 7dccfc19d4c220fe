"""How the documented client loses events for good, in figures and in closed form."""

from collections.abc import Sequence

from sim.audit.loss import (
    INTERVAL_S,
    INTERVALS_S,
    LOSSES,
    POLICIES,
    RATES_PER_S,
    EachDropped,
    LossAnalysis,
    OneDropped,
    each_in_theory,
)
from sim.audit.minimal import Example
from sim.audit.words import number, percent
from sim.report import figures, plots
from sim.report.page import Block, Cell, Code, Grid, Lines, Link, Paragraph, Section
from sim.report.svg import picture

TITLE, EXAMPLE = "How events are lost for good", "The smallest example"

SHIPPED = "dropped-then-completed"
"""The smallest example as a shipped scenario."""


def section(found: LossAnalysis) -> Section:
    """The smallest example, one dropped message, and random losses."""
    told = Paragraph(
        "Each WebSocket message puts the next poll off, whether or not one before it was lost, and the terminal event "
        "ends all polling. So an event whose message is dropped is shown by a poll, or never: it is lost for good when "
        "messages keep coming closer together than the poll interval until the terminal arrives."
    )
    parts = (
        Section(EXAMPLE, _example(found.example)),
        Section("One dropped message", _one(found)),
        Section("Random losses", _each(found)),
    )
    return Section(TITLE, (told,), parts)


def _example(example: Example) -> tuple[Block, ...]:
    at_s = [event.at_s for event in example.scenario.workload.events or ()]
    dropped_s, end_s = at_s[example.missed], at_s[-1]
    documented, ours = ((f"`{policy}`", _polls(example.polls(policy))) for policy in POLICIES)
    told = Paragraph(
        "Runs were tried in order of size: by number of events, then by length in whole seconds, each with one "
        f"message dropped and a poll interval of {INTERVAL_S:g} s. Number {example.tried} is the first in which "
        f"{documented[0]} never shows an event: the message of {dropped_s:g} s is dropped, and the run completes at "
        f"{end_s:g} s, before the timer would have fired at {INTERVAL_S:g} s. It sends {documented[1]}. {ours[0]} sees "
        f"from its number that the terminal event is not the next one, sends {ours[1]}, and shows both."
    )
    title = "The smallest run in which an event is lost for good"
    says = (
        f"Two timelines of the same {end_s:g} seconds. In both the message of the event at {dropped_s:g} s is lost "
        f"and the terminal event arrives at {end_s:g} s. Policy {POLICIES[0]} sends {documented[1]} and shows the "
        f"terminal event alone; policy {POLICIES[1]} sends {ours[1]} at once and shows both events."
    )
    drawn = figures.policies(example.scripts[POLICIES[0]], {name: example.traces[name] for name in POLICIES})
    again = Code(f"fanout-sim run {SHIPPED}\nfanout-sim run {SHIPPED} --policy {POLICIES[1]}")
    return told, picture("example", drawn, title, says), again


def _polls(count: int) -> str:
    return {0: "no poll", 1: "one poll"}.get(count, f"{count} polls")


def _one(found: LossAnalysis) -> tuple[Block, ...]:
    told = Paragraph(
        (
            "Of ten events at random times the fifth is dropped. With r messages per second, a poll interval of T, "
            "x = r T, and m messages still to come, the terminal among them (here 5), its event is lost for good with "
            "probability `(1 - e^-x (1 + x)) (1 - e^-x)^(m - 2)`. Only x counts, the messages that an interval brings: "
            "a longer interval loses more. The derivation stands in ",
            Link("sim/theory/loss.py", "../sim/theory/loss.py"),
            ". It leaves out latency, polls that fail, and other runs' messages, which put polls off as well.",
        )
    )
    title = "How surely the event of one dropped message is lost for good"
    says = (
        "Probability over messages per second, a curve for each poll interval of 1, 2, 4 and 10 seconds. Each rises "
        "from nearly 0 to nearly 1, the longer the interval the sooner. The model's points lie on the closed forms."
    )
    caption = (
        f"{title}. Lines: closed form. Points: the model, {found.clients} runs each, with 95 % intervals. The dotted "
        "line is the document's own workload."
    )
    found_at = {(one.rate_per_s, one.interval_s): one for one in found.one}
    columns = ("messages per second", *(f"interval {interval_s:g} s" for interval_s in INTERVALS_S))
    rows: list[tuple[Cell, ...]] = [
        (f"{rate:g}", *(_beside(found_at[rate, interval_s]) for interval_s in INTERVALS_S)) for rate in RATES_PER_S
    ]
    grid = Grid("Lost for good in closed form, and below it in the model", columns, rows, columns)
    return told, picture("one-dropped", plots.one_dropped(found.one), title, says, caption), grid


def _beside(one: OneDropped) -> Lines:
    return Lines([f"{one.theory:.1%}", percent(one.model)])


def _each(found: LossAnalysis) -> tuple[Block, ...]:
    by_cursor = [each for each in found.each if each.policy == POLICIES[1]]
    told = Paragraph(
        "Now each message of the document's workload, ten events in 30 s on average, is dropped with a probability, "
        f"the terminal's too. `{POLICIES[0]}` misses most where much but not all is lost: if the terminal is lost as "
        f"well, there is silence, then a poll, and all is well. `{POLICIES[1]}` missed {_missed(by_cursor)} in "
        f"{found.clients * len(by_cursor):,} runs."
    )
    title = "What is missed and what is asked for, by the share of messages lost"
    says = (
        f"Left, events never shown per run: for {POLICIES[0]} they rise to about 0.3 and stay there, for {POLICIES[1]} "
        "they are 0. Right, polls per run: both send more as more is lost, and about as many as each other."
    )
    caption = f"{title}. Line: closed form. Points: the model, {found.clients} runs each, with 95 % intervals."
    found_at = {(each.loss, each.policy): each for each in found.each}
    columns = (
        "messages lost",
        "closed form, `hybrid`",
        *(f"never shown per run, `{policy}`" for policy in POLICIES),
        *(f"polls per run, `{policy}`" for policy in POLICIES),
    )
    rows = [
        (
            f"{loss:.0%}",
            f"{each_in_theory(loss):.3f}",
            *(number(found_at[loss, policy].never_shown) for policy in POLICIES),
            *(number(found_at[loss, policy].polls) for policy in POLICIES),
        )
        for loss in LOSSES
    ]
    grid = Grid("Random losses in the document's workload", columns, rows, columns)
    return told, picture("each-dropped", plots.each_dropped(found.each), title, says, caption), grid


def _missed(found: Sequence[EachDropped]) -> str:
    return "some events" if any(each.never_shown.value for each in found) else "nothing"
