"""The page, from what was performed and what was recorded."""

from collections.abc import Iterator, Sequence

from sim.contract.trace import Row, Trace
from sim.report import figures
from sim.report.again import again
from sim.report.curves import latency_cdf
from sim.report.page import Badge, Block, Cell, Grid, Lines, Link, Page, Paragraph, Points, Section, Text, Tone
from sim.report.reality.deviations import deviations
from sim.report.reality.gather import Held, Reality
from sim.report.reality.recording import DISTRIBUTION, STORY, Performed, Recording, distribution
from sim.report.svg import picture
from sim.report.tables import number
from sim.verify.agreement import Agreement

NAME = "model-against-reality"

MARGIN = Link("docs/live-margin.md", "../docs/live-margin.md")

TONES: dict[str, Tone] = {"agree": "good", "not decided": "doubtful", "differ": "bad"}

COUNTED = {
    "poll_requests": "polls",
    "messages_received": "messages received",
    "messages_lost": "messages lost",
    "events_lost": "events never shown",
    "latency_max_s": "longest latency (s)",
}
"""What is shown of both worlds' measures."""


def page(found: Reality) -> Page:
    """The page."""
    sections = [_agreement(found), _counts(found), _undecided(found), _alone(found)]
    if found.recording is not None:
        sections = [sections[0], *_drawn(found, found.recording), *sections[1:]]
    return Page(
        NAME,
        "The model against reality",
        f"each of {len(found.held)} shipped scenarios as the model predicts it, as the reference implementation "
        "performs it under a virtual clock, and on real sockets.",
        _summary(found),
        (
            *sections,
            again(
                found.seed,
                ("To perform the live world again first, in some five minutes:", "fanout-sim report --live"),
                ("To see one scenario in all three worlds:", f"fanout-sim verify {STORY} --worlds model,virtual,live"),
            ),
        ),
    )


def _summary(found: Reality) -> Section:
    told = Paragraph(
        "A script holds every random draw of a scenario. The model says what happens when it is performed; the "
        "reference implementation, written without the model, performs it under a virtual clock and on real sockets, "
        "with a real Redis-protocol server and the same faults injected by a proxy. Their rows are compared one by one."
    )
    points = [_virtual(found), *(_live(found, found.recording) if found.recording else [_nothing()])]
    return Section("Summary", (told, Points(points)))


def _virtual(found: Reality) -> Text:
    both = [one for one in found.held if one.virtual is not None]
    agree = sum(one.virtual is not None and one.virtual.verdict == "agree" for one in both)
    rows = sum(one.rows for one in both)
    return (
        f"Virtual clock: {agree} of {len(both)} scenarios agree with the model to the microsecond, in {rows:,} rows. "
        f"The other {len(found.held) - len(both)} perform the document's code as it is listed, in the model alone."
    )


def _nothing() -> Text:
    return "Real sockets: nothing is recorded; `fanout-sim report --live` does it."


def _live(found: Reality, recording: Recording) -> Iterator[Text]:
    lives = [live for _, live in found.counted]
    verdicts = [live.held.verdict for live in lives]
    yield (
        f"Real sockets, recorded on {recording.date} with fanout-sim {recording.fanout_sim} ({recording.machine}): "
        f"{verdicts.count('agree')} of {len(verdicts)} scenarios agree with the model in every row within "
        f"{recording.margin_s:g} s, {verdicts.count('differ')} differ, and of {verdicts.count('not decided')} "
        "something is not decided, for the reasons below."
    )
    agreeing = [(live.held.largest_s or 0.0, one.name) for one, live in found.counted if live.held.verdict == "agree"]
    if agreeing:
        largest_s, name = max(agreeing)
        yield f"Among those that agree no time deviates by more than {largest_s:.3f} s (`{name}`)."
    broken = sum(live.broken for live in lives)
    expected, undecided, other = (sum(live.claims[number] for live in lives) for number in range(3))
    starved_s = max((live.starved_s for live in lives), default=0.0)
    yield (
        f"The machine kept the live world waiting for a processor for up to {starved_s:.2f} s within a second; beyond "
        "half the margin a difference is not decided."
    )
    yield (
        f"On real sockets {broken:,} rules are broken; of {expected + undecided + other} claims {expected} have the "
        f"verdict that is expected, {undecided} are not decided, {other} have another one."
    )


