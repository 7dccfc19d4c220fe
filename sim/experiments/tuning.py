"""Tuning: what a search found: its candidates, which of them keep the SLOs, the front, the best and its neighbours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sim.contract.scenario import Scenario
from sim.experiments.confirm import Confirmation
from sim.experiments.front import front
from sim.experiments.sample import Sample
from sim.experiments.slo import Slo

AGE, REQUESTS = "age_mean_s", "polls_per_s_mean"
"""What the front is of."""


@dataclass(frozen=True)
class Tuning:
    """The candidates of a search and what follows from them; candidates go by their number among the samples.

    minimised: the measure of which the least is sought.
    samples: the candidates in order of the grid, those found on the way between their neighbours.
    confirmation: what the model says to the best; None where it was not asked, and then `unconfirmed` says why.
    expected: what theory says of the best, by measure, as far as there is a closed form.
    """

    scenario: Scenario
    world: str
    seed: int
    slos: tuple[Slo, ...]
    minimised: str
    samples: tuple[Sample, ...]
    confirmation: Confirmation | None = None
    unconfirmed: str = ""
    expected: Mapping[str, float] = field(default_factory=dict)

    @property
    def measures(self) -> list[str]:
        """What the search is about: what it minimised, and what the SLOs bound, each once."""
        return list(dict.fromkeys([self.minimised, *(slo.measure for slo in self.slos)]))

    @property
    def holds(self) -> bool:
        """Whether a candidate keeps all SLOs, and the model does not contradict it."""
        return self.best is not None and (self.confirmation is None or self.confirmation.confirms)

    @cached_property
    def best(self) -> int | None:
        """The candidate with the least of what is minimised among those that keep all SLOs; None where none does."""
        good = [number for number in self._costs if not self.broken(number)]
        return min(good, key=self._costs.__getitem__, default=None)

    @property
    def closest(self) -> int:
        """The candidate whose worst excess of an SLO is the least."""
        return min(range(len(self.samples)), key=self._excess)

    @property
    def cheaper(self) -> int | None:
        """The candidate with next to less of what is minimised than the best; it breaks an SLO."""
        return self._beside(lambda cost, best: cost < best, max)

    @property
    def dearer(self) -> int | None:
        """The candidate with next to more of what is minimised than the best."""
        return self._beside(lambda cost, best: cost > best, min)

    @property
    def front(self) -> list[int]:
        """The candidates of which no other has both fewer requests and a lower age, from the fewest requests on."""
        both = [(sample.estimate(REQUESTS), sample.estimate(AGE)) for sample in self.samples]
        return front([(first.value, second.value) if first and second else None for first, second in both])

    def broken(self, number: int) -> tuple[Slo, ...]:
        """The SLOs that a candidate breaks."""
        return tuple(slo for slo in self.slos if not slo.holds(self.samples[number].estimate(slo.measure)))

    @cached_property
    def _costs(self) -> dict[int, float]:
        """What is minimised, by candidate, as far as it is there."""
        found = {number: sample.estimate(self.minimised) for number, sample in enumerate(self.samples)}
        return {number: estimate.value for number, estimate in found.items() if estimate is not None}

    def _beside(self, is_beyond: Callable[[float, float], bool], nearest: Callable[..., int]) -> int | None:
        if self.best is None:
            return None
        beyond = [number for number, cost in self._costs.items() if is_beyond(cost, self._costs[self.best])]
        return nearest(beyond, key=self._costs.__getitem__) if beyond else None

    def _excess(self, number: int) -> float:
        return max(slo.excess(self.samples[number].estimate(slo.measure)) for slo in self.slos)
