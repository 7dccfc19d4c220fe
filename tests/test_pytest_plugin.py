import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.contract.errors import InputError
from sim.contract.script import realize
from sim.pytest_plugin import Fanout
from sim.scenarios import catalog
from sim.worlds import perform

ROOT = Path(__file__).parents[1]

FAILING = """
def test_fails(fanout):
    fanout.gate("worst-case", "poll_requests", below=1)
"""


def documented() -> str:
    """The suite that docs/gates.md shows, quicker: world virtual is the same code as live."""
    (suite,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "gates.md").read_text(), flags=re.DOTALL)
    return str(suite).replace('"live"', '"virtual"')


def test_it_imports_nothing_that_costs() -> None:
    told = (
        "import sys, sim.pytest_plugin; print([m for m in ('numpy', 'pydantic', 'sim.contract') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", told], text=True) == "[]\n"


def test_anybodys_suite_has_the_fixture_and_reads_the_gates_sentence(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "test_own.py").write_text(documented() + FAILING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_own.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "1 failed, 3 passed" in ended.stdout
    assert "AssertionError: poll_requests of worst-case in model is " in ended.stdout
    assert "def gate(" not in ended.stdout  # the suite's own line is shown, not ours


def test_a_scenario_is_performed_by_name_by_file_as_an_object_and_as_a_script(fanout: Fanout, tmp_path: Path) -> None:
    scenario = catalog.load("random-gaps")
    (tmp_path / "mine.toml").write_text(scenario.to_toml())
    expected = perform(realize(scenario, 3), "model")
    assert fanout.perform("random-gaps", seed=3) == expected
    assert fanout.perform(tmp_path / "mine.toml", seed=3) == expected
    assert fanout.perform(scenario, seed=3) == expected
    assert fanout.perform(realize(scenario, 3)) == expected
    assert fanout.perform(scenario, world="virtual", seed=3).world == "virtual"


def test_a_gate_on_a_scenario_object_is_named_by_its_title(fanout: Fanout) -> None:
    with pytest.raises(AssertionError, match=r"^poll_requests of Best case: .* in model is 0, at the limit of 0"):
        fanout.gate(catalog.load("best-case"), "poll_requests", below=0)


def test_gates_of_files_are_asserted_together(fanout: Fanout, tmp_path: Path) -> None:
    gate = '[[gate]]\nscenario = "best-case"\nmeasure = "{}"\nabove = 99\n'
    (tmp_path / "gates.toml").write_text(gate.format("poll_requests") + gate.format("messages_received"))
    with pytest.raises(AssertionError) as failed:
        fanout.gates(tmp_path / "gates.toml")
    assert [line.split()[0] for line in str(failed.value).splitlines()] == ["poll_requests", "messages_received"]


def test_a_gate_takes_another_seed(fanout: Fanout) -> None:
    received = len([row for row in fanout.perform("tuning", seed=3).rows if row[2] == "message_received"])
    fanout.gate("tuning", "messages_received", seed=3, between=(received, received))


def test_a_gate_that_cannot_be_is_refused(fanout: Fanout) -> None:
    with pytest.raises(InputError, match=r"^best-case: gate\[0\]: needs exactly one of below, above"):
        fanout.gate("best-case", "poll_requests")
    with pytest.raises(InputError, match="did you mean best-case"):
        fanout.gate("best-cas", "poll_requests", below=1)
