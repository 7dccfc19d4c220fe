"""Invariants: the rules of DESIGN.md section 3 held against any trace, each citing its rule (section 9)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sim.contract.errors import InputError
from sim.contract.script import Script
from sim.contract.trace import Row, Trace, seconds
from sim.verify import display_rules, link_rules, listing_rules, poll_rules, protocol_rules, script_rules, trace_rules
from sim.verify.infrastructure import INFRASTRUCTURE, outages_broken
from sim.verify.margin import margin_of, starved
from sim.verify.poll_rules import queue_broken
from sim.verify.races import decided_until_us
from sim.verify.rule import Rule
from sim.verify.script_races import queue_race_us
from sim.verify.story import Story

RULES: tuple[Rule, ...] = (
    *trace_rules.RULES,
    *display_rules.RULES,
    *protocol_rules.RULES,
    *script_rules.RULES,
    *link_rules.RULES,
    *poll_rules.RULES,
    *listing_rules.RULES,
)
"""The rules of one client's rows; those of all together stand in `check`: order, outages (B14), queue (O5)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where a trace breaks a rule: the rule cited, where, and how in words."""

    rule: str
    time_us: int
    client: int
    what: str

    @property
    def sentence(self) -> str:
        """One line: the rule, where, what."""
        return f"{self.rule}: client {self.client} at {seconds(self.time_us)} s: {self.what}"


def judged(script: Script | None) -> int:
    """How many rules `check` judges."""
    return sum(rule.judges(script) for rule in RULES) + 1


def check(trace: Trace, script: Script | None = None, margin_s: float | None = None) -> list[Finding]:
    """Every place where the trace breaks a rule, in order of time.

    script: what the trace performs; without it only what the trace shows by itself is judged.
    margin_s: seconds that times may be off; by default the live margin for a trace of world live, else none. Within
        a margin, what hangs on the order of closer happenings is not judged, and neither are times where the
        machine was too busy to keep them.
    """
    margin_s = margin_of(trace) if margin_s is None else margin_s
    if not 0 <= margin_s < 1e9:
        raise InputError(f"the margin must be seconds from 0, not {margin_s!r}")
    margin_us = round(margin_s * 1e6)
    findings = [
        Finding("section 6", row[0], row[1], "a row that comes before the one above it; rows go by time, then client")
        for above, row in pairwise(trace.rows)
        if row[:2] < above[:2]
    ]
    by_client: dict[int, list[Row]] = defaultdict(list)
    for row in trace.rows:
        by_client[row[1]].append(row)
    timed = not (margin_s and starved(margin_s, trace))
    servers = Story(INFRASTRUCTURE, by_client.pop(INFRASTRUCTURE, []), script, None, margin_us)
    outages = outages_broken(servers.rows, script, margin_us) if timed else ()
    decided_us = _decided_until_us(servers, None)
    findings += [Finding("B14", time_us, INFRASTRUCTURE, what) for time_us, what in outages if time_us < decided_us]
    clients = sorted(by_client) if script is None else range(script.clients)
    for client in sorted(by_client.keys() - set(clients)):
        findings.append(
            Finding("section 5", by_client[client][0][0], client, f"there are {len(clients)} clients, from 0")
        )

    def stories() -> Iterator[Story]:  # made anew where needed again: each remembers much
        for client in clients:
            me = script.client(client) if script else None
            yield Story(client, by_client.get(client, []), script, me, margin_us)

    meeting = script is not None and script.scenario.orchestrator.workers > 0 and script.policy.listing == "none"
    queue_us = queue_race_us(script, list(stories())) if script and meeting and margin_us else None
    for story in stories():
        findings += _broken(story, queue_us, timed=timed)
    if script and meeting and not margin_us:
        findings += [Finding("O5", time_us, client, what) for client, time_us, what in queue_broken(script, stories())]
    return sorted(findings, key=lambda finding: (finding.time_us, finding.client))


def _broken(story: Story, queue_us: int | None, *, timed: bool) -> list[Finding]:
    """What one client's rows break.

    timed: whether the trace's times can be judged at all.
    """
    decided_us = _decided_until_us(story, queue_us)
    return [
        Finding(rule.cites, time_us, story.client, what)
        for rule in RULES
        if rule.judges(story.script)
        if timed or not rule.by_order
        for time_us, what in rule.broken(story)
        if not rule.by_order or time_us < decided_us
    ]


def _decided_until_us(story: Story, queue_us: int | None) -> float:
    """Within a margin: before the first race, and before the end, where rows may be missing (as in agreement)."""
    if not story.margin_us:
        return float("inf")
    last_us = story.rows[-1][0] - story.margin_us if story.rows and story.script is None else float("inf")
    return min(decided_until_us(story, queue_us), last_us)
