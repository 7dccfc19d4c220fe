"""The world of a mutant of the fleet whose sums are looked at besides its trace (DESIGN.md section 7)."""

from importlib import import_module

from sim.contract.script import Script
from sim.contract.trace import Trace
from tests.fleet.sums import check_sums

FLEET = "mutated_fleet"
"""The package in which `planted` puts it."""


def perform(script: Script) -> Trace:
    """The mutant's trace; raises AssertionError where its sums are not the model's."""
    run, arrivals = (import_module(f"{FLEET}.{name}") for name in ("run", "arrivals"))
    trace: Trace = run.perform(script)
    check_sums(script, run.total, arrivals.hub_arrivals)
    return trace
