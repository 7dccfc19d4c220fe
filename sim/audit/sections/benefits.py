"""The Benefits table cell by cell, and the four bullets below it."""

from sim.audit.facts import Facts
from sim.audit.sample import INSTANT_S
from sim.audit.statement import Check, Statement
from sim.audit.words import COLUMNS, TABLE, percent

SECTION = "Benefits"

ROWS = {"websocket-only": "WebSocket Only", "polling-only": "Polling Only", "hybrid": "Hybrid (Ours)"}

ABANDONED = {"horizon_s": 600.0, "workload": {"events": [{"at_s": 1.0, "type": "node_started"}]}}
"""A run that never tells of its end, as one whose worker has died."""


def statements(facts: Facts) -> list[Statement]:
    """The statements of this section."""
    return [*_cells(facts), _instant(facts), _share_of_time(facts), _resilient(facts), _efficient(facts), _clean(facts)]


def _cells(facts: Facts) -> list[Statement]:
    found = []
    for policy, row in ROWS.items():
        for column, word in zip(COLUMNS, TABLE[policy], strict=True):
            cell = facts.benefits.cell(policy, column)
            meaning = f"{word} is taken to mean: {cell.meaning}; {cell.because}."
            found.append(Statement(SECTION, f"{column} ... {row} ... {word}", cell.checks, meaning))
    return found


def _instant(facts: Facts) -> Statement:
    works = ("no fault, an event every 3 s", "no fault")
    checks = [check for check in facts.benefits.cell("hybrid", "Latency").checks if check.when in works]
    return Statement(
        SECTION,
        "Instant updates when WebSocket works",
        (
            *checks,
            facts.claim("random-gaps", "instant updates when WebSocket works"),
            facts.claim("network-instability", "the others are not held up"),
        ),
    )


def _share_of_time(facts: Facts) -> Statement:
    lossy = facts.benefits.of("1 % loss", "hybrid")
    return Statement(
        SECTION,
        "(99% of time)",
        (),
        "How often a WebSocket works is a property of users' networks, which nothing here can measure. Where one "
        f"message in a hundred is lost, {percent(lossy['instant_share'])} of events are displayed within "
        f"{INSTANT_S:g} s, and "
        f"{percent(lossy['runs_missing_share'])} of runs miss an event for good.",
    )


RECOVERED = (
    ("server-restart", "two polls each bring them back"),
    ("server-restart", "nobody misses anything"),
    ("server-restart", "nobody waits longer than 2 s"),
    ("redis-restart", "polling brings everything back"),
    ("redis-restart", "within the interval"),
    ("buffer-overflow", "the slow reader polls"),
    ("buffer-overflow", "and misses nothing"),
    ("half-open-connection", "polling alone brings everything"),
    ("half-open-connection", "within the interval"),
)
"""Claims of what polls bring back, by scenario."""


def _resilient(facts: Facts) -> Statement:
    lossy = ("5 % loss", "5 % loss, an event a second", "a reconnection")
    return Statement(
        SECTION,
        "Resilient fallback when WebSocket fails",
        (
            *(facts.claim(scenario, says) for scenario, says in RECOVERED),
            facts.claim("network-instability", "polling brings nearly all of it back", shows=None),
            facts.claim("reconnection-delay", "Hybrid: reliability high"),
            *(check for check in facts.benefits.cell("hybrid", "Reliability").checks if check.when in lossy),
        ),
        "The WebSocket stays silent for four seconds before the run ends. Where it fails in part, and messages go on "
        "coming, nobody asks for what is missing.",
    )


def _efficient(facts: Facts) -> Statement:
    checks = [facts.claim("best-case", "Total requests: 0 HTTP polls", "no gap reaches the interval")]
    random = facts.run("random-gaps")
    empty, polls = random.value("empty_poll_ratio"), random.value("poll_requests")
    checks.append(
        Check("gaps are random, and nothing is lost", f"{empty:.0%} of {polls:,} polls bring nothing", empty < 0.5)
    )
    checks.append(facts.claim("random-gaps", "Polling: 0 requests (timer keeps resetting)", "the same"))
    return Statement(
        SECTION,
        "Efficient minimal polling (only when needed)",
        tuple(checks),
        "No two events are four seconds apart. Silence is no need: a quiet run is polled as if something were lost.",
    )


def _clean(facts: Facts) -> Statement:
    abandoned = facts.run(ABANDONED)
    polls = abandoned.value("poll_requests")
    return Statement(
        SECTION,
        "Clean stops polling when done (no runaway requests)",
        (
            facts.claim("websocket-working", "T=5s: Poll timer cleared", "the run tells of its end"),
            Check(
                "a run never tells of its end",
                f"{polls} polls in ten minutes, and one each 4 s as long as the page is open",
                polls == 0,
            ),
            facts.claim(
                "listing-backoff-runs-on",
                "the end of the run is known",
                "the client is the listing of the backoff",
                shows=None,
            ),
            facts.claim("listing-backoff-runs-on", "Clean stops polling when done (no runaway requests)", "the same"),
        ),
        "The run tells of its end, and the client is that of the prose.",
    )
