"""The guarantee of the cursor protocol (P12), proved on random scripts with every class of faults, against `hybrid`.

Every script must be recovered completely by `hybrid-cursor`, and every trace of it keep every rule. For comparison
`hybrid` performs the same script, as documented and with the other's reconnection. All of them wait alike: without
the jitter, which only lengthens waits (P10) and so saves polls by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.contract.draws import generator
from sim.contract.progress import Progress
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.verify.failure import Failure
from sim.verify.generate_recovering import FAULTS, recovering_script
from sim.verify.invariants import check
from sim.verify.recovery import due_events
from sim.worlds import perform

EXAMPLES = 10_000
"""How many scripts, each of one client, where no number is given."""

TOGETHER = 10
"""Clients of one scenario, which share its faults and draw all else each for itself."""

WORLD = "model"


@dataclass(frozen=True, slots=True)
class Fared:
    """How one policy fared with some scripts.

    messages_lost: own messages. events_lost: events up to a run's first terminal one that were never shown.
    runs_incomplete: runs that lack one. polls: sent in all; recovering: those that were answered with something new.
    """

    messages_lost: int = 0
    events_lost: int = 0
    runs_incomplete: int = 0
    polls: int = 0
    recovering: int = 0

    def __add__(self, other: "Fared") -> "Fared":
        return Fared(
            self.messages_lost + other.messages_lost,
            self.events_lost + other.events_lost,
            self.runs_incomplete + other.runs_incomplete,
            self.polls + other.polls,
            self.recovering + other.recovering,
        )


@dataclass(frozen=True, slots=True)
class OfFaults:
    """How the policies fared with the scripts of one class of faults.

    hybrid: as documented, so it never reconnects. reconnecting: the same, but that it does, as hybrid-cursor does.
    """

    faults: str
    scripts: int
    hybrid: Fared
    reconnecting: Fared
    cursor: Fared

    @property
    def polls_hardly_more(self) -> bool:
        """Whether `hybrid-cursor` sends no more polls than `hybrid`, but for those that recover something."""
        return self.cursor.polls <= self.hybrid.polls + self.cursor.recovering


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What was found: by class of faults, and scripts that were not recovered or broke a rule, none where it holds."""

    seed: int
    classes: list[OfFaults]
    failures: list[Failure]

    @property
    def total(self) -> OfFaults:
        """All classes together."""
        return OfFaults(
            "all",
            sum(one.scripts for one in self.classes),
            sum((one.hybrid for one in self.classes), Fared()),
            sum((one.reconnecting for one in self.classes), Fared()),
            sum((one.cursor for one in self.classes), Fared()),
        )

    @property
    def holds(self) -> bool:
        """Nothing is lost for good, no rule broken."""
        return not self.failures and not self.total.cursor.events_lost


def guarantee(examples: int = EXAMPLES, seed: int = 0, progress: Progress | None = None) -> Guarantee:
    """Draw about so many scripts, the same for the same seed, let both policies perform them, and judge.

    At least one scenario of each class of faults is drawn.
    """
    per_class = max(round(examples / len(FAULTS) / TOGETHER), 1)
    classes: list[OfFaults] = []
    failures: list[Failure] = []
    for number, faults in enumerate(FAULTS):
        hybrid = reconnecting = cursor = Fared()
        for example in range(per_class):
            drawn = recovering_script(faults, generator(seed, f"guarantee/{faults}", example, 0), TOGETHER)
            script = realize(drawn.scenario.override(poll_jitter=0.0), drawn.seed)
            trace = perform(script, WORLD)
            failures += _failures(trace, script)
            cursor += _fared(trace, script)
            hybrid += _performed(script, policy="hybrid")
            again = {"reconnect": script.policy.reconnect, "jitter": script.policy.jitter}
            reconnecting += _performed(script, policy="hybrid", **again)
            if progress is not None:
                progress((number * per_class + example + 1) / (len(FAULTS) * per_class))
        classes.append(OfFaults(faults, per_class * TOGETHER, hybrid, reconnecting, cursor))
    return Guarantee(seed, classes, failures)


def _failures(trace: Trace, script: Script) -> Sequence[Failure]:
    findings = check(trace, script)
    return [Failure(script.scenario, script.seed, (WORLD,), findings[0].sentence)] if findings else []


def _performed(script: Script, **instead: str) -> Fared:
    """How the same script fares with other choices of the client."""
    other = realize(script.scenario.override(**instead), script.seed)
    return _fared(perform(other, WORLD), other)


def _fared(trace: Trace, script: Script) -> Fared:
    sent = lost = recovering = 0
    shown: dict[int, set[int]] = {client: set() for client in range(script.clients)}
    taking_in: set[int] = set()  # the clients that take in an answer which has shown nothing yet
    for _, client, kind, event, _ in trace.rows:
        sent += kind == "poll_sent"
        lost += kind == "message_lost" and event >= 0
        if kind == "event_shown":
            shown[client].add(event)
            recovering += client in taking_in
        if kind == "poll_answered":
            taking_in.add(client)
        elif kind != "event_erased":
            taking_in.discard(client)
    missing = [len(set(due_events(script.client(client))) - shown[client]) for client in range(script.clients)]
    return Fared(lost, sum(missing), sum(n > 0 for n in missing), sent, recovering)
