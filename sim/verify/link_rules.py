"""Rules of the WebSocket: when it opens and closes, and how each message ends; the last three by the script."""

from collections.abc import Iterator

from sim.contract.trace import seconds
from sim.verify.connections import LOST
from sim.verify.expected import Broken, Wanted, pair, pairs, pairs_by_kind, told
from sim.verify.happenings import AT_PUBLICATION, BEFORE_SENDING
from sim.verify.rule import Rules
from sim.verify.story import Story

RULES = Rules()

OF_ALL = ("redis-outage", "no-subscriber")
"""For what messages are lost however their client reads."""


@RULES.rule("C1, L5", by_order=False)
def a_websocket_opens_before_it_opens_again(story: Story) -> Broken:
    """Opening and closing alternate; a close without an opening ends an attempt."""
    for row, before in story.of("websocket_opened"):
        if before.connection is not None:
            yield row[0], f"{told(row)}, though it is open"


@RULES.rule("L1")
def a_message_travels_on_one_open_connection(story: Story) -> Broken:
    """It is received on the connection that was open at its publication."""
    of_event = {message.event: message.connection for message in story.published}
    for row, before in story.of("message_received"):
        if before.connection is None:
            yield row[0], f"{told(row)}, though no WebSocket is open"
        elif row[3] in of_event and of_event[row[3]] != before.connection:
            yield row[0], f"{told(row)}, though it was not published on this connection"


@RULES.rule("L1")
def messages_arrive_in_the_order_of_publication(story: Story) -> Broken:
    """On one connection none overtakes another."""
    last, on = -1, None
    for row, before in story.of("message_received"):
        if before.connection != on:
            last, on = -1, before.connection
        if 0 <= row[3] < last:
            yield row[0], f"{told(row)}, after the message of event {last}"
        last = max(last, row[3])


@RULES.rule("L2, B7, B13")
def without_a_connection_a_message_is_lost_at_once(story: Story) -> Broken:
    """For a reason that needs none."""
    for time_us, event, connection, end in story.published:
        lost = end is not None and end[4] in BEFORE_SENDING and story.near(end[0], time_us)
        if connection is None and not lost:
            yield time_us, f"event {event} is published when no WebSocket is open, and its message ends in {told(end)}"


@RULES.rule("L2, B13")
def what_is_lost_at_publication_is_lost_then(story: Story) -> Broken:
    """Not later; for `half-open` it may also be later."""
    for time_us, _, _, end in story.published:
        if end is not None and end[4] in AT_PUBLICATION[:-1] and not story.near(end[0], time_us):
            yield end[0], f"{told(end)}, though it was published at {seconds(time_us)} s"


@RULES.rule("L6, L7, F10")
def nothing_arrives_once_a_connection_is_given_up(story: Story) -> Broken:
    """What is published after the server's side is gone, or arrives after a half-open loss, is lost."""
    silent_on = gone_on = None
    late: set[int] = set()
    for row, before in story.of("message_published", "message_lost", "message_received"):
        if row[2] == "message_published":
            late |= {row[3]} if before.connection is not None and before.connection == gone_on else set()
        elif row[2] == "message_lost":
            gone_on = before.connection if row[4] == "no-connection" else gone_on
            silent_on = before.connection if row[4] == "half-open" else silent_on
        elif before.connection is not None and before.connection == silent_on:
            yield row[0], f"{told(row)}, though its WebSocket was half-open by then"
        elif row[3] in late:
            yield row[0], f"{told(row)}, though its WebSocket was gone on the server's side when it was published"


@RULES.rule("B4, L5")
def a_websocket_closes_for_a_reason_that_fits(story: Story) -> Broken:
    """A goodbye is said to an open one, and what is refused was not open."""
    for row, before in story.of("websocket_closed"):
        is_open = before.connection is not None
        if row[4] == ("refused" if is_open else "going-away"):
            yield row[0], f"{told(row)}, though it {'is' if is_open else 'was not'} open"


@RULES.rule("L2")
def what_is_in_flight_at_a_close_is_lost_there(story: Story) -> Broken:
    """Neither forgotten nor received later, and lost for `connection-lost` nowhere else."""
    closed_us = {before.connection: row[0] for row, before in story.of("websocket_closed")}
    for time_us, event, connection, end in story.published:
        close_us = None if connection is None else closed_us.get(connection)
        if end is not None and end[4] == "connection-lost":
            if close_us is None or not story.near(end[0], close_us):
                yield end[0], f"{told(end)}, though its WebSocket does not close then"
        elif close_us is not None and (end is None or end[0] > close_us + story.margin_us):
            at = seconds(close_us)
            yield (
                close_us,
                f"the message of event {event}, published at {seconds(time_us)} s, outlives the close at {at} s",
            )


@RULES.rule("C1, C8, C10, L5, L6, L7, F8, F9, F10, B4", by_script=True)
def the_websocket_opens_and_closes_as_scripted(story: Story) -> Broken:
    """Each attempt starts when the one before it says, opens or fails, and closes for the first that ends it."""
    if _meets_the_terminal(story):
        return
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
    if _meets_the_terminal(story):
        return
    ends = {message.event: message.end for message in story.published}
    for message in story.deliveries:
        if message.event < 0 or (story.slow and (message.end is None or message.end[3] not in OF_ALL)):
            continue
        found = ends.get(message.event)
        if message.end is not None:
            yield from pair(message.end, found, story.margin_us)
        elif found is not None:
            yield found[0], f"{told(found)}, which is not scripted"


@RULES.rule("L1, L2, L6, L7, R4, R5, B1, P3", by_script=True)
def other_runs_messages_and_heartbeats_end_as_scripted(story: Story) -> Broken:
    """The same for the events of the user's other runs, and for heartbeats until the run has ended."""
    if story.slow or _meets_the_terminal(story):
        return
    wanted = [m.end for m in story.deliveries if m.event < 0 and m.end is not None]
    found = [row for row, _ in story.of("message_received", "message_lost") if row[3] < 0]
    yield from pairs_by_kind(wanted, found, story.margin_us)


def _meets_the_terminal(story: Story) -> bool:
    """Whether a loss, an outage or another message meets a listing's terminal: the order of their turns decides.

    It closes its WebSocket and opens another in the terminal's turn (D8).
    """
    script, me = story.known
    if script.policy.listing == "none" or story.ended_us is None:
        return False
    windows = (*script.fanout_outages, *me.partition_windows, *me.refused_windows)
    edges_us = [*me.connection_lost_us, *me.half_open_us, *(edge for window in windows for edge in window[:2])]
    ending = next(row[3] for row, _ in story.of("terminal_reached"))
    arriving = [m.event for m in story.deliveries if m.arrives_us == story.ended_us and m.attempt is not None]
    return story.ended_us in edges_us or arriving not in ([], [ending])
