"""Scenario: what a person writes, as a frozen, validated object with TOML in and out (DESIGN.md section 5)."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import AfterValidator, Field, model_validator

from sim.contract import toml
from sim.contract.claim import Claim
from sim.contract.fault import Fault, MessageLost, RedisOutage, SlowReader
from sim.contract.fields import Duration, PositiveSeconds, Probability, Seconds, Table
from sim.contract.gate import Gate
from sim.contract.policy import PRESETS, Jitter, Listing, Policy, Reconnect
from sim.contract.sentence import validated
from sim.contract.system import Fanout, Orchestrator, Polling, WebSocket
from sim.contract.workload import Recorded, Workload

MOST_REPETITIONS = 1_000_000
"""Polls, attempts to connect, pings, heartbeats or tries to subscribe that one horizon may allow."""


RECONNECTION = ("reconnect", "jitter", "reconnect_delay_s", "reconnect_max_s")
"""The keys of `[client]` that say how a WebSocket is opened again (C8, C10)."""

OF_LISTINGS: dict[Listing, tuple[str, ...]] = {
    "hook": ("poll_interval_s",),
    "backoff": ("poll_interval_s", "backoff_factor", "backoff_max_s"),
}
"""The choices that each of the document's listings leaves open."""


class Client(Table):
    """How many clients there are, when they start, and their policy: a preset with single choices overridden.

    A choice of a policy that is given, by the name that `Policy` has for it, takes the place of the preset's.

    policy: the preset.
    count: how many clients there are; each watches its own run.
    start_s: when a client mounts (C1); its events' times count from there (W4).
    """

    policy: Annotated[str, Field(json_schema_extra={"enum": [*PRESETS]})] = "hybrid"
    count: Annotated[int, Field(ge=1, le=100_000_000)] = 1
    start_s: Duration = 0.0
    websocket: bool | None = None
    polling: bool | None = None
    poll_interval_s: PositiveSeconds | None = None
    poll_at_mount: bool | None = None
    backoff_factor: Annotated[float, Field(ge=1.0, le=1e6)] | None = None
    backoff_max_s: PositiveSeconds | None = None
    reconnect: Reconnect | None = None
    jitter: Jitter | None = None
    reconnect_delay_s: PositiveSeconds | None = None
    reconnect_max_s: PositiveSeconds | None = None
    gap_poll: bool | None = None
    final_poll: bool | None = None
    catch_up_poll: bool | None = None
    poll_jitter: Probability | None = None
    error_backoff_factor: Annotated[float, Field(ge=1.0, le=1e6)] | None = None
    error_backoff_max_s: PositiveSeconds | None = None
    retry_after: bool | None = None

    @property
    def chosen(self) -> dict[str, Any]:
        """What this client chooses other than, or again as, its preset."""
        given = {name: getattr(self, name, None) for name in Policy.__slots__}
        return {name: value for name, value in given.items() if value is not None}

    def resolved(self) -> Policy:
        """The policy with this client's own choices put in."""
        return replace(PRESETS[self.policy], **self.chosen)

    @model_validator(mode="after")
    def _possible(self) -> "Client":
        if self.policy not in PRESETS:
            raise ValueError(f"policy must be one of {', '.join(PRESETS)}, not {self.policy!r}")
        policy = self.resolved()
        if policy.listing != "none":
            unknown = next((choice for choice in self.chosen if choice not in OF_LISTINGS[policy.listing]), None)
            if unknown is not None:
                raise ValueError(
                    f"{unknown} cannot be chosen for {self.policy}, which is performed as the document has it"
                )
        if not (policy.websocket or policy.polling):
            raise ValueError("websocket and polling are both off, so the client would hear nothing")
        for choice in ("poll_at_mount", "gap_poll", "final_poll", "catch_up_poll", "retry_after"):
            if getattr(policy, choice) and not policy.polling:
                raise ValueError(f"{choice} needs polling = true")
        if policy.reconnect != "none" and not policy.websocket:
            raise ValueError("reconnect needs websocket = true")
        return self


def _one_line(text: str) -> str:
    if text.splitlines() != [text]:
        raise ValueError("must be one line")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("must not hold control characters")
    return text


