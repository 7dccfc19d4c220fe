"""Predict, prove and tune hybrid WebSocket + polling delivery.

script = realize(load("websocket-drops-messages"), seed=0)
compare(perform(script, "model"), perform(script, "live"))
"""

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.measure.metrics import measure
from sim.scenarios.catalog import load
from sim.verify.agreement import compare
from sim.worlds import perform

__all__ = ["InputError", "Scenario", "Script", "Trace", "compare", "load", "measure", "perform", "realize"]
