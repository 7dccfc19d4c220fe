"""Mutants of the reference implementation, performed in world `virtual`."""

from tests.mutants.mutant import mutant

_CLIENT, _LINK, _TURNS, _SESSION = (
    "reference/client.py",
    "reference/link.py",
    "reference/turns.py",
    "reference/session.py",
)
_ORDER = "MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, ANSWER, FIRE = range(8)"
_UNTIL = "if w.from_us <= sent_us < w.until_us), ANSWERED)"

MUTANTS = (
    # the client
    mutant("C1", "the mount arms no timer", _CLIENT, ("        steps += self._armed(now_us)\n        if", "        if")),
    mutant("C1", "opening does not re-arm", _CLIENT, ('[Record("websocket_opened"), *self._armed(now_us)]', '[Record("websocket_opened")]')),
    mutant("C2", "another run's message does not re-arm", _CLIENT, ('detail="other"), *self._end(None, now_us)]', 'detail="other")]')),
    mutant("C3", "polls overlap", _CLIENT, ("[] if self.poll_in_flight else self._poll()", "self._poll()")),
    mutant("C4", "a failed poll does not re-arm", _CLIENT, ("detail=reason), *self._end(None, now_us)]", "detail=reason)]")),
    mutant("C4", "a finished poll re-arms from its request", _SESSION,
           ("now_us = self._clock.now_us()\n            self._take(now_us, self._client.answered(history, now_us))",
            "now_us = self._clock.now_us()\n            self._take(now_us, self._client.answered(history, sent_us))")),
    mutant("C5", "the terminal leaves the timer running", _CLIENT, ("            steps += [Record(\"timer_cleared\"), Disarm()]", "            steps += [Record(\"timer_cleared\")]")),
    mutant("C5", "something is armed after the terminal", _CLIENT, ("if self.terminal or not self._habits.polling:", "if not self._habits.polling:")),
    mutant("C5", "an answer's last terminal counts", _CLIENT, ("next((m.seq for m in history if", "next((m.seq for m in reversed(history) if")),
    mutant("C6", "an answer is merged, not put in place", _CLIENT, ("self._displayed = answer", "self._displayed |= answer")),
    mutant("C6", "what comes again is shown again", _CLIENT, ('"event_repeated" if again else "event_shown"', '"event_shown"')),
    mutant("C7", "another run's message keeps the backoff", _CLIENT,
           ("        self._grown_us = Fraction(self._habits.poll_interval_us)\n        if", "        if message.run_id == self._run_id:\n            self._grown_us = Fraction(self._habits.poll_interval_us)\n        if")),
    mutant("C7", "an answer counts after it re-arms", _CLIENT, ("        self._grow()\n        return [\n            Record(\"poll_answered\"", "        armed = self._armed\n        self._armed = lambda now_us: (armed(now_us), self._grow(), setattr(self, '_armed', armed))[0]\n        return [\n            Record(\"poll_answered\"")),
    mutant("C7", "the longest interval is not kept to", _CLIENT, ("return min(int(self._grown_us), self._habits.backoff_max_us)", "return int(self._grown_us)")),
    mutant("C7", "the interval is rounded at every step", _CLIENT, ("self._grown_us *= self._habits.backoff_factor", "self._grown_us = Fraction(int(self._grown_us * self._habits.backoff_factor))")),
    # the link
    mutant("C9", "the way there is rounded up", _LINK, ("sent_us + latency_us // 2", "sent_us + (latency_us + 1) // 2")),
    mutant("C9", "poll windows end inclusive", _LINK, (_UNTIL, _UNTIL.replace("< w.until", "<= w.until"))),
    mutant("C9", "an answer at the very timeout comes too late", _SESSION, ("(turns.ANSWER, number, 1)", "(turns.ANSWER, number, -1)")),
    mutant("B8", "a window outranks a poll's number", _LINK, ("        if fate == ANSWERED:\n            windows", "        if True:\n            windows"), (_UNTIL, _UNTIL.replace("ANSWERED)", "fate)"))),
    mutant("L1", "messages overtake each other", _LINK, ("max(self._now_us() + latency_us, self._latest_us)", "self._now_us() + latency_us")),
    mutant("L2", "what is in flight is lost untold", _LINK, ('            self._link.record_lost(held, "connection-lost")\n        self._held', "            del held\n        self._held")),
    mutant("L2", "a fault takes nothing", _LINK, ("if link.is_lost(message):", "if False:")),
    mutant("B3", "losses at a close are told from the last", _LINK, ("held = sorted(held.order for held in self._held if held.order != UNKNOWN)", "held = sorted((held.order for held in self._held if held.order != UNKNOWN), reverse=True)")),
    mutant("L5", "only the first loss counts", _LINK, ("        for passage in list(self.passages):\n            passage.lose()\n        self.schedule()", "        for passage in list(self.passages):\n            passage.lose()")),
    mutant("L5", "refused windows end inclusive", _LINK, ("w.from_us <= started_us < w.until_us", "w.from_us <= started_us <= w.until_us")),
    mutant("B4", "a refusal comes before a loss", _LINK, ("rank = (turns.CLOSE, self.client, 1)", "rank = (turns.CLOSE, self.client, -1)")),
    # servers and workflow
    mutant("F2", "a message goes to every user", "reference/fanout.py", ("in self._connections.get(username, ()):\n                if", "in [c for some in self._connections.values() for c in some]:\n                if")),
    mutant("O3", "an answer lacks the latest event", "reference/orchestrator.py", ("wire.encode_answer(run_id, history)", "wire.encode_answer(run_id, history[:-1])")),
    mutant("O3", "an answer holds the history as of its finish", "reference/proxy.py", ("turns.reached(plan.forward, (turns.REQUEST, link.client, 0))", "turns.reached(plan.answer, (turns.REQUEST, link.client, 0))")),
    mutant("O3", "an answer holds the history as of its sending", "reference/proxy.py", ("        await turns.reached(plan.forward, (turns.REQUEST, link.client, 0))\n", "")),
    mutant("W1", "other runs' events come first", "reference/workflow.py", ("sorted(own + others", "sorted(others + own")),
    # one instant
    mutant("one instant", "a WebSocket closes before it opens", _TURNS, (_ORDER, _ORDER.replace("OPEN, CLOSE", "CLOSE, OPEN"))),
    mutant("one instant", "an event comes before a close", _TURNS, (_ORDER, _ORDER.replace("CLOSE, EMIT", "EMIT, CLOSE"))),
    mutant("one instant", "a message arrives before an event", _TURNS, (_ORDER, _ORDER.replace("EMIT, ARRIVE", "ARRIVE, EMIT"))),
    mutant("one instant", "a request comes before an event", _TURNS, (_ORDER, _ORDER.replace("EMIT, ARRIVE, REQUEST", "REQUEST, EMIT, ARRIVE"))),
    mutant("one instant", "an answer comes before a message", _TURNS, (_ORDER, _ORDER.replace("ARRIVE, REQUEST, ANSWER", "REQUEST, ANSWER, ARRIVE"))),
    mutant("one instant", "the timer fires before an answer", _TURNS, (_ORDER, _ORDER.replace("ANSWER, FIRE", "FIRE, ANSWER"))),
    mutant("one instant", "the timer fires before a message", _TURNS, (_ORDER, _ORDER.replace("ARRIVE, REQUEST, ANSWER, FIRE", "FIRE, ARRIVE, REQUEST, ANSWER"))),
    # what nothing can tell
    mutant("F2", "of messages in one write the last is kept", "reference/fanout.py", ('data = b"".join(unsent)', "data = unsent[-1]"),
           survives="in world virtual one event's consequences are over before the next, so no two messages share a write"),
    mutant("W2", "an event is published before it is in the history", "reference/workflow.py",
           ("        self._orchestrator.append(message)\n", ""), ("        self._orchestrator.publish(self._username, message)\n", "        self._orchestrator.publish(self._username, message)\n        self._orchestrator.append(message)\n"),
           survives="publication and history lie in one turn of one instant; a request has its turn after both"),
)  # fmt: skip
