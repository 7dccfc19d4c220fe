"""What a client displays that does not go by sequence, and when its run ends (C5, C6, B5, B9)."""

from sim.verify.expected import Broken, told
from sim.verify.happenings import OF_DISPLAY
from sim.verify.rule import Rules
from sim.verify.story import Story

RULES = Rules()


@RULES.rule("C6, B9", by_order=False, of=("documented", "listing"))
def a_message_shows_its_event(story: Story) -> Broken:
    """As shown the first time, as repeated if it was ever shown before."""
    for place, (time_us, _, kind, event, _) in enumerate(story.rows):
        if kind == "message_received" and event >= 0:
            wanted = "event_repeated" if event in story.before[place].ever_shown else "event_shown"
            found = story.rows[place + 1] if place + 1 < len(story.rows) else None
            if found is None or found[2:4] != (wanted, event):
                yield time_us, f"the message of event {event} is followed by {told(found)}, but {wanted} is due"


@RULES.rule("C6, B9", by_order=False, of=("documented", "listing"))
def an_answer_replaces_what_is_displayed(story: Story) -> Broken:
    """Erases what it does not hold, shows what is new, repeats what was shown before and is not displayed."""
    for place, (time_us, _, kind, _, detail) in enumerate(story.rows):
        if kind != "poll_answered":
            continue
        before, held = story.before[place], range(int(detail))
        wanted = [("event_erased", event) for event in sorted(before.displayed - set(held))]
        wanted += [("event_shown", event) for event in held if event not in before.ever_shown]
        wanted += [("event_repeated", e) for e in held if e in before.ever_shown and e not in before.displayed]
        found = displayed_after(story, place)
        if found != wanted:
            due = in_words(wanted)
            yield time_us, f"the answer with {detail} events is followed by {in_words(found)}, but {due} is due"


def displayed_after(story: Story, place: int) -> list[tuple[str, int]]:
    """What changes in the display right after a row."""
    found = []
    for row in story.rows[place + 1 :]:
        if row[2] not in OF_DISPLAY:
            break
        found.append((row[2], row[3]))
    return found


def in_words(changes: list[tuple[str, int]]) -> str:
    """The same in words."""
    return ", ".join(f"{kind} {event}" for kind, event in changes) or "no change"


@RULES.rule("C5, B5", by_script=True, by_order=False, of=("documented",))
def a_terminal_event_ends_the_run_when_it_is_learnt(story: Story) -> Broken:
    """From a message or from an answer, where it is the first terminal that the answer holds."""
    _, me = story.known
    terminals = [n for n, event in enumerate(me.events) if event.terminal]
    learnt: int | None = None
    for place, (time_us, _, kind, event, detail) in enumerate(story.rows):
        if kind in ("event_shown", "event_repeated", "event_erased"):
            continue
        if kind == "terminal_reached":
            if event != learnt:
                yield time_us, f"terminal_reached {event}, though the terminal event learnt is {learnt}"
        elif learnt is not None and not story.before[place].terminal:
            yield time_us, f"terminal event {learnt} is learnt, but the run goes on with {kind}"
        learnt = None
        if kind == "message_received":
            learnt = event if event in terminals else None
        elif kind == "poll_answered":
            learnt = next((n for n in terminals if n < int(detail)), None)
    if learnt is not None and not story.before[-1].terminal:
        yield story.rows[-1][0], f"terminal event {learnt} is learnt, but the run does not end"
