"""Duty: what a client that goes by sequence has, has heard of and owes, read from its rows alone (P4 to P9)."""

from typing import NamedTuple

from sim.contract.policy import Policy
from sim.contract.script import ClientScript


def may_owe(policy: Policy) -> bool:
    """Whether a client of this policy ever polls at once (P7)."""
    return policy.gap_poll or policy.final_poll or policy.catch_up_poll


class Duty(NamedTuple):
    """What is the case after some rows.

    have: events that came, shown or held back. shown: how many of them come in order, with none missing before.
    heard: how many events it has heard of at least. asked_from: how many of the first its poll in flight leaves out.
    owed: whether a poll is owed; asked: whether the poll in flight was sent since it is (P7).
    failed: polls that failed since the last that was answered; reason: why the last that finished did, if it did.
    idle: answered polls that showed nothing, since the last message or the last that showed something (P10).
    """

    have: frozenset[int] = frozenset()
    shown: int = 0
    heard: int = 0
    asked_from: int = 0
    owed: bool = False
    asked: bool = False
    failed: int = 0
    reason: str = ""
    idle: int = 0

    @property
    def behind(self) -> bool:
        """Whether it has heard of something that it has not shown (P5)."""
        return self.heard > self.shown

    def received(self, policy: Policy, me: ClientScript, event: int, newest: int | None) -> "Duty":
        """After a message; newest: how many events a heartbeat tells of, None for another message."""
        duty = self._replace(idle=0)
        if event >= 0:
            duty = duty._with(range(event, event + 1))
        elif newest is not None:
            duty = duty._replace(heard=max(duty.heard, newest))
        else:
            return duty
        owed = duty.behind and (policy.gap_poll or (event >= 0 and policy.final_poll and duty._withholds_terminal(me)))
        return duty._owing() if owed else duty

    def opened(self, policy: Policy) -> "Duty":
        """After the WebSocket opened by another attempt than the mount's."""
        return self._owing() if policy.catch_up_poll else self

    def sent(self, *, by_sequence: bool) -> "Duty":
        """After a poll was sent, for what is newer only (P2) or for all."""
        return self._replace(asked=True, asked_from=self.shown if by_sequence else 0)

    def answered(self, count: int) -> "Duty":
        """After an answer with so many events."""
        duty = self._with(range(self.asked_from, self.asked_from + count))
        idle = self.idle + 1 if duty.shown == self.shown else 0
        owed = self.owed and not self.asked
        return duty._replace(owed=owed, asked=False, failed=0, reason="", idle=idle)

    def poll_failed(self, reason: str) -> "Duty":
        """After a poll failed."""
        return self._replace(asked=False, failed=self.failed + 1, reason=reason)

    def _with(self, events: range) -> "Duty":
        have = self.have | frozenset(events)
        shown = self.shown
        while shown in have:
            shown += 1
        return self._replace(have=have, shown=shown, heard=max(self.heard, events.stop))

    def _owing(self) -> "Duty":
        return self._replace(owed=True, asked=False)

    def _withholds_terminal(self, me: ClientScript) -> bool:
        return any(event >= self.shown and me.events[event].terminal for event in self.have)
