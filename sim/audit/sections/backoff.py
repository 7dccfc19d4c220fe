"""Alternative: Progressive Backoff."""

from itertools import pairwise

from sim.audit.facts import Facts
from sim.audit.sections.problem import IDLE
from sim.audit.statement import Check, Statement
from sim.audit.words import number

SECTION = "Alternative: Progressive Backoff"

DEAD = [{"kind": "connection-refused", "from_s": 0.0, "until_s": 1000.0}]

BUSY_AND_DEAD = {"horizon_s": 60.0, "workload": {"even": {"count": 10, "every_s": 3.0}}, "fault": DEAD}
"""The document's worst case: events come all the time, and only polls bring them."""

MESSAGES_RESUME = {
    "horizon_s": 60.0,
    "workload": {"events": [{"at_s": 30.0, "type": "node_started"}, {"at_s": 50.0, "type": "workflow_completed"}]},
}


def statements(facts: Facts) -> list[Statement]:
    """The statements of this section."""
    plain, backing = facts.run(IDLE), facts.run(IDLE, policy="hybrid-backoff")
    sent_s = backing.times_s("poll_sent")
    waits_s = [later - earlier for earlier, later in pairwise(sent_s)]
    listing = facts.run(IDLE, policy="hybrid-listing-backoff")
    busy, dead = facts.run(BUSY_AND_DEAD), facts.run(BUSY_AND_DEAD, policy="hybrid-backoff")
    resumed = [t for t in facts.run(MESSAGES_RESUME, policy="hybrid-backoff").times_s("poll_sent") if t > 30]
    differences = [
        Check(
            one.condition,
            f"{number(one.by)} polls per run against the hybrid without it, on the same scripts",
            True if one.by.high < 0 else False if one.by.low > 0 else None,
        )
        for one in facts.benefits.differences
        if (one.policy, one.measure) == ("hybrid-backoff", "polls_per_run") and one.by.value
    ]
    return [
        Statement(SECTION, "If you want to reduce server load even more", tuple(differences), _price(facts)),
        Statement(
            SECTION,
            "Start at 4s",
            (
                Check(
                    "nothing happens",
                    f"the first poll is {sent_s[0] - 1:g} s after the first message",
                    sent_s[0] == 5.0,
                ),
            ),
        ),
        Statement(
            SECTION,
            "Reset to fast polling",
            (
                Check(
                    "a message comes at 30 s after long silence",
                    f"the next poll is {resumed[0] - 30:g} s later",
                    resumed[0] == 34.0,
                ),
            ),
        ),
        Statement(
            SECTION,
            "Increase interval if no activity (progressive backoff)",
            (
                Check("nothing happens", f"polls at {_listed(sent_s[:5])}, ... s", waits_s[1] > waits_s[0]),
                Check(
                    "an event comes each 3 s, and the WebSocket is dead",
                    f"each poll brings news and the interval grows all the same: polls at "
                    f"{_listed(dead.times_s('poll_sent'))} s, events up to {dead.value('latency_max_s'):.1f} s late "
                    f"instead of {busy.value('latency_max_s'):.1f} s",
                    dead.value("latency_max_s") <= busy.value("latency_max_s"),
                ),
            ),
            "Messages tell of the activity: with the WebSocket dead, activity that polls themselves bring does not "
            "count, and users wait up to 30 s just where polling is all they have.",
        ),
        Statement(
            SECTION,
            "Max 30s",
            (
                Check(
                    "nothing happens for five minutes",
                    f"at most {max(waits_s):g} s between two polls, a round trip of 0.1 s included",
                    max(waits_s) <= 30.1 + 1e-9,
                ),
            ),
        ),
        Statement(
            SECTION,
            "This reduces polling frequency for idle workflows.",
            (
                Check(
                    "nothing happens for five minutes",
                    f"{backing.value('poll_requests')} polls instead of {plain.value('poll_requests')}",
                    backing.value("poll_requests") < plain.value("poll_requests"),
                ),
                Check(
                    "the client is the listing",
                    f"{listing.value('poll_requests')} polls instead of {plain.value('poll_requests')}",
                    listing.value("poll_requests") < plain.value("poll_requests"),
                ),
                facts.claim(
                    "listing-backoff-runs-on",
                    "Clean stops polling when done (no runaway requests)",
                    "a message came while a poll of the listing was in flight",
                    shows=None,
                ),
            ),
            "In the listing a message that comes while a poll is in flight leaves two chains of timers, of which one "
            "goes on polling after the end.",
        ),
    ]


def _price(facts: Facts) -> str:
    """What the backoff costs where sockets die."""
    dead = "a fanout restart"
    late = (
        facts.benefits.of(dead, "hybrid-backoff")["latency_mean_s"],
        facts.benefits.of(dead, "hybrid")["latency_mean_s"],
    )
    return (
        f"It is paid for where polls are all there is: after {dead} events come {number(late[0])} s late on average, "
        f"instead of {number(late[1])} s."
    )


def _listed(times_s: list[float]) -> str:
    return ", ".join(f"{time_s:g}" for time_s in times_s)
