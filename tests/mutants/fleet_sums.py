"""Mutants of what the fleet adds up over clients: measures, bytes, the hub's work and the orchestrator's queue."""

from tests.mutants.mutant import SUMS, Mutant, mutant

_PAYLOAD, _QUEUE, _SETTING, _RECORD, _SUMS, _CLIENT, _DISPLAY, _POLL, _CONNECTION, _ARRIVALS, _LAYOUT = (
    f"fleet/{name}.py"
    for name in (
        "payload", "queue", "setting", "record", "sums", "client", "display", "poll", "connection", "arrivals", "layout"
    )
)  # fmt: skip


def _sums(name: str, file: str, *edits: tuple[str, str], survives: str = "") -> Mutant:
    return mutant(SUMS, name, file, *edits, survives=survives)


MUTANTS = (
    # bytes
    _sums("ten has one digit", _PAYLOAD, ("while number >= 10:", "while number > 10:")),
    _sums("every number has one digit", _PAYLOAD, ("while number >= 10:", "while False:")),
    _sums("small times have no exponent", _PAYLOAD, ("if 0 < time_us < 100:", "if False:")),
    _sums("no time has an exponent of -5", _PAYLOAD, ("if 0 < time_us < 100:", "if 0 < time_us < 10:")),
    _sums("0.0001 s has an exponent", _PAYLOAD, ("if 0 < time_us < 100:", "if 0 < time_us <= 100:")),
    _sums("1e-05 has a fraction", _PAYLOAD, ("time_us < 10 or time_us % 10 == 0", "time_us < 10")),
    _sums("0.0 has an exponent", _PAYLOAD, ("if 0 < time_us < 100:", "if time_us < 100:")),
    _sums("times are written with six decimals", _PAYLOAD, ("while fraction > 1 and left % 10 == 0:", "while False:")),
    _sums("whole seconds have no fraction", _PAYLOAD, ("while fraction > 1 and", "while fraction > 0 and")),
    _sums("seconds have one digit", _PAYLOAD, ("digits(time_us // SECOND_US) + 1 + fraction", "2 + fraction")),
    _sums("an event's time counts for nothing", _PAYLOAD, ("at(x.event_bytes, c.run, event) + time_bytes(time_us)", "at(x.event_bytes, c.run, event)")),
    _sums("another run's time is this run's", _PAYLOAD, ("time_bytes(at(x.other_us, c.row, position))", "time_bytes(at(x.event_us, c.row, 0))")),
    _sums("another run's events are all as long as the first", _PAYLOAD, ("at(x.other_bytes, 0, position)", "at(x.other_bytes, 0, 0)")),
    _sums("another run's id is as long", _PAYLOAD, ("        size += 6  # its run's id ends in /other\n", "")),
    _sums("a message is as long as the one before", _PAYLOAD, ("at(history, c.slot, position + 1) - at(history, c.slot, position)", "at(history, c.slot, max(position, 1)) - at(history, c.slot, max(position, 1) - 1)")),
    _sums("a heartbeat has no number", _PAYLOAD, ("x.heartbeat_bytes + digits(position) +", "x.heartbeat_bytes + 1 +")),
    _sums("a heartbeat before all events tells of none with one digit", _PAYLOAD, ("(digits(newest) if newest >= 0 else 2)", "digits(max(newest, 0))")),
    _sums("a heartbeat tells of its number", _PAYLOAD, ("(digits(newest) if newest >= 0 else 2)", "digits(position)")),
    _sums("ids of messages have six digits", _PAYLOAD, ("x.sums.bytes_websocket += size + c.id_bytes", "x.sums.bytes_websocket += size"),
          survives="no random scenario has a million clients; tests/fleet/test_payload.py has"),
    _sums("every message is counted twice", _PAYLOAD, ("x.sums.bytes_websocket += size", "x.sums.bytes_websocket += 2 * size")),
    _sums("an answer is counted with all that came before", _PAYLOAD, ("at(history, c.slot, upto) - at(history, c.slot, after + 1)", "at(history, c.slot, upto)")),
    _sums("an answer has no commas", _PAYLOAD, ("c.id_bytes + max(count - 1, 0)", "c.id_bytes")),
    _sums("an answer has a comma after each event", _PAYLOAD, ("max(count - 1, 0)", "count")),
    _sums("every run runs", _PAYLOAD, ("at(x.runs, c.run, 1) if upto > at(x.runs, c.run, 0) else 7", "7")),
    _sums("a run has ended before its terminal", _PAYLOAD, ("if upto > at(x.runs, c.run, 0) else", "if upto >= at(x.runs, c.run, 0) else")),
    _sums("no run runs", _PAYLOAD, ("at(x.runs, c.run, 1) if upto > at(x.runs, c.run, 0) else 7", "at(x.runs, c.run, 1)")),
    _sums("ids of answers have six digits", _PAYLOAD, ("x.answer_bytes + status + c.id_bytes +", "x.answer_bytes + status +"),
          survives="no random scenario has a million clients; tests/fleet/test_payload.py has"),
    _sums("an event has no payload", _SETTING, ('data = "x" * script.scenario.workload.payload_bytes', 'data = ""')),
    _sums("a letter is a byte", _SETTING, ("len(_event_text(event.type, seq, event.node_id, data).encode())", "len(_event_text(event.type, seq, event.node_id, data))")),
    _sums("a run ends as its last event says", _SETTING, ("next((seq for seq, event in enumerate(run) if event.terminal), None)", "max((seq for seq, event in enumerate(run) if event.terminal), default=None)")),
    # the orchestrator's queue
    _sums("offered requests are those that are taken", _QUEUE, ("    q.offered += 1\n", ""), ("    q.served += 1\n", "    q.served += 1\n    q.offered += 1\n")),
    _sums("requests are offered when their service ends", _QUEUE, ("    add(x.offered, 0, second, 1)\n", ""), ("    q.served += 1\n", "    q.served += 1\n    add(x.offered, 0, min((starts_us + service_us) // SECOND_US, x.offered.columns - 1), 1)\n")),
    _sums("what is turned away is not counted", _QUEUE, ("            q.turned_away += 1\n", "")),
    _sums("what is turned away is not counted per second", _QUEUE, ("            add(x.turned_away, 0, second, 1)\n", "")),
    _sums("who finds a worker has not waited", _QUEUE, ("    add(x.waits, 0, place, 1)\n", "    add(x.waits, 0, place, int(waited_us > 0))\n")),
    _sums("waits include the service", _QUEUE, ("waited_us = starts_us - now", "waited_us = starts_us + service_us - now")),
    _sums("waits are not added up", _QUEUE, ("    add(x.wait_sums_us, 0, place, waited_us)\n", "")),
    _sums("the longest wait is the last", _QUEUE, ("max(at(x.longest_waits_us, 0, second), waited_us)", "waited_us")),
    _sums("the longest wait counts where it ends", _QUEUE, ("put(x.longest_waits_us, 0, second, max(at(x.longest_waits_us, 0, second), waited_us))", "second = min(starts_us // SECOND_US, x.offered.columns - 1)\n    put(x.longest_waits_us, 0, second, max(at(x.longest_waits_us, 0, second), waited_us))")),
    _sums("utilisation counts what is turned away", _QUEUE, ("    q.offered += 1\n", "    q.offered += 1\n    q.served_us += service_us\n"), ("    q.served_us += service_us\n    place", "    place")),
    _sums("utilisation counts waits", _QUEUE, ("q.served_us += service_us", "q.served_us += service_us + waited_us")),
    # latencies and age
    _sums("the longest latency is the last", _RECORD, ("max(sums.shown_last_us, latency_us)", "latency_us")),
    _sums("a microsecond counts as none", _RECORD, ("return 1 + ((np.float64(latency_us)", "return ((np.float64(latency_us)")),
    _sums("bins are a sixteenth wide", _LAYOUT, ("HISTOGRAM_BITS = 8", "HISTOGRAM_BITS = 4")),
    _sums("latencies are not added up", _RECORD, ("    add(x.latency_sums_us, 0, place, latency_us)\n", "")),
    _sums("each bin is worth its sum", _SUMS, ("arrays[sums_us][counted] / shown / 1e6", "arrays[sums_us][counted] / 1e6")),
    _sums("the mean is of bins", _SUMS, ("sum_s / count", "sum_s / len(shown)")),
    _sums("p95 is p90", _SUMS, ("for share in QUANTILES.values()", "for share in (0.5, 0.9, 0.99)")),
    _sums("age is counted beyond the terminal", _RECORD, ("if not c.terminal and emitted_us > c.newest_us:", "if emitted_us > c.newest_us:")),
    _sums("an older event makes a client older", _RECORD, ("if not c.terminal and emitted_us > c.newest_us:", "if not c.terminal:")),
    _sums("age begins when an event is shown", _RECORD, ("        c.newest_us = emitted_us\n", "        c.newest_us = now\n")),
    _sums("age is counted again with each event", _RECORD, ("    c.watched_us = now\n", "")),
    _sums("age is twice what it is", _SUMS, ('float(sums["age_area"]) / 2 /', 'float(sums["age_area"]) /')),
    _sums("age is per time from the scenario's start", _RECORD, ("sums.age_us += now - c.since_us", "sums.age_us += now")),
    # what is watched
    _sums("who never mounts is watched", _RECORD, ("    if c.since_us < 0:\n        return\n", "")),
    _sums("who mounts at the horizon is watched", _RECORD, ("sums.watched += now > c.since_us", "sums.watched += 1")),
    _sums("nobody who misses something at the end is stale", _RECORD, ("    if c.missing > 0:\n", "    if False:\n")),
    _sums("who misses more is stale anew", _RECORD, ("    if c.missing == 0:\n        c.stale_us = now\n", "    c.stale_us = now\n")),
    _sums("who misses less is stale no more", _RECORD, ("    if c.missing == 0 and not c.terminal:", "    if not c.terminal:")),
    _sums("staleness is counted beyond the terminal", _RECORD, ("    if c.missing == 0 and not c.terminal:", "    if c.missing == 0:")),
    _sums("what is erased is not missing", _DISPLAY, ("            lack(c, now)\n", "")),
    _sums("what comes again in a message was missing", _DISPLAY, ("        if not before & DISPLAYED:\n            has(x, c, now)", "        has(x, c, now)")),
    _sums("what comes back in an answer is missing still", _DISPLAY, ("                has(x, c, now)\n", "")),
    _sums("who is without a connection at the end is connected", _RECORD, ("    if c.disconnected_us >= 0:\n", "    if False:\n")),
    _sums("an attempt that fails begins the time without anew", _RECORD, ("    if c.disconnected_us < 0:\n", "    if True:\n")),
    _sums("an opening leaves a client without", _RECORD, ("    c.disconnected_us = -1\n", "")),
    _sums("the time without is counted beyond the terminal", _RECORD, ("    if not c.terminal:\n        sums.disconnected_us", "    if True:\n        sums.disconnected_us")),
    _sums("a client without a WebSocket is disconnected", _SUMS, ("if websocket and watched else None", "if watched else None")),
    _sums("the first opening is a reconnection", _RECORD, ("sums.reconnects += c.opened", "sums.reconnects += 1")),
    _sums("only the first reconnection counts", _RECORD, ("    sums.reconnects += c.opened\n    c.opened = 1\n", "    sums.reconnects += c.opened == 1\n    c.opened += 1\n")),
    _sums("a terminal is late from the mount", _RECORD, ("now - at(x.event_us, c.row, event)\n    stop", "now - c.since_us\n    stop")),
    _sums("terminals are not counted", _RECORD, ("    x.sums.ends += 1\n", "")),
    _sums("who knows the terminal is watched on", _RECORD, ("    stop_watching(x, c, now)\n    c.terminal = 1", "    c.terminal = 1")),
    # what is counted
    _sums("polls are counted where they arrive", _POLL, ("    add(x.polls, 0, now // SECOND_US, 1)\n", ""), ("    c.limit_us = now", "    add(x.polls, 0, min(c.reached_us // SECOND_US, x.polls.columns - 1), 1)\n    c.limit_us = now")),
    _sums("openings are not counted per second", _RECORD, ("    add(x.opened, 0, now // SECOND_US, 1)\n", "")),
    _sums("other runs' messages are not counted per second", _CLIENT, ("    add(x.received, 0, now // SECOND_US, 1)\n", "    add(x.received, 0, now // SECOND_US, int(kind != codes.OTHER))\n")),
    _sums("every answer is empty", _CLIENT, ("x.sums.empty_answers += not fresh", "x.sums.empty_answers += 1")),
    _sums("an answer that shows something is empty", _DISPLAY, ("            fresh = True\n", "            pass\n")),
    _sums("by sequence an answer that shows something is empty", _CLIENT, ("fresh = c.cursor > before", "fresh = False")),
    _sums("answers are empty per poll", _SUMS, ('int(sums["empty_answers"]) / answered if', 'int(sums["empty_answers"]) / counts[codes.POLL_SENT] if')),
    _sums("the peak is the first second's", _SUMS, ('int(arrays["polls"].max())', 'int(arrays["polls"][0])')),
    _sums("one worker's time is all there is", _SUMS, ("script.scenario.orchestrator.workers * script.horizon_us", "script.horizon_us")),
    # the hub
    _sums("the hub sends what no connection takes", _CONNECTION, ("        if reason != codes.NO_CONNECTION:\n            record_arrival", "        if True:\n            record_arrival")),
    _sums("the hub does not send what is lost", _CONNECTION, ("        if reason != codes.NO_CONNECTION:\n            record_arrival", "        if reason < 0:\n            record_arrival")),
    _sums("handshakes are no work", _RECORD, ("    record_arrival(x, now, 0)\n", "")),
    _sums("a handshake is a message", _RECORD, ("    record_arrival(x, now, 0)\n", "    record_arrival(x, now, 1)\n")),
    _sums("the hub's work comes client by client", _ARRIVALS, ("    keys.sort()\n", "")),
    _sums("who waits in the queue has no more work for the hub", _ARRIVALS, ('    arrays.memory["queued"] = 0\n', "")),
)  # fmt: skip
