"""Invariants: the rules of DESIGN.md section 3 held against any trace, each citing its rule (section 9)."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from sim.contract.errors import InputError
from sim.contract.script import Script
from sim.contract.trace import Row, Trace, seconds
from sim.verify import script_rules, trace_rules
from sim.verify.margin import margin_of, starved
from sim.verify.races import first_race_us, scripted_race_us
from sim.verify.story import Rule, Story

RULES: tuple[Rule, ...] = (*trace_rules.RULES, *script_rules.RULES)


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
    return sum(script is not None or not rule.by_script for rule in RULES) + 1


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
    for client in sorted(by_client.keys() | set(range(script.clients if script else 0))):
        rows = by_client.get(client, [])
        if script is not None and client >= script.clients:
            findings.append(Finding("section 5", rows[0][0], client, f"there are {script.clients} clients, from 0"))
        elif client >= 0:  # -1 is the infrastructure's
            me = script.client(client) if script else None
            timed = not (margin_s and starved(margin_s, trace))
            findings += _broken(Story(client, rows, script, me, margin_us), timed=timed)
    return sorted(findings, key=lambda finding: (finding.time_us, finding.client))


def _broken(story: Story, *, timed: bool) -> list[Finding]:
    """What one client's rows break.

    timed: whether the trace's times can be judged at all.
    """
    decided_us = _decided_until_us(story)
    return [
        Finding(rule.cites, time_us, story.client, what)
        for rule in RULES
        if story.script is not None or not rule.by_script
        if timed or not rule.by_order
        for time_us, what in rule.broken(story)
        if not rule.by_order or time_us < decided_us
    ]


def _decided_until_us(story: Story) -> float:
    """Within a margin: before the first race, and before the end, where rows may be missing (as in agreement)."""
    if not story.margin_us:
        return float("inf")
    ends = [first_race_us(story.rows, story.margin_us)]
    if story.script is not None and story.me is not None:
        ends.append(scripted_race_us(story.rows, story.me, story.script.poll_timeout_us, story.margin_us))
        ends.append(story.script.horizon_us)
    elif story.rows:
        ends.append(story.rows[-1][0])
    return min((end - story.margin_us for end in ends if end is not None), default=float("inf"))
