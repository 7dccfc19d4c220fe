"""Rules that a trace shows once its script is known: what was to happen when (DESIGN.md section 3)."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sim.contract.script import ERROR, TIMEOUT, ClientScript, Script
from sim.contract.trace import Row, seconds
from sim.verify.story import Broken, Rules, Story, due_us, told

RULES = Rules()


def _known(story: Story) -> tuple[Script, ClientScript]:
    if story.script is None or story.me is None:
        raise ValueError("this rule needs the script")
    return story.script, story.me


@RULES.rule("section 5", by_script=True, by_order=False)
def nothing_happens_beyond_the_horizon(story: Story) -> Broken:
    """Instants later than the horizon are never performed."""
    script, _ = _known(story)
    for row in story.rows:
        if row[0] > script.horizon_us + story.margin_us:
            yield row[0], f"{told(row)}, beyond the horizon at {seconds(script.horizon_us)} s"


@RULES.rule("W2, W4", by_script=True)
def events_are_emitted_at_their_times(story: Story) -> Broken:
    """All that lie within the horizon, counted from the client's start."""
    script, me = _known(story)
    wanted = [
        (time_us, "event_emitted", n, "") for n, time_us in enumerate(me.event_us) if time_us <= script.horizon_us
    ]
    yield from _pairs(story, wanted, [row for row, _ in story.of("event_emitted")])


@RULES.rule("C1, B6, W4", by_script=True)
def the_client_mounts_at_its_start(story: Story) -> Broken:
    """It arms the timer then, polls at once where its policy says so, and does nothing before."""
    script, me = _known(story)
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
    policy = _known(story)[0].policy
    polling = ("timer_armed", "timer_cleared", "poll_sent", "poll_answered", "poll_failed")
    websocket = ("websocket_opened", "websocket_closed", "message_received")
    for row, _ in story.of(*(() if policy.polling else polling), *(() if policy.websocket else websocket)):
        yield row[0], f"{told(row)}, which this client's policy leaves out"


@RULES.rule("C1, L5, B4", by_script=True)
def the_websocket_opens_and_closes_as_scripted(story: Story) -> Broken:
    """It opens when the handshake is done, unless refused or cut; the first cut after that closes it."""
    script, me = _known(story)
    steps_us = (me.start_us, me.start_us + me.connect_us[0]) if me.connect_us else ()
    if story.margin_us and any(story.near(cut_us, step_us) for cut_us in me.connection_lost_us for step_us in steps_us):
        return  # which of them came first is not decided
    wanted = [end for end in _websocket(script, me) if end[0] <= script.horizon_us]
    yield from _pairs(story, wanted, [row for row, _ in story.of("websocket_opened", "websocket_closed")])


def _websocket(script: Script, me: ClientScript) -> Iterator[tuple[int, str, int, str]]:
    if not script.policy.websocket:
        return
    done_us = me.start_us + me.connect_us[0]
    refused = any(window.from_us <= me.start_us < window.until_us for window in me.refused_windows)
    for cut_us in (time_us for time_us in me.connection_lost_us if time_us >= me.start_us):
        if cut_us < done_us or (refused and cut_us == done_us):
            yield cut_us, "websocket_closed", -1, "connection-lost"
            return
        if not refused:
            yield done_us, "websocket_opened", -1, ""
            yield cut_us, "websocket_closed", -1, "connection-lost"
            return
        break
    yield (done_us, "websocket_closed", -1, "refused") if refused else (done_us, "websocket_opened", -1, "")


@RULES.rule("L1, L2, L4", by_script=True)
def own_messages_end_as_scripted(story: Story) -> Broken:
    """Lost to a fault, or received at their arrival, or lost at a close before it."""
    own, _ = _messages(story)
    found = {message.event: message.end for message in story.published}
    for wanted in own:
        yield from _pair(story, wanted, found.get(wanted[2]))


@RULES.rule("L1, L2, B1", by_script=True)
def other_runs_messages_end_as_scripted(story: Story) -> Broken:
    """The same for the events of the user's other runs."""
    _, others = _messages(story)
    found = [row for row, _ in story.of("message_received", "message_lost") if row[3] < 0]
    yield from _pairs(story, sorted(others), sorted(found, key=lambda row: (row[0], row[2], row[4])))


Wanted = tuple[int, str, int, str]


