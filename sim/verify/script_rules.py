"""Rules that a client's rows show once its script is known: events, mount, timer, terminal (DESIGN.md section 3)."""

from sim.contract.trace import seconds
from sim.verify.expected import Broken, pairs, told
from sim.verify.rule import BOTH, Rules
from sim.verify.story import Story, due_us
from sim.verify.wait import wait_before_poll_us

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


@RULES.rule("C1, B6, W4", by_script=True, of=BOTH)
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
    sent = next(((place, row) for place, row in enumerate(story.rows) if row[2] == "poll_sent"), (0, None))
    at_mount = story.polls_at_mount(sent[0])
    if at_mount != script.policy.poll_at_mount and story.margin_us < script.poll_interval_us:
        yield me.start_us, f"the first poll is {told(sent[1])}, but poll_at_mount is {script.policy.poll_at_mount}"


@RULES.rule("B7", by_script=True, by_order=False)
def what_the_policy_leaves_out_does_not_happen(story: Story) -> Broken:
    """No timer and no poll without polling, no WebSocket without a WebSocket."""
    policy = story.known[0].policy
    polling = ("timer_armed", "timer_cleared", "poll_sent", "poll_answered", "poll_failed")
    websocket = ("websocket_opened", "websocket_closed", "message_received")
    for row, _ in story.of(*(() if policy.polling else polling), *(() if policy.websocket else websocket)):
        yield row[0], f"{told(row)}, which this client's policy leaves out"


@RULES.rule("C2, C4, C7, B10, P10", by_script=True, of=BOTH)
def the_timer_is_armed_one_wait_ahead(story: Story) -> Broken:
    """The longest of the waits that hold then, and the jitter of the poll that would be sent next."""
    script, me = story.known
    for row, before in story.of("timer_armed"):
        wait_us = wait_before_poll_us(script, me, before)
        if not story.near(due_us(row[4]) - row[0], wait_us):
            wanted = f"with {before.quiet_polls} polls since the last message it is {seconds(wait_us)} s"
            yield row[0], f"{told(row)} is armed {seconds(due_us(row[4]) - row[0])} s ahead, but {wanted}"
