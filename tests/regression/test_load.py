"""Load and staleness of the hybrid client in the deterministic worlds, as examples/gates.toml wants them."""

from dataclasses import replace
from pathlib import Path

import pytest

from sim.gates.check import check
from sim.gates.load import load
from sim.pytest_plugin import Fanout
from sim.scenarios import catalog

GATES = Path(__file__).parents[2] / "examples" / "gates.toml"


def test_the_gates_hold(fanout: Fanout) -> None:
    fanout.gates(GATES)


@pytest.mark.parametrize("world", ["model", "fleet"])
def test_a_hundred_clients_stay_within_their_budget_of_polls(fanout: Fanout, world: str) -> None:
    fanout.gate("tuning", "polls_per_s_mean", world=world, replications=5, between=(3.5, 5.0))


def test_polling_every_5_s_in_place_of_4_is_told() -> None:
    slower = [replace(one, scenario=one.scenario.override(poll_interval_s=5.0)) for one in load([GATES])]
    sentences = [result.sentence for result in check(slower).results if not result.holds]
    stale, lost = sentences
    assert stale.startswith("stale_s of tuning in fleet is 2.")
    assert "in 40 runs, above the limit of 2.2 by 0." in stale
    assert lost == "events_lost of websocket-drops-messages in model is 1, above the limit of 0 by 1"


@pytest.mark.parametrize("world", ["model", "fleet"])
def test_polling_every_5_s_in_place_of_4_leaves_the_corridor_of_polls(fanout: Fanout, world: str) -> None:
    slower = catalog.load("tuning").override(poll_interval_s=5.0)
    with pytest.raises(AssertionError, match=r"below the limits of 3\.5 to 5 by 0\.\d+$"):
        fanout.gate(slower, "polls_per_s_mean", world=world, replications=5, between=(3.5, 5.0))


def test_polling_every_5_s_is_told_by_the_reference_too(fanout: Fanout) -> None:
    slower = catalog.load("websocket-drops-messages").override(poll_interval_s=5.0)
    with pytest.raises(AssertionError, match=r"in virtual is 1, above the limit of 0 by 1$"):
        fanout.gate(slower, "events_lost", world="virtual", between=(0, 0))
