"""What a search for failures gives: an outcome, and a failing scenario as a short file that replays it."""

import hashlib
from dataclasses import asdict, dataclass

import tomli_w

from sim.contract.policy import PRESETS
from sim.contract.scenario import Scenario
from sim.contract.script import realize


@dataclass(frozen=True, slots=True)
class Failure:
    """A scenario and a seed under which worlds differ, or one breaks a rule or ends with an error; `what` says how."""

    scenario: Scenario
    seed: int
    worlds: tuple[str, ...]
    what: str

    @property
    def name(self) -> str:
        """A file name of its own."""
        text = f"{self.seed}\n{tomli_w.dumps(brief(self.scenario, self.seed))}"
        return f"failure-{hashlib.sha256(text.encode()).hexdigest()[:8]}.toml"

    def to_toml(self) -> str:
        """The scenario file, with its seed and what fails as comments."""
        what = "".join(c if c.isprintable() else "?" for c in self.what)
        worlds = ",".join(self.worlds)
        head = f"# fanout-sim verify {self.name} --worlds {worlds} --seed {self.seed}\n# {what}\n\n"
        return head + tomli_w.dumps(brief(self.scenario, self.seed))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search did: examples judged before the failure, shrinking not counted, and how long it took in all."""

    worlds: tuple[str, ...]
    seed: int
    examples: int
    elapsed_s: float
    failure: Failure | None = None
    shrinks: int = 0
    interrupted: bool = False


def brief(scenario: Scenario, seed: int) -> dict[str, object]:
    """The scenario's table without what is as it would be anyway; it gives the same script."""
    table = scenario.to_dict()
    usual = Scenario(title="x", horizon_s=0.0).to_dict()
    usual["client"] |= asdict(PRESETS[scenario.client.policy])
    short: dict[str, object] = {}
    for key, value in table.items():
        if key == "fault":
            short[key] = [{k: v for k, v in fault.items() if (k, v) != ("fraction", 1.0)} for fault in value]
        elif isinstance(value, dict):
            kept = {k: v for k, v in value.items() if usual[key].get(k) != v and v != []}
            short |= {key: kept} if kept else {}
        elif key in ("title", "horizon_s") or value != usual.get(key):
            short[key] = value
    same = _performed(Scenario.from_dict(short), seed) == _performed(scenario, seed)
    return short if same else table


def _performed(scenario: Scenario, seed: int) -> tuple[object, ...]:
    """All of its script that worlds go by."""
    script = realize(scenario, seed)
    whole = {name: value for name, value in vars(script).items() if name[0] != "_" and name != "scenario"}
    return whole, scenario.fanout, scenario.orchestrator, scenario.workload.payload_bytes, list(script.all_clients())
