"""Mutants of the reference implementation, performed in world `virtual`."""

from tests.mutants.mutant import mutant

_CLIENT, _DISPLAY, _WAITS, _LINK, _PASSAGE, _PROXY, _SESSION, _TURNS = (
    f"reference/{name}.py" for name in ("client", "display", "waits", "link", "passage", "proxy", "session", "turns")
)
_RECONNECTION, _CONNECTION, _OUTAGES, _QUEUE, _SUBSCRIPTION, _ORCHESTRATOR, _WORKFLOW = (
    f"reference/{name}.py"
    for name in ("reconnection", "connection", "outages", "queue", "subscription", "orchestrator", "workflow")
)
_ORDER = "MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, ANSWER, FIRE = range(8)"
_UNTIL = "if w.from_us <= sent_us < w.until_us), ANSWERED)"
_PLAN = "PollPlan(draw, self.passes_us(sent_us + there_us), latency_us - there_us, fate)"
_REACHES = "turns.reached(link.clock.when(plan.arrives_us), (turns.REQUEST, link.client, 0))"
_CUT_LOSES = '        self._link.lost(self._link.on_their_way, "connection-lost")\n        if self._upstream'
_REFUSES = "            if refused:\n                return web.Response(status=REFUSED_STATUS)\n            assert knock is not None\n"
_FORWARDS = "spawn(self._group, self._forward(link, plan, query, answered))\n        return await answered"
_ENCODES = "answer = wire.encode_answer(run_id, history, after)  # as of the request's arrival (O3)"

