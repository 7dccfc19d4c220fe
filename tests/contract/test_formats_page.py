"""The page of formats, docs/formats.md: what it shows is valid, and it names all that there is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from sim.contract import fault
from sim.contract.claim import MEASURES, Claim
from sim.contract.gate import Gate
from sim.contract.kinds import KINDS
from sim.contract.policy import PRESETS, Policy
from sim.contract.scenario import Scenario
from sim.contract.system import Fanout, Orchestrator
from sim.contract.workload import Workload
from sim.measure.losses import CAUSES

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
FAULTS = get_args(get_args(fault.Fault)[0])


def latencies_written_out(page: str) -> str:
    """The page writes five names as one."""
    names = re.search(r"`latency_\{(.*?)\}_s`", page)
    assert names is not None
    return page + " ".join(f"`latency_{name}_s`" for name in names[1].split(","))


def test_the_scenario_that_it_shows_is_valid() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert Scenario.from_toml(text).title == "The WebSocket drops a message"


def test_the_defaults_that_it_shows_are_the_defaults() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    shown = Scenario.from_toml(text)
    assert shown.fanout == Fanout()
    assert shown.orchestrator == Orchestrator()


@pytest.mark.parametrize("name", [*MEASURES, *KINDS, *PRESETS, *Policy.__slots__, *CAUSES])
def test_it_names_every_measure_kind_preset_choice_and_cause(name: str) -> None:
    assert f"`{name}`" in latencies_written_out(PAGE)


@pytest.mark.parametrize("table", [Fanout, Orchestrator, Workload, Claim, Gate])
def test_it_shows_every_key_of_a_table(table: type[Scenario]) -> None:
    for key in table.model_fields:
        assert re.search(rf"\b{key}\b", PAGE), key


@pytest.mark.parametrize("table", FAULTS)
def test_it_shows_every_key_of_a_fault_in_its_row(table: type[Scenario]) -> None:
    (kind,) = get_args(table.model_fields["kind"].annotation)
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")]
    for key in table.model_fields.keys() - {"kind"}:
        assert f"`{key}" in row, key
