"""Random scenarios for Hypothesis: the whole space that the exact worlds perform.

`small` ones lie on a lattice of few microseconds, so that happenings at one instant are the rule. `wide` ones use
every key: distributions, generated workloads, seconds anywhere, overridden policies. In `recovering` ones all goes
wrong early, so that the cursor protocol must make up for it by the horizon.
"""

from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.verify.generate_recovering import recovering
from sim.verify.generate_small import small
from sim.verify.generate_wide import LISTINGS, tables, wide

__all__ = ["listings", "recovering", "scenarios", "small", "wide"]


def scenarios() -> st.SearchStrategy[Scenario]:
    """Small and wide ones, with the cursor protocol and without, and some that must recover."""
    return small(protocol=True) | small(protocol=True) | small() | wide(protocol=True) | recovering()


def listings() -> st.SearchStrategy[Scenario]:
    """Scenarios in which clients are performed as the document's code, which the model alone does."""
    widely = tables(policies=LISTINGS, protocol=False, performable=True).map(Scenario.from_dict)
    return small(policies=LISTINGS) | small(policies=LISTINGS) | widely
