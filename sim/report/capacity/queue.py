"""The orchestrator's queue: how many workers it takes until nobody waits or is turned away."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sim.experiments.herd import HANDSHAKE_US
from sim.measure.hub import MESSAGE_US, Hub
from sim.measure.statistics import Estimate
from sim.report.capacity.gather import HUB, OPENING_S, QUEUE, REPLICATIONS, SERVICE_S, Workers
from sim.report.experiments.tables import interval, short
from sim.report.marks import BLUE, ORANGE
from sim.report.page import Cell, Grid, Link, Paragraph, Section
from sim.report.style import WIDTH_IN, clean_axes, legend_below, new_figure, styled
from sim.report.svg import picture

THEORY = Link("sim/theory/queue.py", "../sim/theory/queue.py")


def orchestrator(found: Sequence[Workers]) -> Section:
    """The table and the figure."""
    first = found[0]
    told = Paragraph(
        (
            f"Scenario `{QUEUE}` with more and more workers: clients that only poll ask for {first.asked_per_s:g} "
            f"requests per second, a worker takes {SERVICE_S:g} s on average, and 50 requests may wait. The closed "
            "forms (",
            THEORY,
            ") take requests for random and for independent of what becomes of them. They bound what is performed "
            "from above: clients that poll every few seconds come more evenly, and who waits asks later.",
        )
    )
    enough = next((one for one in found if one.turned_away.high == 0), found[-1])
    says = (
        f"Two panels over the number of workers. Left, the share of polls that are turned away: {_share(first)} with "
        f"{first.workers} workers, none from {enough.workers} on; the closed form lies above. Right, the wait that "
        f"99 % of the served polls do not exceed: {first.wait_p99_s.value:.2f} s with {first.workers} workers, "
        f"{found[-1].wait_p99_s.value:.3f} s with {found[-1].workers}."
    )
    caption = (
        "Who is turned away, and who waits how long, by the number of workers. Points: the fleet, with 95 % intervals "
        f"over {REPLICATIONS} seeds. Triangles: closed forms; in an overload there is none for waits."
    )
    return Section(
        "The orchestrator's queue",
        (told, picture("queue", queue(found), "The orchestrator's queue by workers", says, caption), _workers(found)),
    )


def _share(one: Workers) -> str:
    return f"{one.turned_away.value:.0%}"


def _workers(found: Sequence[Workers]) -> Grid:
    columns = (
        "workers",
        "utilisation asked for",
        "turned away (503)",
        "by closed form",
        "99 % wait at most (s)",
        "by closed form (s)",
    )
    rows: list[list[Cell]] = [
        [
            str(one.workers),
            f"{one.utilisation:.0%}",
            _percent(one.turned_away),
            f"{one.turned_away_expected:.1%}",
            interval(one.wait_p99_s),
            "-" if one.wait_p99_expected_s is None else short(one.wait_p99_expected_s),
        ]
        for one in found
    ]
    says = f"Scenario {QUEUE} in world fleet, means over {REPLICATIONS} seeds with 95 % intervals"
    return Grid(says, columns, rows, columns)


def _percent(share: Estimate) -> str:
    return f"{share.value:.1%} [{share.low:.1%}, {share.high:.1%}]"


def queue(found: Sequence[Workers]) -> Figure:
    """What is turned away and how long the others wait, by the number of workers, with theory."""
    workers = [one.workers for one in found]
    with styled():
        figure = new_figure()
        figure.set_size_inches(WIDTH_IN, 3.3)
        away, waits = figure.subplots(1, 2)
        for axes, estimates in ((away, [o.turned_away for o in found]), (waits, [o.wait_p99_s for o in found])):
            spans = [[e.value - e.low for e in estimates], [e.high - e.value for e in estimates]]
            centres = [e.value for e in estimates]
            axes.errorbar(
                workers, centres, yerr=spans, fmt="o", color=BLUE, markersize=6, elinewidth=1.6, label="fleet", zorder=3
            )
            axes.set_xlabel("workers")
            axes.set_xticks(workers)
            clean_axes(axes, "both")
        theory = {"marker": "^", "linestyle": "none", "color": ORANGE, "markersize": 7, "label": "closed form"}
        away.plot(workers, [one.turned_away_expected for one in found], **theory)
        known = [(one.workers, one.wait_p99_expected_s) for one in found if one.wait_p99_expected_s is not None]
        waits.plot([at for at, _ in known], [wait_s for _, wait_s in known], **theory)
        away.yaxis.set_major_formatter(PercentFormatter(1.0))
        away.set_ylabel("polls turned away")
        waits.set_yscale("log")
        waits.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        waits.set_ylabel("99 % wait at most (s, logarithmic)")
        legend_below(figure, away)
    return figure


def fanout(hubs: dict[int, Hub]) -> Section:
    """One process of the hub under more and more clients."""
    told = Paragraph(
        (
            f"One process of the fanout hub under more and more clients of `{HUB}`, who open within {OPENING_S} s and "
            f"have ten events each in the half minute after: {MESSAGE_US:g} us of CPU per message, which is measured, "
            f"and {HANDSHAKE_US:g} us per handshake, which is an assumption (",
            Link("docs/herds.md", "../docs/herds.md"),
            "). The busiest time is the last of the opening, when handshakes and messages come together.",
        )
    )
    columns = (
        "clients",
        "messages",
        "utilisation",
        "99 % of messages wait at most (s)",
        "99 % of handshakes (s)",
        "largest backlog",
    )
    rows: list[list[Cell]] = [
        [
            f"{clients:,}",
            f"{one.messages:,}",
            f"{one.utilisation:.0%}",
            short(one.wait_s(0.99) or 0.0),
            short(one.handshake_wait_s(0.99) or 0.0),
            f"{one.largest_backlog:,}",
        ]
        for clients, one in hubs.items()
    ]
    says = "One hub process, arrivals of world fleet, solved exactly; utilisation over the whole time"
    return Section("The fanout hub", (told, Grid(says, columns, rows, columns)))
