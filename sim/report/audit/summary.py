"""What a visitor reads first: what the document promises, what holds, what does not, and what is offered instead."""

from sim.audit.benefits import Benefits
from sim.audit.run import Audit
from sim.audit.words import number
from sim.report.audit import benefits, cursor, listings, losses, statements
from sim.report.page import Link, Paragraph, Points, Section, anchor

EVEN, PLAIN, LOSSY, BUSY, DEAD, RESTART = (
    "no fault, an event every 3 s",
    "no fault",
    "5 % loss",
    "5 % loss, an event a second",
    "10 % dead sockets",
    "a fanout restart",
)
"""The conditions of the Benefits table that the summary speaks of."""


def section(audit: Audit) -> Section:
    """The summary."""
    documented = [one for one in audit.statements if not one.ours]
    told = Paragraph(
        (
            Link("REALTIME_UPDATES.md", "../docs/REALTIME_UPDATES.md"),
            " describes how workflow events reach users: a WebSocket pushes them, and a client that hears nothing for "
            f"4 s polls. This page holds all {len(documented)} statements of that document against a model of the "
            "system, and offers a protocol that keeps what the document promises.",
        )
    )
    parts = (
        Section("What the document promises", (_promises(),)),
        Section("What holds", (_holds(audit.benefits),)),
        Section("What does not hold", (_fails(audit.benefits),)),
        Section("What we offer", (_offer(audit.benefits),)),
        Section("The verdicts", (statements.count(documented),)),
    )
    return Section("Summary", (told,), parts)


def _promises() -> Points:
    return Points(
        [
            "Instant updates when the WebSocket works.",
            "High reliability: polling catches what the WebSocket drops.",
            "Low server load: no polls while messages come, and none after the end.",
        ]
    )


def _holds(table: Benefits) -> Points:
    runs = table.clients * table.replications
    missing = [table.of(name, "hybrid")["runs_missing_share"].value for name in (DEAD, RESTART)]
    return Points(
        [
            f"Updates are instant when messages arrive: {_share(table, PLAIN, 'hybrid', 'instant_share')} of events "
            "are displayed within 0.1 s.",
            "Polls make up for silence: with dead WebSockets, or over a restart of the server, "
            f"{max(missing) * runs:.0f} of {runs} runs miss an event.",
            f"Where events come evenly, every 3 s, {_mean(table, EVEN, 'hybrid', 'polls_per_run')} polls are sent.",
        ]
    )


def _fails(table: Benefits) -> Points:
    polls, of_polling = (table.of(PLAIN, policy)["polls_per_run"].value for policy in ("hybrid", "polling-only"))
    return Points(
        [
            (
                "Events are lost for good. A lost message is asked for only after 4 s of silence; where others follow, "
                "nobody ever asks. With 5 % of messages lost, "
                f"{_share(table, LOSSY, 'hybrid', 'runs_missing_share')} of runs miss an event; with an event each "
                f"second, {_share(table, BUSY, 'hybrid', 'runs_missing_share')} do. ",
                Link("The smallest example", f"#{anchor(losses.EXAMPLE)}"),
                " has two events.",
            ),
            (
                "Polls are not rare. With ten events in 30 s at random times, and nothing lost, a client sends "
                f"{polls:.1f} polls per run, {polls / of_polling:.0%} of what polling alone sends: see ",
                Link("the Benefits table, measured", f"#{anchor(benefits.BENEFITS)}"),
                ".",
            ),
            (
                "The document's code is not its client. As listed, it polls once and then waits for a message, never "
                "polls if the WebSocket never opens, and closes the WebSocket at the end: see ",
                Link("what the listings do", f"#{anchor(listings.TITLE)}"),
                ".",
            ),
        ]
    )


def _offer(table: Benefits) -> Points:
    names = [condition.name for condition in table.conditions]
    runs = table.clients * table.replications
    missed, documented = (
        sum(table.of(name, policy)["runs_missing_share"].value for name in names) * runs
        for policy in ("hybrid-cursor", "hybrid")
    )
    more = {
        one.condition: one.by
        for one in table.differences
        if (one.measure, one.policy, one.against) == ("polls_per_run", "hybrid-cursor", "hybrid") and one.by.low > 0
    }
    listed = "; ".join(f"{name}, {number(by)} more" for name, by in more.items()) or "none"
    return Points(
        [
            (
                Link("A protocol", f"#{anchor(cursor.TITLE)}"),
                " that numbers events, so that a client notices what it has missed and asks for it at once. Under the "
                f"same {len(names)} conditions {missed:,.0f} of {runs * len(names):,} runs miss an event, instead of "
                f"{documented:,.0f}.",
            ),
            (
                "It costs hardly more polls: those that bring what was missed. Under these conditions it sends more "
                f"polls per run than the documented client where there is most to ask for ({listed}), and fewer or as "
                "many elsewhere; fewer because its waits are jittered and so an eighth longer on average. Without "
                "jitter, see ",
                Link("what it guarantees", f"#{anchor('What it guarantees')}"),
                ".",
            ),
            "Its answers hold only what is new: with nothing lost it takes "
            f"{_mean(table, PLAIN, 'hybrid-cursor', 'bytes_per_run')} bytes per run instead of "
            f"{_mean(table, PLAIN, 'hybrid', 'bytes_per_run')}.",
            "Its price is order: what comes after a gap waits for the poll that closes it. With 5 % of messages lost "
            f"{_share(table, LOSSY, 'hybrid-cursor', 'instant_share')} of events are displayed within 0.1 s, "
            f"instead of {_share(table, LOSSY, 'hybrid', 'instant_share')}.",
            "It is implemented twice, independently: in the model and in the reference implementation, which under a "
            "virtual clock does the same to the microsecond.",
        ]
    )


def _share(table: Benefits, condition: str, policy: str, measure: str) -> str:
    return f"{table.of(condition, policy)[measure].value:.1%}".replace(".0%", "%")


def _mean(table: Benefits, condition: str, policy: str, measure: str) -> str:
    return number(table.of(condition, policy)[measure])
