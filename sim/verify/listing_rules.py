"""Rules of the document's listings (docs/listings.md), as far as rows tell them simply; the rest is their grammar."""

from sim.contract.script import Script
from sim.contract.trace import seconds
from sim.verify.display_rules import displayed_after, in_words
from sim.verify.expected import Broken, told
from sim.verify.requests import finish
from sim.verify.rule import Rules
from sim.verify.story import Story, due_us
from sim.verify.wait import grown_us

RULES = Rules()

ENDS = ("workflow_completed", "workflow_failed")
"""What a listing takes for the end of a run (D7)."""


@RULES.rule("D2, D3, D10, D11", by_script=True, of=("listing",))
def a_listing_arms_one_interval_ahead(story: Story) -> Broken:
    """With backoff it grows with the polls whose `fetch` has come back since the last message, with news too."""
    script, polls = story.known[0], 0
    for row in story.rows:
        if row[2] == "message_received":
            polls = 0
        elif row[2] in ("poll_answered", "poll_failed"):
            polls += row[4] != "timeout"
        elif row[2] == "timer_armed" and not story.near(due_us(row[4]) - row[0], _interval_us(script, polls)):
            wanted = f"{polls} polls without a message make {seconds(_interval_us(script, polls))} s"
            yield row[0], f"{told(row)} is armed {seconds(due_us(row[4]) - row[0])} s ahead, but {wanted}"


def _interval_us(script: Script, polls: int) -> int:
    if script.policy.listing == "hook":
        return script.poll_interval_us
    return grown_us(script.poll_interval_us, script.backoff_factor, polls, script.backoff_max_us)


@RULES.rule("D4", by_script=True, of=("listing",))
def a_listing_polls_when_a_timer_is_due(story: Story) -> Broken:
    """One that was armed, whatever is in flight."""
    due: set[int] = set()
    for row in story.rows:
        if row[2] == "timer_armed":
            due.add(due_us(row[4]))
        elif row[2] == "poll_sent" and row[0] not in due:
            yield row[0], f"{told(row)}, though no timer was armed for then"


@RULES.rule("D4, D9", by_script=True, of=("listing",))
def the_hook_polls_when_its_timer_is_due(story: Story) -> Broken:
    """It has one timer, and none after the terminal; with backoff there may be more (D11, D14)."""
    script = story.known[0]
    if script.policy.listing != "hook":
        return
    due: int | None = None
    end = (script.horizon_us + 1, story.client, "the horizon", -1, "")
    for row in (*story.rows, end):
        if due is not None and row[0] > due:
            yield due, f"the timer due at {seconds(due)} s sends no poll"
            due = None
        if row[2] == "timer_armed":
            due = due_us(row[4])
        elif row[2] == "poll_sent":
            if due != row[0]:
                yield row[0], f"{told(row)}, though the timer is due at {'no time' if due is None else seconds(due)}"
            due = None
        elif row[2] == "terminal_reached":
            due = None


@RULES.rule("D4, C9, C11, L7, B8, O3", by_script=True, of=("listing",))
def a_listings_polls_come_back_as_scripted(story: Story) -> Broken:
    """In whatever order, each answer with the history at its request's arrival; behind a queue there is none (O5)."""
    script, _ = story.known
    if script.scenario.orchestrator.workers:
        return
    emitted_us = [row[0] for row, _ in story.of("event_emitted")]
    due = []
    for poll in story.requests:
        time_us, kind, _, reason = finish(script, poll, poll.reached_us)
        held = str(sum(t <= poll.reached_us for t in emitted_us))
        due.append((time_us, kind, held if kind == "poll_answered" else reason))
    wanted = sorted(end for end in due if end[0] <= script.horizon_us)
    found = sorted((row[0], row[2], row[4]) for row in story.finished)
    for want, row in zip(wanted, found, strict=False):
        if want != row:
            yield min(want[0], row[0]), f"{want} is due by the script, but there is {row}"
            return
    if len(wanted) != len(found):
        yield script.horizon_us, f"{len(wanted)} polls come back by the script, but {len(found)} do"


@RULES.rule("D6", by_script=True, by_order=False, of=("listing",))
def an_error_erases_all_that_a_listing_displays(story: Story) -> Broken:
    """A time limit nothing."""
    for place, row in enumerate(story.rows):
        if row[2] == "poll_failed":
            erased = story.before[place].displayed if row[4] != "timeout" else ()
            wanted = [("event_erased", event) for event in sorted(erased)]
            found = displayed_after(story, place)
            if found != wanted:
                yield row[0], f"{told(row)} is followed by {in_words(found)}, but {in_words(wanted)} is due"


@RULES.rule("D7, D8", by_script=True, by_order=False, of=("listing",))
def a_listing_ends_with_a_message_or_a_last_event_that_it_takes_for_the_end(story: Story) -> Broken:
    """Once; which message of another run ends it, rows do not tell."""
    _, me = story.known
    for happening in story.parsed.happenings:
        row, before = happening.row, story.before[happening.place]
        if before.terminal:
            continue
        event = int(row[4]) - 1 if row[2] == "poll_answered" else row[3] if row[2] == "message_received" else -1
        wanted = [event] if 0 <= event < len(me.events) and me.events[event].type in ENDS else []
        found = [r for r in story.rows[happening.place : happening.end] if r[2] == "terminal_reached"]
        if [r[3] for r in found] != wanted and (row[4], [r[3:] for r in found]) != ("other", [(-1, "other")]):
            yield row[0], f"{told(row)} ends the run by {[r[3] for r in found]}, but {wanted} is due"


@RULES.rule("D8", by_script=True, of=("listing",))
def a_listing_closes_its_websocket_at_the_terminal_alone(story: Story) -> Broken:
    """And opens another."""
    for row, _ in story.of("websocket_closed"):
        if row[4] == "client" and row[0] != story.ended_us:
            yield row[0], f"{told(row)}, though the terminal is not reached then"


@RULES.rule("D8, D9, D12, D14", by_script=True, of=("listing",))
def a_listing_clears_the_timer_that_it_remembers(story: Story) -> Broken:
    """At the terminal, and at a message or an opening after it, where that timer has not fired; nothing else does."""
    pending: dict[int, int] = {}  # when each timer is due, by its number
    remembered = -1  # the number of the one that was armed last
    for happening in story.parsed.happenings:
        rows = story.rows[happening.place : happening.end]
        kinds = [row[2] for row in rows]
        ends, resets = "terminal_reached" in kinds, kinds[0] in ("websocket_opened", "message_received")
        if kinds[0] == "poll_sent" and pending:
            del pending[min(pending, key=pending.__getitem__)]
        clears = remembered in pending and (ends or (resets and story.before[happening.place].terminal))
        if clears and "timer_cleared" not in kinds:
            yield (
                happening.time_us,
                f"{told(rows[-1])} leaves the timer of {seconds(pending[remembered])} s pending",
            )
        elif "timer_cleared" in kinds and not clears:
            yield happening.time_us, f"{told(rows[-1])} clears a timer, though none is pending"
        if ends or resets:
            pending.pop(remembered, None)
        for row in rows:
            if row[2] == "timer_armed":
                remembered += 1
                pending[remembered] = due_us(row[4])
