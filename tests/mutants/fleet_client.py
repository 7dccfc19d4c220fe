"""Mutants of the fleet's client, and of what takes which turn: each breaks one rule of docs/behaviour.md in one place."""

from tests.mutants.mutant import mutant

_CLIENT = "fleet/client.py"
_MESSAGE_ENDS = (
    "    if c.owed < 0 or reached >= 0:\n        return _end(x, c, now, reached)\n    return _ask_at_once(c)\n"
)
_ANSWER_ENDS = "    follows = _end(x, c, now, reached)\n    if c.owed >= 0:\n        follows |= _ask_at_once(c)\n"
_FAILURE_ENDS = "    return _end(x, c, now, -1)\n"
_HEARD = "    c.idle_polls = 0\n    record("
_TERMINAL_AT_OPENING = "    if c.terminal:\n        return NOTHING\n    if x.catch_up_poll"
_OPENING_ENDS = "return ARM if c.owed < 0 else _ask_at_once(c)"
_AT_ONCE = "NOTHING if c.in_flight or c.failed_polls > 0 else ASK"
_SHOWS = "        reached = display.show_in_order(x, c, now)\n        if c.heard"

MUTANTS = (
    # an opening
    mutant("C1", "opening does not re-arm", _CLIENT, (_OPENING_ENDS, "return NOTHING if c.owed < 0 else _ask_at_once(c)")),
    mutant("C5", "opening after the terminal arms", _CLIENT, (_TERMINAL_AT_OPENING, "    if x.catch_up_poll")),
    mutant("C7", "opening resets the backoff", _CLIENT, ("    c.failed_attempts = 0\n", "    c.failed_attempts = c.idle_polls = 0\n")),
    mutant("C10", "opening leaves the count of failed attempts", _CLIENT, ("    c.failed_attempts = 0\n", "")),
    mutant("P7", "the mount's opening asks too", _CLIENT, ("if x.catch_up_poll and c.attempts > 1:", "if x.catch_up_poll:")),
    mutant("P7", "an opening does not ask", _CLIENT, ("if x.catch_up_poll and c.attempts > 1:", "if False:")),
    mutant("P9", "an opening puts an owed poll off", _CLIENT, (_OPENING_ENDS, "return ARM if c.owed < 0 else ARM | _ask_at_once(c)")),
    # a message
    mutant("B1", "another run's message names an event", _CLIENT, ("position if kind == codes.OWN else -1, kind", "position, kind")),
    mutant("C2", "another run's message does not re-arm", _CLIENT, (_MESSAGE_ENDS, f"    if kind == codes.OTHER and c.owed < 0:\n        return NOTHING\n{_MESSAGE_ENDS}")),
    mutant("C2", "only a terminal message re-arms", _CLIENT, (_MESSAGE_ENDS, f"    if c.owed < 0 and reached < 0:\n        return NOTHING\n{_MESSAGE_ENDS}")),
    mutant("P3", "heartbeats do not re-arm", _CLIENT, (_MESSAGE_ENDS, f"    if kind == codes.HEARTBEAT and c.owed < 0:\n        return NOTHING\n{_MESSAGE_ENDS}")),
    mutant("C7", "a message leaves the backoff", _CLIENT, (_HEARD, "    record(")),
    mutant("C7", "another run's message keeps the backoff", _CLIENT, (_HEARD, "    if kind != codes.OTHER:\n        c.idle_polls = 0\n    record(")),
    mutant("P3", "a heartbeat keeps the backoff", _CLIENT, (_HEARD, "    if kind != codes.HEARTBEAT:\n        c.idle_polls = 0\n    record(")),
    mutant("P10", "messages end the wait after errors", _CLIENT, (_HEARD, "    c.idle_polls = c.failed_polls = 0\n    record(")),
    mutant("C5", "a message's terminal goes unnoticed", _CLIENT, ("                reached = position\n", "                pass\n")),
    mutant("C6", "a message is not shown", _CLIENT, ("            display.append(x, c, now, position)\n", "")),
    mutant("P5", "a heartbeat tells nothing", _CLIENT, ("c.heard = max(c.heard, newest)", "c.heard = max(c.heard, newest if kind == codes.OWN else -1)")),
    mutant("P5", "the client forgets that it is behind", _CLIENT, ("c.heard = max(c.heard, newest)", "c.heard = newest"),
           survives="random scenarios hardly ever show it; tests/fleet/test_client.py does"),
    mutant("P6", "a terminal event that is held back ends the run", _CLIENT, (_SHOWS, _SHOWS.replace("        if c.heard", "        if kind == codes.OWN and byte(x.terminals, c.run, position):\n            reached = position\n        if c.heard"))),
    mutant("P6", "while a poll is owed no terminal is noticed", _CLIENT, ("    if c.owed < 0 or reached >= 0:", "    if c.owed < 0:")),
    mutant("P7", "what is missing after the terminal is asked for", _CLIENT, ("if c.heard > c.cursor and not c.terminal:", "if c.heard > c.cursor:")),
    mutant("P7", "what is not missing is asked for", _CLIENT, ("if c.heard > c.cursor and not c.terminal:", "if not c.terminal:")),
    mutant("P7", "with final_poll any gap asks", _CLIENT, ("x.final_poll and kind == codes.OWN and c.held_terminals > 0", "x.final_poll and kind == codes.OWN")),
    mutant("P7", "final_poll asks at a heartbeat too", _CLIENT, ("x.final_poll and kind == codes.OWN and c.held_terminals > 0", "x.final_poll and kind != codes.OTHER and c.held_terminals > 0"),
           survives="a poll that is owed for a terminal event stays so until an answer brings it"),
    mutant("P7", "with final_poll nothing asks", _CLIENT, ("final = x.final_poll and", "final = False and")),
    mutant("P7", "final_poll asks without being chosen", _CLIENT, ("final = x.final_poll and", "final ="),
           survives="who goes by sequence without final_poll has gap_poll, which asks for that too"),
    mutant("P7", "with gap_poll a heartbeat does not ask", _CLIENT, ("(x.gap_poll and kind != codes.OTHER)", "(x.gap_poll and kind == codes.OWN)")),
    mutant("P7", "with gap_poll another run's message asks too", _CLIENT, ("(x.gap_poll and kind != codes.OTHER)", "x.gap_poll")),
    mutant("P7", "with gap_poll nothing asks", _CLIENT, ("if final or (x.gap_poll and kind != codes.OTHER):", "if final:")),
    mutant("P7", "a poll is not owed anew", _CLIENT, ("                c.owed = c.polls\n", "                c.owed = c.polls if c.owed < 0 else c.owed\n")),
    mutant("P9", "messages put an owed poll off", _CLIENT, (_MESSAGE_ENDS, _MESSAGE_ENDS.replace("return _ask", "return _end(x, c, now, reached) | _ask"))),
    # an answer
    mutant("C3", "an answered poll stays in flight", _CLIENT, ("    count = answered_events(x, c)\n    c.in_flight = 0\n", "    count = answered_events(x, c)\n")),
    mutant("C4", "an answer does not re-arm", _CLIENT, ("    follows = _end(x, c, now, reached)\n", "    follows = _end(x, c, now, reached) & ~ARM\n")),
    mutant("C5", "an answer's terminal goes unnoticed", _CLIENT, ("if count > at(x.runs, c.run, 0):", "if False:")),
    mutant("C5", "an answer's terminal is noticed an event early", _CLIENT, ("if count > at(x.runs, c.run, 0):", "if count >= at(x.runs, c.run, 0):")),
    mutant("C5", "a poll in flight at the terminal is forgotten", _CLIENT, ("    count = answered_events(x, c)\n", "    if c.terminal:\n        c.in_flight = 0\n        return NOTHING\n    count = answered_events(x, c)\n")),
    mutant("C7", "an answer does not count", _CLIENT, ("        c.idle_polls += 1\n", "")),
    mutant("P2", "an answer tells how long the history is", _CLIENT, ("new = max(count - c.asked - 1, 0)", "new = count")),
    mutant("P2", "an answer lacks its first event", _CLIENT, ("range(c.asked + 1, count)", "range(c.asked + 2, count)")),
    mutant("P7", "the answer to an earlier poll ends it", _CLIENT, ("if 0 <= c.owed < c.polls:", "if 0 <= c.owed:")),
    mutant("P7", "no answer ends it", _CLIENT, ("if 0 <= c.owed < c.polls:", "if False:")),
    mutant("P8", "an owed poll is not sent in the answer's turn", _CLIENT, (_ANSWER_ENDS, "    follows = _end(x, c, now, reached)\n")),
    mutant("P9", "an answer does not re-arm while a poll is owed", _CLIENT, (_ANSWER_ENDS, _ANSWER_ENDS.replace("|=", "="))),
    mutant("P10", "by sequence an answer that shows something is idle", _CLIENT, ("0 if fresh else c.idle_polls + 1", "c.idle_polls + 1")),
    mutant("P10", "by sequence idle answers do not add up", _CLIENT, ("0 if fresh else c.idle_polls + 1", "0 if fresh else 1")),
    mutant("P10", "an answer leaves the count of errors", _CLIENT, ("    c.failed_polls = 0\n", "")),
    # a failure
    mutant("C4", "a failed poll does not re-arm", _CLIENT, (_FAILURE_ENDS, "    return NOTHING\n")),
    mutant("C7", "a failed poll does not count", _CLIENT, ("    c.idle_polls += not x.by_sequence\n", "")),
    mutant("P10", "by sequence a failed poll is idle", _CLIENT, ("c.idle_polls += not x.by_sequence", "c.idle_polls += 1")),
    mutant("P10", "errors do not add up", _CLIENT, ("c.failed_polls += 1", "c.failed_polls = 1")),
    mutant("P10", "one 503 asks for Retry-After for good", _CLIENT, ("c.overloaded = reason == codes.OVERLOAD", "c.overloaded |= reason == codes.OVERLOAD")),
    mutant("P8", "a failure is answered by the poll that is owed", _CLIENT, (_FAILURE_ENDS, "    return _end(x, c, now, -1) | (ASK if c.owed >= 0 else NOTHING)\n")),
    mutant("P9", "a failed poll does not re-arm while one is owed", _CLIENT, (_FAILURE_ENDS, "    return _end(x, c, now, -1) if c.owed < 0 else NOTHING\n")),
    # the end, and owed polls
    mutant("C5", "something is armed after the terminal", _CLIENT, ("    if c.terminal:\n        return NOTHING\n    if reached < 0:", "    if c.terminal:\n        return ARM\n    if reached < 0:")),
    mutant("C5", "the terminal is reached again", _CLIENT, ("    if c.terminal:\n        return NOTHING\n    if reached < 0:", "    if c.terminal and reached < 0:\n        return NOTHING\n    if reached < 0:")),
    mutant("C5", "the terminal leaves the timer running", _CLIENT, ("        c.due_us = NEVER\n        record(x, c, now, codes.TIMER_CLEARED", "        record(x, c, now, codes.TIMER_CLEARED")),
    mutant("C5", "a timer that is not armed is cleared", _CLIENT, ("    if c.due_us != NEVER:", "    if True:")),
    mutant("P7", "the terminal leaves a poll owed", _CLIENT, ("    c.owed = -1\n    record_terminal", "    record_terminal")),
    mutant("P8", "an owed poll is sent while one is in flight", _CLIENT, (_AT_ONCE, "NOTHING if c.failed_polls > 0 else ASK")),
    mutant("P8", "an owed poll is sent at once after one that failed", _CLIENT, (_AT_ONCE, "NOTHING if c.in_flight else ASK")),
    mutant("P8", "owed polls wait for the timer", _CLIENT, (_AT_ONCE, "NOTHING")),
)  # fmt: skip
