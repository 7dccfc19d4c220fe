"""Predict, prove and tune hybrid WebSocket + polling delivery.

script = realize(load("websocket-drops-messages"), seed=0)
compare(perform(script, "model"), perform(script, "live"))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# at once, and its name free again, or this package would stand here in place of the function of that name
import_module("sim.measure")
del globals()["measure"]

if TYPE_CHECKING:
    from sim.contract.errors import InputError
    from sim.contract.scenario import Scenario
    from sim.contract.script import Script, realize
    from sim.contract.trace import Trace
    from sim.experiments.sweep import sweep
    from sim.measure.metrics import measure
    from sim.scenarios.catalog import load
    from sim.verify.agreement import compare
    from sim.worlds import perform

__all__ = ["InputError", "Scenario", "Script", "Trace", "compare", "load", "measure", "perform", "realize", "sweep"]

_HOMES = {
    "InputError": "sim.contract.errors",
    "Scenario": "sim.contract.scenario",
    "Script": "sim.contract.script",
    "Trace": "sim.contract.trace",
    "compare": "sim.verify.agreement",
    "load": "sim.scenarios.catalog",
    "measure": "sim.measure.metrics",
    "perform": "sim.worlds",
    "realize": "sim.contract.script",
    "sweep": "sim.experiments.sweep",
}
"""Where each name lives; it is imported when it is first used, so that a server's process need not wait for all."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
