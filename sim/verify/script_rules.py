"""Rules that a client's rows show once its script is known: events, mount, timer, terminal (DESIGN.md section 3)."""

from sim.contract.script import Script
from sim.contract.trace import seconds
from sim.verify.expected import Broken, pairs, told
from sim.verify.story import Rules, Story, due_us

RULES = Rules()


@RULES.rule("section 5", by_script=True, by_order=False)
def nothing_happens_beyond_the_horizon(story: Story) -> Broken:
    """Instants later than the horizon are never performed."""
    script, _ = story.known
    for row in story.rows:
        if row[0] > script.horizon_us + story.margin_us:
            yield row[0], f"{told(row)}, beyond the horizon at {seconds(script.horizon_us)} s"


@RULES.rule("W2, W4", by_script=True)
def events_are_emitted_at_their_times(story: Story) -> Broken:
    """All that lie within the horizon, counted from the client's start."""
    script, me = story.known
    wanted = [
        (time_us, "event_emitted", n, "") for n, time_us in enumerate(me.event_us) if time_us <= script.horizon_us
    ]
    yield from pairs(wanted, [row for row, _ in story.of("event_emitted")], story.margin_us)


@RULES.rule("C1, B6, W4", by_script=True)
def the_client_mounts_at_its_start(story: Story) -> Broken:
    """It arms the timer then, polls at once where its policy says so, and does nothing before."""
    script, me = story.known
    for row in story.rows:
        if row[0] < me.start_us - story.margin_us:
            yield row[0], f"{told(row)}, before the start at {seconds(me.start_us)} s"
    if me.start_us > script.horizon_us or not script.policy.polling:
        return
    own = ("timer_armed", "websocket_opened", "websocket_closed", "poll_sent", "message_received")
    armed = next((row for row, _ in story.of(*own)), None)
    if armed is None or armed[2] != "timer_armed" or not story.near(armed[0], me.start_us):
        yield me.start_us, f"no timer is armed at the start at {seconds(me.start_us)} s"
    sent = next((row for row, _ in story.of("poll_sent")), None)
    at_mount = sent is not None and story.near(sent[0], me.start_us)
    if at_mount != script.policy.poll_at_mount and story.margin_us < script.poll_interval_us:
        yield me.start_us, f"the first poll is {told(sent)}, but poll_at_mount is {script.policy.poll_at_mount}"


@RULES.rule("B7", by_script=True, by_order=False)
def what_the_policy_leaves_out_does_not_happen(story: Story) -> Broken:
    """No timer and no poll without polling, no WebSocket without a WebSocket."""
    policy = story.known[0].policy
    polling = ("timer_armed", "timer_cleared", "poll_sent", "poll_answered", "poll_failed")
    websocket = ("websocket_opened", "websocket_closed", "message_received")
    for row, _ in story.of(*(() if policy.polling else polling), *(() if policy.websocket else websocket)):
        yield row[0], f"{told(row)}, which this client's policy leaves out"


@RULES.rule("C2, C4, C7, B10", by_script=True)
def the_timer_is_armed_one_interval_ahead(story: Story) -> Broken:
    """The interval grows with the finished polls since the last message, exact from the base."""
    script, _ = story.known
    for row, before in story.of("timer_armed"):
        interval_us = _interval_us(script, before.quiet_polls)
        if not story.near(due_us(row[4]) - row[0], interval_us):
            wanted = f"{before.quiet_polls} polls without a message make {seconds(interval_us)} s"
            yield row[0], f"{told(row)} is armed {seconds(due_us(row[4]) - row[0])} s ahead, but {wanted}"


def _interval_us(script: Script, quiet_polls: int) -> int:
    factor, grown = script.backoff_factor, script.poll_interval_us
    if factor == 1:
        return grown
    exact = factor * 0 + grown
    for _ in range(quiet_polls):
        if exact >= script.backoff_max_us:
            break
        exact *= factor
    return min(exact.numerator // exact.denominator, script.backoff_max_us)


@RULES.rule("C5, B5", by_script=True, by_order=False)
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
