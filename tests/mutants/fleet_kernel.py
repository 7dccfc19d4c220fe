"""Mutants of what takes which turn in the fleet, and of events that are taken in one go."""

from tests.mutants.mutant import SUMS, mutant

_KERNEL, _CALM, _TOGETHER, _SETTING = "fleet/kernel.py", "fleet/calm.py", "fleet/together.py", "fleet/setting.py"
_FIRST = "ATTEMPT, OPENS, STOP, LOSS, HALF_LOSS, OVER, PUBLISH, PONG, ARRIVES = range(REQUEST)"
_OPENS, _STOP, _LOSS, _HALF, _OVER, _PONG, _DEADLINE, _PING = (
    f"    if c.{name}_us < now:\n        now, what = c.{name}_us, {what}\n"
    for name, what in (
        ("open", "OPENS"),
        ("stop", "STOP"),
        ("lost", "LOSS"),
        ("half", "HALF_LOSS"),
        ("over", "OVER"),
        ("pong", "PONG"),
        ("deadline", "DEADLINE"),
        ("ping", "PING"),
    )
)
_PUBLISHES = "        if c.publish_us == now:\n            what = PUBLISH\n"
_ARRIVES = "        elif arrival_us == now:\n            what = ARRIVES\n"
_FINISHES = "        elif c.finish_us == now:\n            what = FINISH\n"
_FIRES = "        elif c.due_us == now:\n            what = DUE\n"
_MOUNTS = "client.ARM | client.ASK if x.poll_at_mount else client.ARM"
_IN_ONE_GO = "not (c.gone | c.half_open | c.held_up)"
_OTHERS = "others_us = min(rare_us, c.finish_us, x.horizon_us)"
_STAYS = "if c.terminal or c.failed_polls > 0 or c.owed >= 0 or c.head < c.tail:"
_PLAIN = {
    name: f"            or {name}\n"
    for name in ("policy.poll_jitter", "script.other_events", "script.heartbeats", "unheard_windows(script)")
}
_NOTHING_RARE = "is_rare = rare_us == now and rare < what"