def _agreement(found: Reality) -> Section:
    blocks: list[Block] = [
        Paragraph(
            (
                "The virtual world is held to the same rows in the same microseconds, the live one to the same rows of "
                "every client, with times within a margin, and their order wherever they are further apart than that (",
                MARGIN,
                "). A deviation is the largest of any row's time; a second live performance, side by side with the "
                "first, shows what chance alone does.",
            )
        )
    ]
    blocks += [Paragraph(f"{_stale(one)}") for one in found.held if one.stale]
    blocks.append(_table(found))
    return Section("Agreement, scenario by scenario", blocks)


def _stale(one: Held) -> str:
    return (
        f"`{one.name}` was recorded before its prediction changed, so the recording says nothing of it any more; "
        "`fanout-sim report --live` records it again."
    )


def _table(found: Reality) -> Grid:
    columns = ("scenario", "clients", "rows", "virtual", "live", "largest deviation (s)", "live again (s)")
    rows: list[list[Cell]] = [
        [
            Lines([one.title, f"`{one.name}`"]),
            f"{one.clients:,}",
            f"{one.rows:,}",
            _badge(one.virtual),
            _badge(one.counting.held if one.counting else None),
            _deviation(one.counting.held if one.counting else None),
            _deviation(one.counting.again if one.counting else None),
        ]
        for one in found.held
        if one.unable is None
    ]
    says = f"Model and reference implementation, seed {found.seed}"
    return Grid(says, columns, rows, ("clients", "rows", *columns[-2:]), ("scenario",))


def _badge(held: Agreement | None) -> Cell:
    return "-" if held is None else Badge(held.verdict, TONES[held.verdict])


def _deviation(held: Agreement | None) -> str:
    return "-" if held is None or held.largest_s is None else f"{held.largest_s:.3f}"


def _drawn(found: Reality, recording: Recording) -> Iterator[Section]:
    """What there are figures of, as far as the recording counts."""
    by_name = {one.name: live for one, live in found.counted}
    if by_name:
        yield Section("Deviations", _deviations(found.counted, recording))
    if story := by_name.get(STORY):
        yield Section("One client, predicted and real", _story(found, story))
    if latencies := by_name.get(DISTRIBUTION):
        yield Section("Latencies by world", _latencies(found, latencies))


def _deviations(counted: Sequence[tuple[Held, Performed]], recording: Recording) -> list[Block]:
    small = sum((live.held.largest_s or 0.0) < recording.margin_s / 2 for _, live in counted)
    says = (
        "For each scenario the largest deviation of live times from the model's and from a second live performance, "
        f"on a logarithmic axis up to the margin of {recording.margin_s:g} s. {small} of {len(counted)} stay below "
        "half the margin against the model; those that reach it are herds, queues and happenings at one instant."
    )
    caption = (
        "How far real times lie from predicted ones. Hollow marks: something hangs on the order of happenings closer "
        "than the margin, and deviations are cut off there."
    )
    drawn = deviations(counted, recording.margin_s)
    return [picture("deviations", drawn, "Largest deviation by scenario", says, caption)]


def _story(found: Reality, live: Performed) -> list[Block]:
    traces = {"model": Trace(found.story["model"]), "live": Trace(live.rows)}
    client = max(row[1] for row in found.story["model"])
    told = [f"{world}: {_told(trace.rows)}" for world, trace in traces.items()]
    says = f"Two timelines of client {client} over the same seconds. {'; '.join(told)}."
    caption = (
        f"Client {client} of `{STORY}`: the prediction above, real sockets below. Of all its clients it is the one "
        "with the most kinds of trouble."
    )
    drawn = figures.timeline(found.script, traces, client)
    return [picture("story", drawn, "One client in the model and live", says, caption)]


