"""What is put beside the document: polling by cursor, under the same conditions and with the document's own words."""

from sim.audit.facts import Facts
from sim.audit.statement import Statement
from sim.audit.words import COLUMNS

SECTION = "Beside the document: polling by cursor"

PROMISES: dict[str, tuple[tuple[str, str], ...]] = {
    "A dropped message is asked for as soon as the next one comes": (
        ("cursor-dropped-message", "the message of event 2 leaves a gap, and the one poll goes out at once"),
        ("cursor-dropped-message", "its answer brings what was dropped, and no more"),
        ("cursor-dropped-message", "nothing is missed"),
        ("cursor-dropped-message", "nothing is shown twice"),
    ),
    "The end is believed only once nothing before it is missing": (
        ("cursor-terminal-with-a-gap", "the end is not believed while something before it is missing: one poll"),
        ("cursor-terminal-with-a-gap", "which brings the dropped event"),
        ("cursor-terminal-with-a-gap", "and then the run has ended"),
    ),
    "A client that reconnects catches up at once": (
        ("cursor-reconnect", "one message each falls into the gap"),
        ("cursor-reconnect", "the one poll goes out as the WebSocket opens, before any message could tell of the gap"),
        ("cursor-reconnect", "nothing is missed"),
    ),
    "With heartbeats a quiet run costs no poll, and a loss in it is noticed": (
        ("cursor-heartbeat", "four heartbeats come"),
        ("cursor-heartbeat", "that of 9 s tells of an event which never came: the only poll"),
        ("cursor-heartbeat", "it is shown 1.5 s after its emission"),
        ("cursor-heartbeat", "no poll is in vain"),
    ),
    "Who is turned away waits as long as the orchestrator asks for": (
        ("cursor-retry-after", "of the two polls at 4 s one is turned away"),
        ("cursor-retry-after", "it is not repeated after 4 s"),
        ("cursor-retry-after", "but after the 6 s that the answer asked for"),
        ("cursor-retry-after", "and then both know"),
    ),
}
"""What it promises, and the claims that show it."""


def statements(facts: Facts) -> list[Statement]:
    """The statements of this section, all ours."""
    promised = [
        Statement(SECTION, says, tuple(facts.claim(*claim) for claim in claims), ours=True)
        for says, claims in PROMISES.items()
    ]
    return [*promised, *(_deserves(facts, column) for column in COLUMNS)]


def _deserves(facts: Facts, column: str) -> Statement:
    cell = facts.benefits.cell("hybrid-cursor", column)
    note = "" if column != "Reliability" else f"Against the hybrid on the same scripts: {_fewer(facts)}."
    return Statement(
        SECTION, f"It deserves the document's word for Hybrid: {column}: {cell.word}", cell.checks, note, ours=True
    )


def _fewer(facts: Facts) -> str:
    """How many events fewer are missed than by the hybrid."""
    told = [
        f"{one.condition}: {one.by.value:+.2f} events missed per run ({one.by.low:+.2f} to {one.by.high:+.2f})"
        for one in facts.benefits.differences
        if (one.policy, one.measure) == ("hybrid-cursor", "events_missed_per_run") and one.by.value
    ]
    return "; ".join(told) or "no difference"