MUTANTS = (
    # one instant
    mutant("one instant", "a WebSocket closes before it opens", _KERNEL, (_OPENS, ""), (_PONG, _OPENS + _PONG)),
    mutant("one instant", "an event comes before a close", _KERNEL, (_FIRST, _FIRST.replace(" PUBLISH,", "").replace("STOP", "PUBLISH, STOP"))),
    mutant("one instant", "an event comes before an opening", _KERNEL, (_FIRST, _FIRST.replace(" PUBLISH,", "").replace("OPENS", "PUBLISH, OPENS"))),
    mutant("one instant", "a message arrives before a close", _KERNEL, (_FIRST, _FIRST.replace(", ARRIVES", "").replace("STOP", "ARRIVES, STOP"))),
    mutant("one instant", "a message arrives before an event", _KERNEL, (_PUBLISHES + _ARRIVES, _ARRIVES.replace("elif", "if") + _PUBLISHES.replace("if", "elif"))),
    mutant("one instant", "an answer comes before a message", _KERNEL, (_ARRIVES + _FINISHES, _FINISHES + _ARRIVES)),
    mutant("one instant", "the timer fires before an answer", _KERNEL, (_FINISHES + _FIRES, _FIRES + _FINISHES)),
    mutant("one instant", "the timer fires before a message", _KERNEL, (_ARRIVES + _FINISHES + _FIRES, _FIRES + _ARRIVES + _FINISHES)),
    mutant("one instant", "what comes seldom comes last", _KERNEL, (_NOTHING_RARE, "is_rare = what == NONE")),
    mutant("C10", "attempts start after the timers of their instant", _KERNEL, (_NOTHING_RARE, "is_rare = rare_us == now and rare < what and (rare != ATTEMPT or what == NONE)")),
    mutant("B16", "a loss comes before a stop", _KERNEL, (_STOP, ""), (_HALF, _STOP + _HALF)),
    mutant("L6", "a half-open loss comes before a closed one", _KERNEL, (_LOSS + _HALF, _HALF + _LOSS)),
    mutant("B4", "a refusal comes before a loss", _KERNEL, (_OVER, ""), (_STOP, _OVER + _STOP)),
    mutant("F8", "the server stops after its clients' closes of that instant", _KERNEL, (_STOP, ""), (_PONG, _STOP + _PONG)),
    mutant("B17", "a deadline comes before the answer of its instant", _KERNEL, (_PONG, ""), (_PING, _PONG + _PING)),
    mutant("F10", "a ping comes before the deadline of its instant", _KERNEL, (_DEADLINE + _PING, _PING + _DEADLINE),
           survives="the answer to such a ping does not come at once, or the deadline would be gone"),
    mutant("section 5", "the horizon's own instant is left out", _KERNEL, ("        if now > x.horizon_us:", "        if now >= x.horizon_us:")),
    # the mount, the timer, the attempts
    mutant("C1", "the mount arms no timer", _KERNEL, (_MOUNTS, "client.ASK if x.poll_at_mount else client.NOTHING")),
    mutant("B6", "the poll at the mount is not sent", _KERNEL, (_MOUNTS, "client.ARM")),
    mutant("B6", "every client polls at the mount", _KERNEL, (_MOUNTS, "client.ARM | client.ASK")),
    mutant("B7", "a client without polling arms", _KERNEL, ("if follows & client.ARM and x.polling:", "if follows & client.ARM:")),
    mutant("B7", "a client without a WebSocket opens one", _KERNEL, ("connects = x.websocket != 0", "connects = True")),
    mutant("C3", "polls overlap", _KERNEL, ("            if not c.in_flight:\n                follows = client.ASK", "            follows = client.ASK")),
    mutant("C4", "a finished poll re-arms from its request", _KERNEL, ("c.due_us = now + poll_wait_us(x, c)", "c.due_us = max(now, (c.limit_us - x.timeout_us if what == FINISH else now) + poll_wait_us(x, c))")),
    mutant("C10", "a reconnection is a mount", _KERNEL, ("            if not c.mounted:", "            if True:")),
    mutant("C4", "a poll is sent before the timer is armed", _KERNEL,
           ("        if follows & client.ASK:\n            send(x, c, now)\n", ""),
           ("        if follows & client.ARM and x.polling:", "        if follows & client.ASK:\n            send(x, c, now)\n        if follows & client.ARM and x.polling:")),
    # losses and stops
    mutant("L5", "only the first loss counts", _KERNEL, ("c.lost_us = _in_order(x.connection_lost_us, c.row, c.losses)", "c.lost_us = NEVER")),
    mutant("L6", "only the first half-open loss counts", _KERNEL, ("c.half_us = _in_order(x.half_open_us, c.row, c.halves)", "c.half_us = NEVER")),
    mutant("L5", "losses come in file order", _KERNEL, ("    count = times_us.columns\n", "    count = times_us.columns\n    if place < count:\n        return at(times_us, row, place)\n")),
    mutant("L5", "of two losses at one instant neither comes", _KERNEL, ("before += earlier or (at(times_us, row, other) == at(times_us, row, k) and other < k)", "before += at(times_us, row, other) <= at(times_us, row, k) and other != k")),
    mutant("L5", "a loss while connecting is ignored", _KERNEL, ("over = c.state != connection.OVER", "over = c.state == connection.OPEN")),
    mutant("L5", "a loss closes what is closed", _KERNEL, ("over = c.state != connection.OVER", "over = True")),
    mutant("F8", "only the first stop counts", _KERNEL, ("c.stop_us = at(x.stops, c.stops, 0) if c.stops < x.stops.rows else NEVER", "c.stop_us = NEVER")),
    mutant("F8", "a killed server says goodbye", _KERNEL, ("codes.LOST if at(x.stops, c.stops, 2) else codes.GOING_AWAY", "codes.GOING_AWAY")),
    mutant("F8", "no server says goodbye", _KERNEL, ("codes.LOST if at(x.stops, c.stops, 2) else codes.GOING_AWAY", "codes.LOST")),
    mutant("F10", "the server never finds out", _KERNEL, ("over = connection.close_by_server(x, c, now, codes.LOST)", "over = False")),
    mutant("L7", "another partition than the last holds up nothing", _KERNEL, ("c.held_up |= byte(x.partitioned, row, k)", "c.held_up = byte(x.partitioned, row, k)")),
    mutant("F10", "who has no partition is not pinged", _KERNEL, ("c.pinged |= at(x.half_open_us, row, k) != NEVER", "pass")),
    mutant("O5", "what its client has given up on the way never arrives", _KERNEL, ("given_up = c.request_us != NEVER", "given_up = False")),
    # the next client in the same memory
    mutant("C6", "a client has seen what the one before has", _KERNEL, ("        put_byte(x.seen, slot, event, 0)\n", "        pass\n")),
    mutant(SUMS, "a client has lost what the one before has", _KERNEL, ("    c.stops = c.losses = c.halves = 0\n", "")),
    mutant(SUMS, "a client's events begin where the last one's ended", _KERNEL, ("c.next_own = c.next_other = c.next_beat = c.ended = 0", "c.ended = 0")),
    mutant(SUMS, "a client has a connection from the one before", _KERNEL, ("c.attempts = c.failed_attempts = c.state = c.gone =", "c.attempts = c.failed_attempts =")),
    mutant(SUMS, "a client takes the messages of the one before", _KERNEL, ("c.last_arrival_us = c.head = c.tail = 0", "c.last_arrival_us = 0")),
    mutant(SUMS, "a client counts the polls of the one before", _KERNEL, ("c.mounted = c.polls = c.in_flight =", "c.mounted = c.in_flight =")),
    mutant(SUMS, "a client knows the terminal of the one before", _KERNEL, ("c.in_flight = c.terminal = c.idle_polls", "c.in_flight = c.idle_polls")),
    mutant(SUMS, "a client has heard what the one before has", _KERNEL, ("c.owed = c.cursor = c.heard = c.since_us = -1", "c.owed = c.since_us = -1")),
    mutant(SUMS, "a client misses what the one before does", _KERNEL, ("c.displayed = c.solid = c.missing = c.opened = 0", "c.displayed = c.solid = c.opened = 0")),
    mutant(SUMS, "a client shows what the one before does", _KERNEL, ("c.displayed = c.solid = c.missing = c.opened = 0", "c.missing = c.opened = 0")),
    mutant(SUMS, "a client's first opening is the reconnection of the one before", _KERNEL, ("c.displayed = c.solid = c.missing = c.opened = 0", "c.displayed = c.solid = c.missing = 0")),
    mutant(SUMS, "a client is watched from the one before on", _KERNEL, ("c.owed = c.cursor = c.heard = c.since_us = -1", "c.owed = c.cursor = c.heard = -1")),
    mutant(SUMS, "who knows the terminal is watched to the horizon", _KERNEL, ("            if not c.terminal:\n                stop_watching", "            if True:\n                stop_watching")),
    # events that are taken in one go
    mutant("P4", "a sequence does not hinder that events are taken in one go", _SETTING, ("            policy.by_sequence\n            or policy.poll_jitter\n", "            policy.poll_jitter\n")),
    mutant("P10", "jitter does not hinder it", _SETTING, (_PLAIN["policy.poll_jitter"], "")),
    mutant("B1", "other runs do not hinder it", _SETTING, (_PLAIN["script.other_events"], "")),
    mutant("P3", "heartbeats do not hinder it", _SETTING, (_PLAIN["script.heartbeats"], "")),
    mutant("R5", "outages do not hinder it", _SETTING, (_PLAIN["unheard_windows(script)"], "")),
    mutant("L1", "events are taken in one go without a connection", _CALM, ("x.plain and c.state == OPEN and", "x.plain and")),
    mutant("L6", "events are taken in one go by a half-open connection", _CALM, (_IN_ONE_GO, "not (c.gone | c.held_up)")),
    mutant("L7", "events are taken in one go through a partition", _CALM, (_IN_ONE_GO, "not (c.gone | c.half_open)")),
    mutant("L7", "events are taken in one go by what the server has left", _CALM, (_IN_ONE_GO, "not (c.half_open | c.held_up)"),
           survives="what the server has left and the client has not is half-open or held up"),
    mutant("C5", "events are taken in one go after the terminal", _CALM, (_STAYS, _STAYS.replace("c.terminal or ", ""))),
    mutant("P10", "events are taken in one go after a failed poll", _CALM, (_STAYS, _STAYS.replace("c.failed_polls > 0 or ", ""))),
    mutant("P9", "events are taken in one go while a poll is owed", _CALM, (_STAYS, _STAYS.replace("c.owed >= 0 or ", ""))),
    mutant("L1", "events are taken in one go ahead of what is on its way", _CALM, (_STAYS, _STAYS.replace(" or c.head < c.tail", ""))),
    mutant("one instant", "what comes seldom does not come between", _CALM, (_OTHERS, _OTHERS.replace("rare_us, ", ""))),
    mutant("O3", "an answer does not come between", _CALM, (_OTHERS, _OTHERS.replace("c.finish_us, ", ""))),
    mutant("section 5", "the horizon does not come between", _CALM, (_OTHERS, _OTHERS.replace(", x.horizon_us", ", NEVER - 1"))),
    mutant("C3", "the timer does not come between", _CALM, ("until_us = min(others_us, c.due_us)", "until_us = others_us")),
    mutant("one instant", "the next event does not come between", _CALM, ("if arrival_us >= min(until_us, next_us):", "if arrival_us >= until_us:")),
    mutant("one instant", "a message arrives before the next event of its instant", _CALM, ("if arrival_us >= min(until_us, next_us):", "if arrival_us >= until_us or arrival_us > next_us:")),
    mutant("one instant", "a message arrives after what else its instant brings", _CALM, ("if arrival_us >= min(until_us, next_us):", "if arrival_us > until_us or arrival_us >= next_us:")),
    mutant("L2", "what is taken in one go is not lost", _CALM, (" or byte(x.event_lost, c.row, event)", "")),
    mutant("C5", "a terminal is taken in one go", _CALM, (" or byte(x.terminals, c.run, event)", "")),
    mutant("L1", "what is taken in one go takes no time", _CALM, ("max(now + at(x.event_latency_us, c.row, event), c.last_arrival_us)", "max(now, c.last_arrival_us)")),
    mutant("L1", "what is taken in one go overtakes what came before", _CALM, ("max(now + at(x.event_latency_us, c.row, event), c.last_arrival_us)", "now + at(x.event_latency_us, c.row, event)"),
           survives="nothing is on its way then, so that all that came before has arrived by now"),
    mutant("C7", "what is taken in one go leaves the backoff", _CALM, ("        c.idle_polls = 0\n", "")),
    mutant("C2", "what is taken in one go does not re-arm", _CALM, ("            c.due_us = arrival_us + wait_us\n", "            pass\n")),
    mutant("C2", "what is taken in one go re-arms from its publication", _CALM, ("c.due_us = arrival_us + wait_us", "c.due_us = now + wait_us")),
    mutant("C6", "what is taken in one go is not on display", _CALM, ("        put_on_display(x, c, event)\n", "")),
    mutant("B7", "a client without polling arms where events are taken in one go", _CALM, ("        if x.polling:\n            c.due_us", "        if True:\n            c.due_us")),
    mutant(SUMS, "what is taken in one go is no work for the hub", _CALM, ("        record_arrival(x, now, 1)\n", "")),
    mutant(SUMS, "what is taken in one go arrives in the second of its publication", _CALM, ("add(x.received, 0, arrival_us // SECOND_US, 1)", "add(x.received, 0, now // SECOND_US, 1)")),
    mutant(SUMS, "what is taken in one go has no bytes but its event's", _CALM, ("x.message_bytes + remember_event", "remember_event")),
    mutant(SUMS, "what is taken in one go was never missing", _CALM, ("            x.sums.stale_us += arrival_us - now\n", "            pass\n")),
    mutant(SUMS, "who misses something is stale anew with what is taken in one go", _CALM, ("        if c.missing == 0:\n", "        if True:\n")),
    mutant(SUMS, "what is taken in one go has no latency", _CALM, ("count_shown(x, c, arrival_us, now)", "count_shown(x, c, now, now)")),
)  # fmt: skip
