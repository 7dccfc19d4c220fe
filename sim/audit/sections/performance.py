"""Performance Impact: the best case, the worst case and a thousand users."""
# ruff: noqa: RUF001  (the document writes products its own way)

from sim.audit.facts import LISTING, Facts
from sim.audit.statement import Check, Statement
from sim.audit.words import number

BEST = "Best Case (WebSocket Working)"
WORST = "Worst Case (WebSocket Dead)"
SCALE = "Scale Test"


def statements(facts: Facts) -> list[Statement]:
    """The statements of these sections."""
    return [*_best(facts), *_worst(facts), *_scale(facts)]


def _best(facts: Facts) -> list[Statement]:
    gaps, random = "no gap reaches 4 s", "gaps are random, of mean 3 s"
    polls = facts.claim("random-gaps", "Polling: 0 requests (timer keeps resetting)", random)
    return [
        Statement(
            BEST,
            "1 workflow with 10 events over 30 seconds",
            (facts.claim("best-case", "1 workflow with 10 events"), facts.claim("best-case", "over 30 seconds")),
            "With one event each 3 s.",
        ),
        Statement(
            BEST,
            "WebSocket: 10 messages (instant)",
            (facts.claim("best-case", "WebSocket: 10 messages"), facts.claim("best-case", "WebSocket: (instant)")),
        ),
        Statement(
            BEST,
            "Polling: 0 requests (timer keeps resetting)",
            (facts.claim("best-case", "Polling: 0 requests (timer keeps resetting)", gaps), polls),
            "No two events are four seconds or more apart.",
        ),
        Statement(
            BEST,
            "Total requests: 0 HTTP polls",
            (facts.claim("best-case", "Total requests: 0 HTTP polls", gaps), polls),
            "The same.",
        ),
        Statement(
            BEST,
            "Result: Minimal server load, instant updates",
            tuple(
                check
                for column in ("Server Load", "Latency")
                for check in facts.benefits.cell("hybrid", column).checks
                if check.when in ("no fault, an event every 3 s", "no fault")
            ),
            "The same, as far as load goes; updates are instant either way.",
        ),
    ]


def _worst(facts: Facts) -> list[Statement]:
    hybrid, polling = (facts.run("worst-case", policy=p).value("poll_requests") for p in ("hybrid", "polling-only"))
    lossy = facts.benefits.of("5 % loss", "hybrid")["latency_max_s"]
    return [
        Statement(
            WORST,
            "1 workflow with 10 events over 30 seconds",
            (facts.claim("worst-case", "1 workflow with 10 events"),),
        ),
        Statement(WORST, "WebSocket: 0 messages (dead)", (facts.claim("worst-case", "WebSocket: 0 messages (dead)"),)),
        Statement(WORST, "Polling: 30s / 4s = 7-8 polls", (facts.claim("worst-case", "30s / 4s = 7-8 polls"),)),
        Statement(
            WORST,
            "Total requests: 8 HTTP polls",
            (
                facts.claim("worst-case", "Total requests: 8 HTTP polls (over 30 seconds)", "30 s are counted"),
                facts.claim("worst-case", "Total requests: 8 HTTP polls (until the end is known)", "all are counted"),
                facts.claim("listing-never-opens", "Total requests: 8 HTTP polls", LISTING),
            ),
            "The poll at 32 s, which learns the end, is counted, and the client is that of the prose.",
        ),
        Statement(
            WORST,
            "Slight delay (up to 4s)",
            (
                facts.claim("worst-case", "Result: Slight delay (up to 4s)", "the WebSocket is dead"),
                facts.claim("scale-worst-case", "Slight delay (up to 4s)", "1,000 are"),
                Check(
                    "single messages are lost",
                    f"what is recovered at 5 % loss comes up to {number(lossy)} s late, and some never",
                    lossy.high <= 4,
                ),
            ),
            "The WebSocket is dead altogether, and polls take no time: a client that still gets messages waits longer "
            "for those it does not get.",
        ),
        Statement(
            WORST,
            "moderate server load",
            (
                Check(
                    "the WebSocket is dead",
                    f"{hybrid} polls, as many as Polling Only's {polling}, whose load the Benefits table calls High",
                    hybrid < polling,
                ),
            ),
        ),
    ]


def _scale(facts: Facts) -> list[Statement]:
    fast, slow = "the orchestrator has no limits", "it has two workers of 50 ms, and 300 users poll"
    overload = (
        facts.claim("slow-orchestrator", "Orchestrator can easily handle this", slow),
        facts.claim(
            "slow-orchestrator",
            "waiting slows everybody down: fewer than the 75 requests a second of 300 clients",
            slow,
            shows=None,
        ),
    )
    acceptable = "Still acceptable for 1000s of concurrent users; orchestrator can easily handle this"
    capacity = "It can answer 250 requests a second: 13 workers at 50 ms each, where the document names no number."
    return [
        Statement(
            WORST,
            "Still acceptable for 1000s of concurrent users",
            (facts.claim("scale-worst-case", acceptable, fast), *overload),
            capacity,
        ),
        Statement(
            SCALE,
            "1000 concurrent workflows: Best case: 0 polling requests (WebSocket only)",
            (
                facts.claim("scale-best-case", "1000 concurrent workflows"),
                facts.claim("scale-best-case", "Best case: 0 polling requests (WebSocket only)", "no gap reaches 4 s"),
                facts.claim(
                    "random-gaps", "Polling: 0 requests (timer keeps resetting)", "gaps are random, of mean 3 s"
                ),
            ),
            "No two events of a run are four seconds or more apart.",
        ),
        Statement(
            SCALE,
            "Worst case: 1000 × 8 polls = 8000 requests",
            (
                facts.claim("scale-worst-case", "1000 concurrent workflows"),
                facts.claim("scale-worst-case", "1000 × 8 polls = 8000 requests"),
            ),
        ),
        Statement(
            SCALE,
            "8000 requests over 30s = 267 req/sec",
            (facts.claim("scale-worst-case", "8000 requests over 30s = 267 req/sec"),),
        ),
        Statement(
            SCALE,
            "Mixed (10% WebSocket failure): 800 req/sec",
            (
                facts.claim("scale-mixed", "1000 concurrent workflows, mixed (10% WebSocket failure)", shows=None),
                facts.claim("scale-mixed", "10% WebSocket failure", shows=None),
                facts.claim("scale-mixed", "800 req", shows=None),
                facts.claim("scale-mixed", "Mixed (10% WebSocket failure): 800 req/sec"),
            ),
            "800 is the number of requests, not their rate; it would also be three times that of the worst case.",
        ),
        Statement(
            SCALE,
            "Orchestrator can easily handle this",
            (facts.claim("scale-worst-case", acceptable, fast), *overload),
            capacity,
        ),
    ]