class Scenario(Table):
    """One scenario file; all times are seconds.

    title: what happens, in one line.
    source: where the scenario is described.
    horizon_s: the last instant that is performed; later ones never are.
    fault: what goes wrong, one table for each.
    claim: what should come of it, one table for each.
    gate: what must stay true of it, one table for each.
    """

    title: Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
    source: str = ""
    horizon_s: Seconds
    client: Client = Client()
    workload: Workload = Workload()
    websocket: WebSocket = WebSocket()
    polling: Polling = Polling()
    fanout: Fanout = Fanout()
    orchestrator: Orchestrator = Orchestrator()
    faults: tuple[Fault, ...] = Field(default=(), alias="fault", strict=False)
    claims: tuple[Claim, ...] = Field(default=(), alias="claim", strict=False)
    gates: tuple[Gate, ...] = Field(default=(), alias="gate", strict=False)

    @property
    def policy(self) -> Policy:
        """The client's policy, resolved."""
        return self.client.resolved()

    @model_validator(mode="after")
    def _names_what_is_there(self) -> "Scenario":
        count = self.workload.event_count()
        named = [(f"fault[{n}].event", f.event) for n, f in enumerate(self.faults) if isinstance(f, MessageLost)]
        named += [(f"claim[{n}].rows.event", c.rows.event) for n, c in enumerate(self.claims) if c.rows]
        for key, event in named:
            if event is not None and count is not None and event >= count:
                raise ValueError(f"{key} is {event}, but a run has {count} events, numbered from 0")
        for number, gate in enumerate(self.gates):
            if gate.scenario is not None:
                raise ValueError(f"gate[{number}].scenario: belongs in a file of gates alone; here it is this scenario")
        for index, fault in enumerate(self.faults):
            for client in fault.clients if isinstance(fault, SlowReader) else ():
                if client >= self.client.count:
                    raise ValueError(
                        f"fault[{index}].clients names client {client}, "
                        f"but client.count is {self.client.count}, numbered from 0"
                    )
        return self

    @model_validator(mode="after")
    def _is_what_the_document_knows(self) -> "Scenario":
        if self.policy.listing != "none" and self.orchestrator.heartbeat_s is not None:
            raise ValueError(f"orchestrator.heartbeat_s: {self.client.policy} would show heartbeats as events")
        return self

    @model_validator(mode="after")
    def _ends_in_reasonable_time(self) -> "Scenario":
        policy, fanout = self.policy, self.fanout
        if policy.polling:
            longest_s = policy.backoff_max_s if policy.backoff_factor > 1 else math.inf
            self._check_number(
                "polls", {"client.poll_interval_s": policy.poll_interval_s, "client.backoff_max_s": longest_s}
            )
        if policy.reconnect != "none":
            longest_s = policy.reconnect_max_s if policy.reconnect == "exponential" else math.inf
            self._check_number(
                "attempts", {"client.reconnect_delay_s": policy.reconnect_delay_s, "client.reconnect_max_s": longest_s}
            )
        if self.orchestrator.heartbeat_s is not None:
            self._check_number("heartbeats", {"orchestrator.heartbeat_s": self.orchestrator.heartbeat_s})
        if policy.websocket:
            self._check_number("pings", {"fanout.ping_every_s": fanout.ping_every_s})
        if any(isinstance(fault, RedisOutage) for fault in self.faults):
            self._check_number("tries to subscribe", {"fanout.resubscribe_max_s": fanout.resubscribe_max_s})
        return self

    def _check_number(self, what: str, intervals_s: Mapping[str, float]) -> None:
        """Refuse more repetitions within the horizon, at the shortest of these intervals, than a world should do."""
        key, every_s = min(intervals_s.items(), key=itemgetter(1))
        if self.horizon_s / every_s > MOST_REPETITIONS:
            raise ValueError(
                f"{key} ({every_s:g}) allows more than {MOST_REPETITIONS:,} {what} "
                f"within horizon_s ({self.horizon_s:g}); take a longer one or a shorter horizon"
            )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "scenario") -> "Scenario":
        """The scenario in a table as TOML gives it; raises ScenarioError with one sentence naming `where`."""
        return validated(cls, data, where)

    @classmethod
    def from_toml(cls, text: str, where: str = "scenario") -> "Scenario":
        """The scenario in TOML text; raises ScenarioError with one sentence naming `where`."""
        return cls.from_dict(toml.parsed(text, where), where)

    @classmethod
    def from_file(cls, path: Path) -> "Scenario":
        """The scenario in a file; a recorded workload's file is looked for beside it."""
        scenario = cls.from_dict(toml.read(path), str(path))
        recorded = scenario.workload.recorded
        if recorded is None:
            return scenario
        beside = Recorded(file=str(path.resolve().parent / recorded.file))
        return scenario.model_copy(update={"workload": scenario.workload.model_copy(update={"recorded": beside})})

    def to_dict(self) -> dict[str, Any]:
        """The table that TOML would give: every key that has a value, defaults included."""
        table: dict[str, Any] = _plain(self.model_dump(by_alias=True, exclude_none=True))
        return {key: value for key, value in table.items() if value != []}

    def to_toml(self) -> str:
        """The scenario as TOML; `from_toml` gives an equal scenario back."""
        return tomli_w.dumps(self.to_dict())

    def override(self, **client: Any) -> "Scenario":
        """This scenario with other values for keys of `[client]`, validated like any other.

        A policy without a WebSocket leaves out what the scenario says of opening it again; one of the document's
        listings leaves out all that it does not know.
        """
        table = self.to_dict()
        kept = table["client"] | client
        preset = PRESETS.get(kept["policy"])
        if "policy" in client and preset is not None:
            left_out: Sequence[str] = ()
            if preset.listing != "none":
                left_out = [name for name in Policy.__slots__ if name not in OF_LISTINGS[preset.listing]]
            elif not preset.websocket:
                left_out = RECONNECTION
            kept = {key: value for key, value in kept.items() if key not in left_out or key in client}
        return Scenario.from_dict(table | {"client": kept}, self.title)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"first_s", "last_s"}:
            return [value["first_s"], value["last_s"]]
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