def _messages(story: Story) -> tuple[list[Wanted], list[Wanted]]:
    """How own and other runs' messages end; the connection's times are the story's own."""
    script, me = _known(story)
    opened_us = next((row[0] for row, _ in story.of("websocket_opened")), None)
    closed_us = next((row[0] for row, before in story.of("websocket_closed") if before.connection), None)
    published_us = {message.event: message.time_us for message in story.published}
    due = [(time_us, False, n) for n, time_us in enumerate(me.event_us)]
    due += [(time_us, True, n) for n, time_us in enumerate(me.other_us)]
    ends: tuple[list[Wanted], list[Wanted]] = ([], [])
    previous_us = 0
    for scripted_us, other, n in sorted(due):
        if scripted_us > script.horizon_us:
            break
        now_us = scripted_us if other else published_us.get(n, scripted_us)
        event = -1 if other else n
        if opened_us is None or now_us < opened_us or (closed_us is not None and now_us >= closed_us):
            ends[other].append((now_us, "message_lost", event, "no-connection"))
        elif (me.other_lost if other else me.event_lost)[n]:
            ends[other].append((now_us, "message_lost", event, "fault"))
        else:
            latency_us = (me.other_latency_us if other else me.event_latency_us)[n]
            previous_us = max(now_us + latency_us, previous_us)
            if closed_us is not None and previous_us >= closed_us:
                ends[other].append((closed_us, "message_lost", event, "connection-lost"))
            elif previous_us <= script.horizon_us:
                ends[other].append((previous_us, "message_received", event, "other" if other else ""))
    return ends


@RULES.rule("C2, C4, C7, B10", by_script=True)
def the_timer_is_armed_one_interval_ahead(story: Story) -> Broken:
    """The interval grows with the finished polls since the last message, exact from the base."""
    script, _ = _known(story)
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


@RULES.rule("C9, B8", by_script=True)
def polls_finish_as_scripted(story: Story) -> Broken:
    """Answered, or failed by their number's fate or the window in which they were sent, when their latency says."""
    script, me = _known(story)
    sent = [row for row, _ in story.of("poll_sent")]
    finished = [row for row, _ in story.of("poll_answered", "poll_failed")]
    for number, (row, end) in enumerate(zip_longest(sent, finished)):
        if row is None or number >= len(me.poll_latency_us):
            yield (row or end)[0], f"{told(row or end)} belongs to poll {number}, which cannot have been sent"
            return
        wanted = _finish(script, me, number, row[0])
        if wanted[0] <= script.horizon_us or end is not None:
            yield from _pair(story, wanted, end)


def _finish(script: Script, me: ClientScript, number: int, sent_us: int) -> Wanted:
    windows = (window.fate for window in me.poll_windows if window.from_us <= sent_us < window.until_us)
    fate = me.poll_fate[number] or next(windows, 0)
    latency_us, timeout_us = me.poll_latency_us[number], script.poll_timeout_us
    if fate == TIMEOUT or latency_us > timeout_us:
        return sent_us + timeout_us, "poll_failed", -1, "timeout"
    return sent_us + latency_us, *(("poll_failed", -1, "error") if fate == ERROR else ("poll_answered", -1, "*"))


@RULES.rule("C5, B5", by_script=True, by_order=False)
def a_terminal_event_ends_the_run_when_it_is_learnt(story: Story) -> Broken:
    """From a message or from an answer, where it is the first terminal that the answer holds."""
    _, me = _known(story)
    terminals = [n for n, event in enumerate(me.events) if event.terminal]
    learnt: int | None = None
    for place, (time_us, _, kind, event, detail) in enumerate(story.rows):
        if kind == "message_received":
            learnt = event if event in terminals else None
        elif kind == "poll_answered":
            learnt = next((n for n in terminals if n < int(detail)), None)
        elif kind == "terminal_reached":
            if event != learnt:
                yield time_us, f"terminal_reached {event}, though the terminal event learnt is {learnt}"
            learnt = None
        elif kind not in ("event_shown", "event_repeated", "event_erased"):
            if learnt is not None and not story.before[place].terminal:
                yield time_us, f"terminal event {learnt} is learnt, but the run goes on with {kind}"
            learnt = None
    if learnt is not None and not story.before[-1].terminal:
        yield story.rows[-1][0], f"terminal event {learnt} is learnt, but the run does not end"


def _pairs(story: Story, wanted: Sequence[Wanted], found: Sequence[Row]) -> Broken:
    for due, row in zip_longest(wanted, found):
        if due is None:
            yield row[0], f"{told(row)}, which is not scripted"
        else:
            yield from _pair(story, due, row)


def _pair(story: Story, wanted: Wanted, found: Row | None) -> Broken:
    time_us, kind, event, detail = wanted
    if found is None or not (
        story.near(found[0], time_us) and found[2:4] == (kind, event) and detail in ("*", found[4])
    ):
        due = told((time_us, story.client, kind, event, "" if detail == "*" else detail))
        yield (
            min(time_us, time_us if found is None else found[0]),
            f"{due} is due by the script, but there is {told(found)}",
        )
