"""The hunt for one mutant: how many random examples until worlds disagree, and until a rule alone is broken."""

import re
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.verify.failure import Outcome
from sim.verify.fuzz import fuzz
from sim.verify.generate import listings, scenarios
from tests.dense import dense
from tests.fleet.sequels import sequels
from tests.mutants.mutant import WORLD_OF, Mutant, planted

SAME = 150
"""Examples for a mutant that nothing can tell from the original."""

PARTNER = {"model": "virtual", "reference": "model", "fleet": "model"}
"""The world that each package's mutants are held against: the other one, written independently."""

PRESETS = st.sampled_from(["hybrid-listing", "hybrid-listing-backoff"])


def shrunk(mutant: Mutant, examples: int, seed: int = 0) -> tuple[str, str] | None:
    """A file name and a scenario file that catches the mutant, as small as can be; None where it survives."""
    with planted(mutant) as world:
        failure = fuzz([WORLD_OF[mutant.package], world], examples=examples, seed=seed).failure
    if failure is None:
        return None
    _, _, body = failure.to_toml().partition("\n\n")
    body = body.replace("Found by fanout-sim fuzz", f"Catches: {mutant.name}")
    head = f"# {mutant.rule}: this catches a {mutant.package} where {mutant.name}.\n# --seed {failure.seed}\n\n"
    return "-".join(re.findall("[a-z]+", mutant.name.replace("'s", "s").lower())) + ".toml", head + body


@dataclass(frozen=True)
class Hunted:
    """What was found: in how many examples (None: not at all), and the first sentence.

    by_rules: the same without a second world, by the invariants alone; the fleet's mutants are not held against these,
        which notice the same in any world's trace.
    """

    mutant: Mutant
    examples: int | None
    by_rules: int | None
    what: str

    @property
    def as_expected(self) -> bool:
        """Caught, or known to be the same."""
        return (self.examples is None and self.by_rules is None) == bool(self.mutant.survives)


def hunt(mutant: Mutant, examples: int, seed: int = 0) -> Hunted:
    """Hold the mutant against the other package's world, and against the rules."""
    examples = min(examples, SAME) if mutant.survives else examples
    partner = "model" if mutant.of_listing else PARTNER[mutant.package]  # no other world performs the listings
    with planted(mutant) as world:
        both = _searched(mutant, [partner, world], examples, seed)
        alone = _searched(mutant, [world], 0 if mutant.package == "fleet" else examples, seed)
    found = both.failure or alone.failure
    return Hunted(
        mutant,
        both.examples if both.failure else None,
        alone.examples if alone.failure else None,
        found.what if found else "",
    )


def _searched(mutant: Mutant, worlds: list[str], examples: int, seed: int) -> Outcome:
    """As people search, and where that finds nothing, where much goes wrong at once, so many examples each."""
    outcomes: list[Outcome] = []
    for kind in _kinds(mutant):
        outcomes.append(fuzz(worlds, examples=examples, seed=seed, shrink=False, scenarios=kind))
        if outcomes[-1].failure:
            break
    return replace(outcomes[-1], examples=sum(outcome.examples for outcome in outcomes))


def _kinds(mutant: Mutant) -> list[st.SearchStrategy[Scenario]]:
    if mutant.of_listing:
        return [listings(), st.builds(_listing, dense(), PRESETS)]
    return [scenarios(), dense(), *([sequels()] if mutant.package == "fleet" else [])]


def _listing(scenario: Scenario, policy: str) -> Scenario:
    """The same with one of the document's listings, which know no heartbeats."""
    table = scenario.to_dict()
    table["orchestrator"].pop("heartbeat_s", None)
    return Scenario.from_dict(table).override(policy=policy)