MUTANTS = (
    # the client
    mutant("C1", "the mount arms no timer", _CLIENT, ("        steps += self._armed(now_us)\n        if", "        if")),
    mutant("C1", "opening does not re-arm", _CLIENT, ('[Record("websocket_opened"), *self._end(now_us)]', '[Record("websocket_opened")]')),
    mutant("C2", "another run's message does not re-arm", _CLIENT, ('detail="other"), *self._end(now_us)]', 'detail="other")]')),
    mutant("C3", "polls overlap", _CLIENT, ("[] if self.poll_in_flight else self._poll()", "self._poll()")),
    mutant("C4", "a failed poll does not re-arm", _CLIENT, ("detail=reason), *self._end(now_us, finished=True)]", "detail=reason)]")),
    mutant("C4", "a finished poll re-arms from its request", _SESSION,
           ("now_us = self._clock.now_us()\n            self._take(now_us, self._client.answered(history, now_us))",
            "now_us = self._clock.now_us()\n            self._take(now_us, self._client.answered(history, sent_us))")),
    mutant("C5", "the terminal leaves the timer running", _CLIENT, ("            steps += [Record(\"timer_cleared\"), Disarm()]", "            steps += [Record(\"timer_cleared\")]")),
    mutant("C5", "something is armed after the terminal", _CLIENT, ("if self.terminal or not self._habits.polling:", "if not self._habits.polling:")),
    mutant("C5", "an answer's last terminal counts", _DISPLAY, ("next((m.seq for m in history if", "next((m.seq for m in reversed(history) if")),
    mutant("C6", "an answer is merged, not put in place", _DISPLAY, ("self._displayed = answer", "self._displayed |= answer")),
    mutant("C6", "what comes again is shown again", _DISPLAY, ('"event_repeated" if again else "event_shown"', '"event_shown"')),
    mutant("C7", "another run's message keeps the backoff", _CLIENT,
           ("        self._waits.heard()\n        if message.run_id", "        if message.run_id == self._run_id:\n            self._waits.heard()\n        if message.run_id")),
    mutant("C7", "an answer counts after it re-arms", _CLIENT,
           ("        self._waits.answered(showed=bool(change.rows))\n        return [", "        steps = ["),
           ("            *self._end(now_us, change.terminal, finished=True),\n        ]", "            *self._end(now_us, change.terminal, finished=True),\n        ]\n        self._waits.answered(showed=bool(change.rows))\n        return steps")),
    mutant("C7", "the longest interval is not kept to", _WAITS, ("return min(int(self._exact_us), self._longest_us)", "return int(self._exact_us)")),
    mutant("C7", "the interval is rounded at every step", _WAITS, ("self._exact_us *= self._factor", "self._exact_us = Fraction(int(self._exact_us * self._factor))")),
    # the link
    mutant("C9", "the way there is rounded up", _LINK, ("there_us = latency_us // 2", "there_us = (latency_us + 1) // 2")),
    mutant("C9", "poll windows end inclusive", _LINK, (_UNTIL, _UNTIL.replace("< w.until", "<= w.until"))),
    mutant("C9", "an answer at the very timeout comes too late", _SESSION, ("(turns.ANSWER, number, 1)", "(turns.ANSWER, number, -1)")),
    mutant("B8", "a window outranks a poll's number", _LINK, ("        if fate == ANSWERED:\n            windows", "        if True:\n            windows"), (_UNTIL, _UNTIL.replace("ANSWERED)", "fate)"))),
    mutant("L1", "messages overtake each other", _LINK, ("max(self.clock.now_us() + latency_us, previous_us)", "self.clock.now_us() + latency_us")),
    mutant("L2", "what is in flight is lost untold", _PASSAGE, (_CUT_LOSES, "        if self._upstream")),
    mutant("L2", "a fault takes nothing", _PASSAGE, ("elif self._link.is_lost(message):", "elif False:")),
    mutant("B3", "losses at a close are told from the last", _LINK, ("return sorted(self._on_their_way)", "return sorted(self._on_their_way, reverse=True)")),
    mutant("L5", "only the first loss counts", _LINK, ("in self._script.connection_lost_us]", "in self._script.connection_lost_us[:1]]")),
    mutant("L5", "refused windows end inclusive", _LINK, ("w.from_us <= started_us < w.until_us", "w.from_us <= started_us <= w.until_us")),
    mutant("B4", "a refusal comes before a loss", _LINK, ("rank = (turns.CLOSE, self.client, NEWS)", "rank = (turns.CLOSE, self.client, -1)")),
    # half-open losses
    mutant("L6", "what is on its way at a half-open loss is lost untold", _PASSAGE, ('            self._link.lost(self._link.on_their_way, "half-open")\n', "")),
    mutant("L6", "what is published to a half-open connection is lost untold", _PASSAGE, ('            self._link.lost([message], "half-open")\n', "")),
    mutant("L6", "what is published to a half-open connection passes", _PASSAGE, ("        elif self.silent:", "        elif False:"), ("        if self.over or self.silent:\n            return\n        self._latest", "        if self.over:\n            return\n        self._latest")),
    mutant("L6", "a half-open loss while connecting does nothing", _PASSAGE, ("        if not self._open:\n            self.cut()\n", "        if not self._open:\n            pass\n")),
    mutant("L6", "a half-open loss while connecting waits for the opening", _PASSAGE, ("        if not self._open:\n            self.cut()\n        elif not self.silent:", "        if not self.silent:")),
    mutant("L6", "the client hears of a server's end on a half-open connection", _PASSAGE, ("if self.silent or not self._end():", "if not self._end():"), ("if self.silent or self._client_half.is_closing():", "if self._client_half.is_closing():")),
    mutant("L6", "news that a partition holds up outlive a half-open loss", _PASSAGE, ("if self.silent or self._client_half.is_closing():", "if self._client_half.is_closing():")),
    mutant("L6", "pings pass a half-open connection", _PASSAGE, ("self.over or self.silent or half.is_closing()", "self.over or half.is_closing()"),
           survives="what the client answers does not pass either, and the client itself shows nothing of a ping"),
    mutant("L6", "at one instant the half-open loss comes first", _LINK, ("CUT, SILENCE = 0, 1", "CUT, SILENCE = 1, 0")),
    mutant("L6", "a half-open loss outranks a fault", _PASSAGE, ("elif self._link.is_lost(message):", "elif self._link.is_lost(message) and not self.silent:")),
    # partitions
    mutant("L7", "messages pass a partition", _LINK, ("return self.passes_us(arrival_us)", "return arrival_us")),
    mutant("L7", "requests pass a partition", _LINK, (_PLAN, _PLAN.replace("self.passes_us(sent_us + there_us)", "sent_us + there_us"))),
    mutant("L7", "answers pass a partition", _PROXY, ("link.clock.when(link.passes_us(arrives_us)), (turns.ANSWER", "link.clock.when(arrives_us), (turns.ANSWER")),
    mutant("L7", "an error's request passes a partition", _LINK, (_PLAN, _PLAN.replace("self.passes_us(sent_us + there_us)", "sent_us + there_us if fate == 1 else self.passes_us(sent_us + there_us)"))),
    mutant("L7", "the way back counts from the sending", _LINK, (_PLAN, _PLAN.replace("latency_us - there_us", "sent_us + latency_us - self.passes_us(sent_us + there_us)"))),
    mutant("L7", "handshakes pass a partition", _LINK, ("return self.passes_us(done_us), rank, refused", "return done_us, rank, refused")),
    mutant("L7", "pings pass a partition", _PASSAGE, ("        passes_us = self._link.passes_us(now_us)", "        passes_us = now_us")),
    mutant("L7", "the news of a server's end passes a partition", _PASSAGE, ("told_us = self._link.passes_us(now_us)", "told_us = now_us")),
    mutant("L7", "what is on its way is lost when the server ends", _PASSAGE, ("        now_us = self._link.clock.now_us()\n        told_us", '        self._link.lost(self._link.on_their_way, "connection-lost")\n        now_us = self._link.clock.now_us()\n        told_us')),
    mutant("L7", "a partition begins an instant late", _LINK, ("if w.from_us <= time_us < w.until_us), time_us)", "if w.from_us < time_us < w.until_us), time_us)")),
    mutant("L7", "a partition holds up a loss of the connection", _LINK, ("turns.call_at(self.clock.when(time_us), (turns.CLOSE", "turns.call_at(self.clock.when(self.passes_us(time_us)), (turns.CLOSE")),
    mutant("B4", "what a server tells comes before a loss", _PASSAGE, ("NEWS = 2", "NEWS = -1")),
    # outages
    mutant("R4", "Redis is back after the fanout server", _OUTAGES, ("*window, 0, redis.go", "*window, 2, redis.go")),
    mutant("R4", "what Redis misses counts as without a subscriber", "reference/broker.py", ('payload, "redis-outage")', 'payload, "no-subscriber")')),
    mutant("B13", "what nobody subscribes to counts as without a connection", "reference/broker.py", ('payload, "no-subscriber")', 'payload, "no-connection")')),
    mutant("B14", "the end of an outage is told as its beginning", _OUTAGES, ('"outage_ended", detail', '"outage_began", detail')),
    mutant("F7", "each try waits as long as the first", _SUBSCRIPTION, ("        wait_us = min(2 * wait_us, longest_us)", "        wait_us = wait_us")),
    mutant("F7", "tries wait longer than the longest wait", _SUBSCRIPTION, ("        wait_us = min(2 * wait_us, longest_us)", "        wait_us = 2 * wait_us")),
    mutant("F7", "a success leaves the wait as it has grown", _SUBSCRIPTION, ("        nonlocal wait_us\n        wait_us = min(first_us, longest_us)\n", "        nonlocal wait_us\n")),
    mutant("F8", "a graceful stop says nothing", _OUTAGES, ("await fanout.stop(killed=killed)", "await fanout.stop(killed=True)")),
    mutant("F8", "a killed server says goodbye", _OUTAGES, ("await fanout.stop(killed=killed)", "await fanout.stop(killed=False)")),
    mutant("F8", "an outage begins after the messages of its instant", _OUTAGES, ("rank = (turns.CLOSE, INFRASTRUCTURE", "rank = (turns.ANSWER, INFRASTRUCTURE")),
    mutant("F8", "an outage ends after the attempts of its instant", _OUTAGES, ("rank = (turns.MOUNT, INFRASTRUCTURE", "rank = (turns.OPEN, INFRASTRUCTURE")),
    mutant("F8", "a server that stops during a handshake leaves it alone", _PROXY, ("            self._passage.server_gone()\n", "            pass\n")),
    mutant("F9", "an attempt is refused only where the server is away at its end too", _PROXY,
           (_REFUSES, "            if refused and (knock or await self._knock(passage) is None):\n                return web.Response(status=REFUSED_STATUS)\n            knock = knock or await self._knock(passage)\n            assert knock is not None\n")),
    # pings
    mutant("F10", "each ping sets a deadline of its own", _CONNECTION, ("        if self._silence is None:", "        if True:")),
    mutant("F10", "each ping moves the deadline", _CONNECTION, ("        if self._silence is None:", "        self.heard_pong()\n        if True:")),
    mutant("F10", "an answer leaves the deadline pending", _CONNECTION, ("            self._silence.cancel()\n            self._silence = None", "            pass")),
    mutant("F10", "the deadline comes as late as the next ping", _CONNECTION, ("call_later(self._hub.settings.pong_within_s", "call_later(self._hub.settings.ping_every_s")),
    mutant("F10", "pings start an interval late", _CONNECTION, ("self._ping_us = round(self._loop.time() * 1e6)", "self._ping_us = round((self._loop.time() + hub.settings.ping_every_s) * 1e6)")),
    # the queue
    mutant("O5", "last come, first served", _QUEUE, ("self._waiting.popleft()", "self._waiting.pop()")),
    mutant("O5", "one more may wait", _QUEUE, ("len(self._waiting) < self._queue_limit", "len(self._waiting) <= self._queue_limit")),
    mutant("O5", "there is one worker more", "reference/stack.py", ("WorkQueue(settings.workers,", "WorkQueue(settings.workers + 1,")),
    mutant("O5", "what its client has given up never arrives", _PROXY, (_FORWARDS, "await self._forward(link, plan, answered)\n        return await answered")),
    mutant("O5", "every poll takes the first one's service time", _LINK, ("poll_service_us[self._served.popleft()] if", "poll_service_us[0] if")),
    mutant("O5", "the way back starts with the service", _PROXY, ("link.clock.now_us() if self._queued else plan.arrives_us", "plan.arrives_us")),
    mutant("O3", "an answer holds the history as of its service's end", _ORCHESTRATOR, (_ENCODES, ""), ("text=answer,", "text=wire.encode_answer(run_id, history, after),")),
    mutant("B8", "a poll that is turned away fails as an error", _SESSION, ('self._poll_failed("overloaded"', 'self._poll_failed("error"')),
    # reconnection
    mutant("C10", "opening leaves the count of failed attempts", _CLIENT, ("self._open, self._failed = True, 0", "self._open = True")),
    mutant("C10", "the close of an open connection is a failed attempt", _CLIENT, ("        if not self._open:\n            self._failed += 1", "        self._failed += 1")),
    mutant("C10", "nothing is opened again after the terminal", _CLIENT, ("if wait_us is not None:", "if wait_us is not None and not self.terminal:")),
    mutant("C10", "nothing is opened again after a refusal", _CLIENT, ("if wait_us is not None:", 'if wait_us is not None and reason != "refused":')),
    mutant("C10", "draws go by failed attempts", _RECONNECTION, ("self.draws[attempt %", "self.draws[failed %")),
    mutant("C10", "every attempt takes the mount's handshake", _LINK, ("connect_us[number % len(self._script.connect_us)]", "connect_us[0]")),
    mutant("C10", "a wait may be nothing", _RECONNECTION, ("return max(1, certain_us", "return max(0, certain_us")),
    mutant("C10", "half of a wait is rounded up", _RECONNECTION, ("wait_us // 2 if", "(wait_us + 1) // 2 if")),
    mutant("C10", "equal jitter is full", _RECONNECTION, ('wait_us // 2 if self.jitter == "equal" else 0', "0")),
    mutant("C10", "a fixed wait doubles", _RECONNECTION, ('if self.kind == "exponential":', "if True:")),
    mutant("C10", "the longest wait is not kept to", _RECONNECTION, ("min(self.delay_us << min(failed, 64), self.max_us)", "self.delay_us << min(failed, 64)")),
    mutant("C10", "attempts start after the timers of their instant", _SESSION, ("(turns.MOUNT, self._number, 0), self._reconnect", "(turns.FIRE, self._number, 1), self._reconnect")),
    mutant("C11", "what is held up is waited for twice as long", _SESSION, ("sent_us + self._poll_timeout_us", "sent_us + 2 * self._poll_timeout_us")),
    mutant("B4", "a goodbye is told as a loss", _SESSION, ('reason = "going-away"', 'reason = "connection-lost"')),
    mutant("B4", "a refusal is told as a loss", _SESSION, ('reason = "refused"', 'reason = "connection-lost"')),
    # servers and workflow
    mutant("F2", "a message goes to every user", "reference/fanout.py", ("in self._connections.get(username, ()):\n                if", "in [c for some in self._connections.values() for c in some]:\n                if")),
    mutant("O3", "an answer lacks the latest event", _ORCHESTRATOR, (_ENCODES, _ENCODES.replace("history,", "history[:-1],"))),
    mutant("O3", "an answer holds the history as of its finish", _PROXY, (_REACHES, _REACHES.replace("plan.arrives_us", "plan.arrives_us + plan.back_us"))),
    mutant("O3", "an answer holds the history as of its sending", _PROXY, (f"        await {_REACHES}\n", "")),
    mutant("W1", "other runs' events come first", _WORKFLOW, ("sorted((time_us, order) for", "sorted(((time_us, order) for"), ("if time_us <= horizon_us)", "if time_us <= horizon_us), key=lambda due: (due[0], -(due[1] // turns.OTHER)))")),
    # one instant
    mutant("one instant", "a WebSocket closes before it opens", _TURNS, (_ORDER, _ORDER.replace("OPEN, CLOSE", "CLOSE, OPEN"))),
    mutant("one instant", "an event comes before a close", _TURNS, (_ORDER, _ORDER.replace("CLOSE, EMIT", "EMIT, CLOSE"))),
    mutant("one instant", "a message arrives before an event", _TURNS, (_ORDER, _ORDER.replace("EMIT, ARRIVE", "ARRIVE, EMIT"))),
    mutant("one instant", "a request comes before an event", _TURNS, (_ORDER, _ORDER.replace("EMIT, ARRIVE, REQUEST", "REQUEST, EMIT, ARRIVE"))),
    mutant("one instant", "an answer comes before a message", _TURNS, (_ORDER, _ORDER.replace("ARRIVE, REQUEST, ANSWER", "REQUEST, ANSWER, ARRIVE"))),
    mutant("one instant", "the timer fires before an answer", _TURNS, (_ORDER, _ORDER.replace("ANSWER, FIRE", "FIRE, ANSWER"))),
    mutant("one instant", "the timer fires before a message", _TURNS, (_ORDER, _ORDER.replace("ARRIVE, REQUEST, ANSWER, FIRE", "FIRE, ARRIVE, REQUEST, ANSWER"))),
    # what nothing can tell
    mutant("F2", "of messages in one write the last is kept", _CONNECTION, ('self._write_within_limits(b"".join(unsent))', "self._write_within_limits(unsent[-1])"),
           survives="in world virtual one event's consequences are over before the next, so no two messages share a write"),
    mutant("W2", "an event is published before it is in the history", _WORKFLOW,
           ("        self._orchestrator.append(message)\n", ""), ("        self._orchestrator.publish(self._username, message)\n", "        self._orchestrator.publish(self._username, message)\n        self._orchestrator.append(message)\n"),
           survives="publication and history lie in one turn of one instant; a request has its turn after both"),
)  # fmt: skip
