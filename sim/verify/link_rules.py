"""Rules of the WebSocket once the script is known: when it opens and closes, and how each message ends."""

from collections.abc import Iterator

from sim.verify.connections import LOST
from sim.verify.expected import Broken, Wanted, pair, pairs, told
from sim.verify.story import Rules, Story

RULES = Rules()

OF_ALL = ("redis-outage", "no-subscriber")
"""For what messages are lost however their client reads."""


@RULES.rule("C1, C8, C10, L5, L6, L7, F8, F9, F10, B4", by_script=True)
def the_websocket_opens_and_closes_as_scripted(story: Story) -> Broken:
    """Each attempt starts when the one before it says, opens or fails, and closes for the first that ends it."""
    found = [row for row, _ in story.of("websocket_opened", "websocket_closed")]
    yield from pairs(list(_opened_and_closed(story)), found, story.margin_us)


def _opened_and_closed(story: Story) -> Iterator[Wanted]:
    script, _ = story.known
    closes = [row for row, _ in story.of("websocket_closed")]
    for attempt in story.attempts:
        if attempt.opened_us is not None and attempt.opened_us <= script.horizon_us:
            yield attempt.opened_us, "websocket_opened", -1, ""
        row = closes[attempt.number] if attempt.number < len(closes) else None
        latest_us = script.horizon_us if attempt.closed_us is None else attempt.closed_us
        if story.slow and row and attempt.opened_us is not None and row[0] <= latest_us and row[4] == LOST:
            yield row[0], *row[2:]  # of a slow reader any abort will do (L9), but none later than scripted
        elif attempt.closed_us is not None and attempt.closed_us <= script.horizon_us:
            yield attempt.closed_us, "websocket_closed", -1, attempt.reason


@RULES.rule("L1, L2, L4, L6, L7, R4, R5, B13", by_script=True)
def own_messages_end_as_scripted(story: Story) -> Broken:
    """Lost at publication, or received at their arrival, or lost at a loss or close before it."""
    ends = {message.event: message.end for message in story.published}
    for message in story.deliveries:
        if message.event < 0 or (story.slow and (message.end is None or message.end[3] not in OF_ALL)):
            continue
        found = ends.get(message.event)
        if message.end is not None:
            yield from pair(message.end, found, story.margin_us)
        elif found is not None:
            yield found[0], f"{told(found)}, which is not scripted"


@RULES.rule("L1, L2, L6, L7, R4, R5, B1", by_script=True)
def other_runs_messages_end_as_scripted(story: Story) -> Broken:
    """The same for the events of the user's other runs."""
    if story.slow:
        return
    wanted = sorted(m.end for m in story.deliveries if m.event < 0 and m.end is not None)
    found = [row for row, _ in story.of("message_received", "message_lost") if row[3] < 0]
    yield from pairs(wanted, sorted(found, key=lambda row: (row[0], row[2], row[4])), story.margin_us)
