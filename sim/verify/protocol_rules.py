"""Rules of the cursor protocol (docs/protocol.md): what is shown, when polls are owed, and what that guarantees."""

from sim.contract.trace import seconds
from sim.verify.display_rules import displayed_after, in_words
from sim.verify.expected import Broken, told
from sim.verify.recovery import due_events, recovered_by_us
from sim.verify.rule import BOTH, Rules
from sim.verify.story import Story

RULES = Rules()


@RULES.rule("P4", by_script=True, by_order=False, of=("sequence",))
def events_are_shown_once_and_in_order(story: Story) -> Broken:
    """A message or an answer shows what is complete with it and was not before, and nothing else is ever displayed."""
    for place, row in enumerate(story.rows):
        if row[2] not in ("message_received", "poll_answered"):
            continue
        had, has = story.before[place].duty.shown, story.before[place + 1].duty.shown
        wanted = [("event_shown", event) for event in range(had, has)]
        found = displayed_after(story, place)
        if found != wanted:
            yield row[0], f"{told(row)} is followed by {in_words(found)}, but {in_words(wanted)} is due"


@RULES.rule("P6, C5, B5", by_script=True, by_order=False, of=("sequence",))
def a_terminal_event_ends_the_run_when_it_is_shown(story: Story) -> Broken:
    """Once nothing is missing before it, and by the first that is shown."""
    _, me = story.known
    ending: int | None = None
    for place, row in enumerate(story.rows):
        if row[2] == "terminal_reached":
            if row[3] != ending:
                yield row[0], f"{told(row)}, though the terminal event that has just been shown is {ending}"
        elif row[2] != "event_shown" and ending is not None:
            yield row[0], f"terminal event {ending} is shown, but the run goes on with {told(row)}"
        if row[2] == "event_shown" and not story.before[place].terminal:
            terminal = row[3] < len(me.events) and me.events[row[3]].terminal
            ending = row[3] if ending is None and terminal else ending
        else:
            ending = None
    if ending is not None:
        yield story.rows[-1][0], f"terminal event {ending} is shown, but the run does not end"


@RULES.rule("P7, P8", by_script=True, of=BOTH)
def a_poll_that_is_owed_is_sent_at_once(story: Story) -> Broken:
    """Last in the turn in which it comes to be owed, or in which an answer leaves it owed."""
    if not _tells_all(story):
        return
    for happening in story.parsed.happenings:
        after = story.before[happening.end]
        if after.polls_at_once and not after.terminal:
            yield happening.time_us, f"after {told(happening.row)} a poll is owed, but none is sent in its turn"


@RULES.rule("P9, C1, C2", by_script=True, of=BOTH)
def only_while_nothing_is_owed_messages_and_openings_re_arm(story: Story) -> Broken:
    """What is owed is never put off."""
    script, _ = story.known
    if not script.policy.polling or not _tells_all(story):
        return
    for happening in story.parsed.happenings:
        if happening.row[2] not in ("message_received", "websocket_opened"):
            continue
        if story.before[happening.end].terminal:
            continue
        owed = story.before[happening.place + 1].duty.owed
        arms = any(row[2] == "timer_armed" for row in story.rows[happening.place : happening.end])
        if arms == owed:
            what = "re-arms the timer, though a poll is owed" if owed else "re-arms no timer, though no poll is owed"
            yield happening.time_us, f"{told(happening.row)} {what}"


def _tells_all(story: Story) -> bool:
    """Whether it is known of what the client has heard: not which heartbeats reach one that reads slowly (L9)."""
    script, me = story.known
    return not (story.slow and script.policy.gap_poll and me.heartbeat_us)


@RULES.rule("P12, C6, O3", by_order=False, of=BOTH)
def an_answered_poll_leaves_nothing_unshown_that_was_emitted_before_it_was_sent(story: Story) -> Broken:
    """Whatever was lost until then."""
    emitted_us = [row[0] for row, _ in story.of("event_emitted")]
    emitted = 0
    for happening in story.parsed.happenings:
        for place in range(happening.place, happening.end):
            if story.rows[place][2] == "poll_sent":
                before_us = story.rows[place][0] - story.margin_us
                emitted = sum(t < before_us for t in emitted_us) if story.margin_us else story.before[place].emitted
            elif story.rows[place][2] == "poll_answered":
                unshown = set(range(emitted)) - story.before[happening.end].ever_shown
                if unshown:
                    yield happening.time_us, f"{told(happening.row)} leaves event {min(unshown)} unshown"


@RULES.rule("P12, C1, C4", of=BOTH)
def until_the_terminal_there_is_always_a_next_poll(story: Story) -> Broken:
    """A timer is pending, or a poll in flight."""
    armed = False
    for happening in story.parsed.happenings:
        armed = armed or happening.row[2] == "timer_armed"
        after = story.before[happening.end]
        pending = after.due_us is not None or after.missed_us is not None or after.sent_us is not None
        if armed and not after.terminal and not pending:
            yield happening.time_us, f"after {told(happening.row)} no timer is pending and no poll in flight"


@RULES.rule("P12", by_script=True, of=("sequence",))
def all_is_shown_that_must_be_by_then(story: Story) -> Broken:
    """Up to the run's first terminal event, as long after the last that holds polls up as a poll may take."""
    script, me = story.known
    re_arming = [h for h in story.parsed.happenings if h.row[2] in ("message_received", "websocket_opened")]
    put_off_us = [h.time_us for h in re_arming if story.rows[h.end - 1][2] == "timer_armed"]
    by_us = recovered_by_us(script, me, max(put_off_us, default=0))
    if by_us is None or by_us + story.margin_us > script.horizon_us:
        return
    shown = {row[3] for row, _ in story.of("event_shown") if row[0] <= by_us + story.margin_us}
    for event in due_events(me):
        if event not in shown:
            yield by_us, f"event {event} is not shown, though it must be by {seconds(by_us)} s"
