"""Rules that a trace shows by itself, without its script: one function each (DESIGN.md sections 3 and 6)."""

from sim.contract.trace import seconds
from sim.verify.expected import Broken, told
from sim.verify.happenings import ARRIVE, EMIT, FINISH, FIRE, MOUNT, OF_DISPLAY, SERVE, Happening
from sim.verify.rule import BOTH, Rules
from sim.verify.story import Story

RULES = Rules()


@RULES.rule("section 6", by_order=False)
def each_happening_writes_its_rows(story: Story) -> Broken:
    """Complete, and in the table's order."""
    if story.parsed.broken:
        yield story.parsed.broken


@RULES.rule("section 3, one instant", of=BOTH)
def equal_instants_take_turns(story: Story) -> Broken:
    """By class, own before other runs' events before heartbeats, in file order; only a poll's zero delay leads back."""
    if story.margin_us:
        return
    last, reached = None, _FIRST
    for happening in story.parsed.happenings:
        if last is None or happening.time_us != last.time_us:
            reached = _FIRST
        places = _places(story, happening)
        later = [place for place in places if place >= reached]
        if last and not later and not (happening.turns == (FINISH,) and reached[0] in (FIRE, SERVE)):
            what = f"{told(happening.row)} comes after {told(last.row)}, but has its turn before it"
            yield happening.time_us, what
        last, reached = happening, min(later, default=places[0])


_Place = tuple[int, int, int]
_FIRST: _Place = (MOUNT, 0, 0)


def _places(story: Story, happening: Happening) -> list[_Place]:
    """The places that it may have; the server's own timers close only a slow reader's end at once (L9)."""
    turns = [turn for turn in happening.turns if turn != SERVE or story.me is None or story.slow]
    event = -1 if happening.row[2] == "message_lost" else happening.row[3]  # at another run's publication (B1, B2)
    rank = 2 if happening.row[4] == "heartbeat" else int(event < 0)
    return [(turn, rank, event) if turn in (EMIT, ARRIVE) else (turn, 0, 0) for turn in turns]


@RULES.rule("W1", by_order=False)
def events_are_emitted_once_in_order(story: Story) -> Broken:
    """Event 0 first, then 1, and so on."""
    for row, before in story.of("event_emitted"):
        if row[3] != before.emitted:
            yield row[0], f"event {row[3]} is emitted where event {before.emitted} is next"


@RULES.rule("W2", by_order=False)
def nothing_comes_before_its_emission(story: Story) -> Broken:
    """No event is published, received, lost, shown or ends the run before it was emitted."""
    kinds = ("message_published", "message_received", "message_lost", "event_shown", "event_repeated")
    for row, before in story.of(*kinds, "event_erased", "terminal_reached"):
        if row[3] >= before.emitted:
            yield row[0], f"{told(row)}, but event {row[3]} has not been emitted by then"


@RULES.rule("F2, L2", by_order=False)
def a_message_ends_once(story: Story) -> Broken:
    """Each published message is received once or lost once, and none that was not published."""
    published: set[int] = set()
    ended: set[int] = set()
    for row, _ in story.of("message_published", "message_received", "message_lost"):
        event = row[3]
        if row[2] == "message_published":
            if event in published:
                yield row[0], f"{told(row)}, though it was published before"
            published.add(event)
        elif event >= 0:
            if event not in published:
                yield row[0], f"{told(row)}, though no such message was published"
            if event in ended:
                yield row[0], f"{told(row)}, though that message was received or lost before"
            ended.add(event)


@RULES.rule("section 6", by_order=False)
def an_event_is_shown_once(story: Story) -> Broken:
    """What comes again is repeated."""
    for row, before in story.of("event_shown"):
        if row[3] in before.ever_shown:
            yield row[0], f"{told(row)}, though it was shown before"


@RULES.rule("B9", by_order=False)
def only_what_was_shown_is_repeated(story: Story) -> Broken:
    """An event is repeated when it was ever shown."""
    for row, before in story.of("event_repeated"):
        if row[3] not in before.ever_shown:
            yield row[0], f"{told(row)}, though it was never shown"


@RULES.rule("B9", by_order=False)
def only_what_is_displayed_is_erased(story: Story) -> Broken:
    """An event is erased when it is displayed."""
    for row, before in story.of("event_erased"):
        if row[3] not in before.displayed:
            yield row[0], f"{told(row)}, though it is not displayed"