def _told(rows: Sequence[Row]) -> str:
    kinds = [row[2] for row in rows]
    return (
        f"{kinds.count('message_received')} messages received, {kinds.count('message_lost')} lost, "
        f"{kinds.count('poll_sent')} polls, {kinds.count('event_shown')} events shown"
    )


def _latencies(found: Reality, live: Performed) -> list[Block]:
    named = {**found.distribution, "live": distribution(live, found.distribution["model"])}
    pushed = {world: totals.latency_s(0.5) for world, totals in named.items()}
    late = {world: totals.latency_s(0.99) for world, totals in named.items()}
    says = (
        "Share of events shown within a time, by world. Model and virtual lie on each other: most events at once, the "
        "rest by polls. Live follows them, a few milliseconds later. "
        f"Median: {_each(pushed)}. 99th percentile: {_each(late)}."
    )
    caption = (
        f"Latencies of `{DISTRIBUTION}` by world. Messages that take no time in the model take milliseconds on real "
        "sockets; what polls bring back comes when it is predicted. Events that are never shown keep the curves below "
        "100 %."
    )
    return [picture("latencies-by-world", latency_cdf(named), "Latencies by world", says, caption)]


def _each(values: dict[str, float | None]) -> str:
    return ", ".join(f"{world} {number(value and round(value, 4))} s" for world, value in values.items())


def _counts(found: Reality) -> Section:
    rows: list[list[Cell]] = []
    same = 0
    for one, live in found.counted:
        same += all(one.measures[name] == live.measures[name] for name in COUNTED if not name.endswith("_s"))
        rows.append([f"`{one.name}`", *(_both(one, live, name) for name in COUNTED)])
    told = Paragraph(
        f"All counts of {same} of {len(rows)} scenarios are the same in both worlds. Where they differ, the model's "
        "stands above the live one. Latencies are never quite the same."
    )
    columns = ("scenario", *COUNTED.values())
    grid = Grid("Counts over all clients, model above live", columns, rows, columns[1:])
    return Section("Counts, predicted and real", (told, grid) if rows else (Paragraph(_nothing()),))


def _both(one: Held, live: Performed, name: str) -> Cell:
    texts = [_short(one.measures[name]), _short(live.measures[name])]
    return texts[0] if texts[0] == texts[1] else Lines(texts)


def _short(value: float | None) -> str:
    return number(value) if value is None or isinstance(value, int) else f"{value:.3f}"


def _undecided(found: Reality) -> Section:
    told = Paragraph(
        (
            "Real time has no equal instants. Where the script puts two happenings closer together than the margin, "
            "either may come first, and what follows from that is not decided; nor is what a machine does that is too "
            "busy to keep its times. Each scenario of this kind, with the first row that is open (",
            MARGIN,
            " tells what counts as such):",
        )
    )
    points, differing = (
        [f"`{one.name}`: {live.held.sentence}." for one, live in found.counted if live.held.verdict == verdict]
        for verdict in ("not decided", "differ")
    )
    blocks: list[Block] = [told, Points(points)] if points else [Paragraph("Everything was decided.")]
    if differing:
        blocks += [Paragraph("These differ:"), Points(differing)]
    broken = [f"`{one.name}`: {sentence}." for one, live in found.counted for sentence in live.breaks]
    if broken:
        blocks += [Paragraph("Rules that a live trace breaks, the first of each scenario:"), Points(broken)]
    return Section("What was not decided, and why", blocks)


def _alone(found: Reality) -> Section:
    names = [f"`{one.name}`" for one in found.held if one.unable is not None]
    told = Paragraph(
        (
            f"{len(names)} scenarios perform the document's React code as it is listed, defects included (",
            Link("docs/listings.md", "../docs/listings.md"),
            f"). The reference implementation is another client, so the model alone performs them: {', '.join(names)}.",
        )
    )
    return Section("What the model alone performs", (told,))