@RULES.rule("O3, C9, P2", of=BOTH)
def an_answer_holds_a_history_between_its_sending_and_its_arrival(story: Story) -> Broken:
    """All that was emitted when it was sent, but for what it did not ask for, and nothing that is emitted later."""
    emitted_us = [row[0] for row, _ in story.of("event_emitted")]
    for row, before in story.of("poll_answered"):
        if before.sent_us is not None:
            least = sum(t <= before.sent_us - story.margin_us for t in emitted_us)
            most = sum(t <= row[0] + story.margin_us for t in emitted_us)
            unasked = (0, before.shown_at_sending) if story.script is None else (before.duty.asked_from,)
            if not any(least <= int(row[4]) + n <= most for n in unasked):
                held = f"{least} to {most} were emitted by then"
                yield row[0], f"the answer to the poll of {seconds(before.sent_us)} s holds {row[4]} events, but {held}"


@RULES.rule("C3", by_order=False, of=BOTH)
def one_poll_is_in_flight(story: Story) -> Broken:
    """A poll is sent when none is in flight, and finishes when it is."""
    for row, before in story.of("poll_sent", "poll_answered", "poll_failed"):
        if row[2] == "poll_sent" and before.sent_us is not None:
            yield row[0], f"{told(row)}, though the poll sent at {seconds(before.sent_us)} s is in flight"
        if row[2] != "poll_sent" and before.sent_us is None:
            yield row[0], f"{told(row)}, though no poll is in flight"


@RULES.rule("C3, P8", of=BOTH)
def a_poll_is_sent_when_the_timer_fires(story: Story) -> Broken:
    """Otherwise it is the mount's (B6), or one that is owed ends the turn of an opening, a message or an answer."""
    for place, row in enumerate(story.rows):
        if row[2] != "poll_sent":
            continue
        before = story.before[place]
        if story.at_once(before, place) or story.polls_at_mount(place):
            continue
        if before.due_us is None:
            yield row[0], f"{told(row)}, though no timer is pending"
        elif not story.near(row[0], before.due_us):
            yield row[0], f"{told(row)}, though the timer is due at {seconds(before.due_us)} s"


@RULES.rule("C3", of=BOTH)
def a_timer_that_fires_sends_a_poll(story: Story) -> Broken:
    """Unless a poll is in flight."""
    for before in story.before:
        if before.missed_us is not None:
            yield before.missed_us, f"the timer due at {seconds(before.missed_us)} s sends no poll"


@RULES.rule("C5, P12", by_order=False, of=BOTH)
def nothing_is_polled_or_armed_after_the_terminal(story: Story) -> Broken:
    """No poll is sent and no timer armed afterwards."""
    for row, before in story.of("poll_sent", "timer_armed"):
        if before.terminal:
            yield row[0], f"{told(row)}, after the terminal"


@RULES.rule("C5, section 6", by_order=False, of=BOTH)
def the_terminal_is_reached_once(story: Story) -> Broken:
    """By an event that has just been learnt."""
    for row, before in story.of("terminal_reached"):
        if before.terminal:
            yield row[0], f"{told(row)}, a second time"
        elif row[3] not in before.displayed:
            yield row[0], f"{told(row)}, though event {row[3]} is not displayed"


@RULES.rule("C5, section 6", of=BOTH)
def the_terminal_clears_a_pending_timer(story: Story) -> Broken:
    """`timer_cleared` follows it iff a timer was pending; nothing else clears one."""
    for place, row in enumerate(story.rows):
        before = story.before[place]
        cleared = place + 1 < len(story.rows) and story.rows[place + 1][2] == "timer_cleared"
        if row[2] == "timer_cleared" and (not place or story.rows[place - 1][2] != "terminal_reached"):
            yield row[0], f"{told(row)}, which no terminal does"
        elif row[2] == "terminal_reached" and cleared != (before.due_us is not None):
            if row[0] == before.due_us and (story.script is None or _served_at_once(story, place)):
                continue
            if cleared:
                yield row[0], f"{told(row)} clears a timer, though none is pending"
            elif before.due_us is not None:
                yield row[0], f"{told(row)} leaves the timer pending that is due at {seconds(before.due_us)} s"


def _served_at_once(story: Story, place: int) -> bool:
    """Whether this may belong to an answer that a worker sent in class 8 of this instant: its timers have fired."""
    displayed = (*OF_DISPLAY, "terminal_reached")
    answer = next(n for n in range(place, -1, -1) if story.rows[n][2] not in displayed)
    if story.script is None or story.rows[answer][2] != "poll_answered":
        return False
    polls = story.requests[: story.before[answer].polls]
    return story.script.scenario.orchestrator.workers > 0 and bool(polls) and polls[-1].returns_us == 0
