from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import DROP, Command

GATE = '[[gate]]\nmeasure = "latency_max_s"\nbelow = 4\nsays = "soon <enough>"\n'
FAILING = '[[gate]]\nmeasure = "poll_requests"\nabove = 1\n'


@pytest.fixture
def gated(tmp_path: Path) -> Path:
    """A scenario file whose gate holds."""
    path = tmp_path / "gated.toml"
    path.write_text(DROP + GATE)
    return path


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A scenario file one of whose two gates fails."""
    path = tmp_path / "closed.toml"
    path.write_text(DROP + GATE + FAILING)
    return path


@pytest.mark.usefixtures("gated")
def test_gates_that_hold_end_with_status_0_and_a_line_each(fanout_sim: Command) -> None:
    ended = fanout_sim("gate", "gated.toml")
    assert (ended.status, ended.err) == (0, "")
    heading, gate, _, conclusion = ended.out.splitlines()
    assert heading.split() == ["measure", "scenario", "world", "demand", "measured", "verdict"]
    assert gate.split() == ["latency_max_s", "gated", "model", "<", "4", "3", "holds"]
    assert conclusion == "1 gate: 1 holds"


@pytest.mark.usefixtures("closed")
def test_a_gate_that_fails_ends_with_status_1_and_its_sentence(fanout_sim: Command) -> None:
    ended = fanout_sim("gate", "closed.toml")
    assert (ended.status, ended.err) == (1, "")
    *_, sentence, conclusion = ended.out.splitlines()
    assert sentence == "poll_requests of closed in model is 1, at the limit of 1 and not above it"
    assert conclusion == "2 gates: 1 holds, 1 fails"


def test_the_gates_own_words_stand_behind_the_sentence(fanout_sim: Command, gated: Path) -> None:
    gated.write_text(gated.read_text().replace("below = 4", "below = 2"))
    assert "is 3, above the limit of 2 by 1 (soon <enough>)\n" in fanout_sim("gate", "gated.toml").out


def test_an_inconclusive_gate_ends_with_status_1(fanout_sim: Command, tmp_path: Path) -> None:
    gate = '[[gate]]\nscenario = "tuning"\nmeasure = "messages_lost"\nabove = 50\nreplications = 3\n'
    (tmp_path / "gates.toml").write_text(gate)
    ended = fanout_sim("gate", "gates.toml")
    assert ended.status == 1
    assert "in 3 runs, an interval that straddles the limit of 50: too few to tell\n" in ended.out
    assert ended.out.endswith("1 gate: 1 inconclusive\n")


@pytest.mark.usefixtures("gated", "closed")
def test_gates_of_several_files_are_judged_together(fanout_sim: Command) -> None:
    ended = fanout_sim("gate", "gated.toml", "closed.toml", "--seed", "3")
    assert ended.status == 1
    assert ended.out.endswith("3 gates: 2 hold, 1 fails\n")


def test_junit_has_a_suite_per_file_a_case_per_gate_and_the_sentence_as_failure(
    fanout_sim: Command, tmp_path: Path, gated: Path, closed: Path
) -> None:
    ended = fanout_sim("gate", gated.name, closed.name, "--junit", "gates.xml")
    assert ended.status == 1
    root = ElementTree.parse(tmp_path / "gates.xml").getroot()
    assert root.tag == "testsuites"
    assert [dict(suite.items()) for suite in root] == [
        {"name": "gated.toml", "tests": "1", "failures": "0", "errors": "0"},
        {"name": "closed.toml", "tests": "2", "failures": "1", "errors": "0"},
    ]
    assert [case.get("name") for case in root.iter("testcase")] == [
        "latency_max_s of gated in model: soon <enough>",
        "latency_max_s of closed in model: soon <enough>",
        "poll_requests of closed in model: > 1",
    ]
    (failure,) = root.iter("failure")
    assert failure.get("message") == failure.text
    assert failure.text == "poll_requests of closed in model is 1, at the limit of 1 and not above it"
    assert failure.get("type") == "fails"


def test_junit_holds_what_xml_cannot(fanout_sim: Command, tmp_path: Path, gated: Path) -> None:
    gated.write_text(gated.read_text().replace("soon", "\\u0000\\u001b"))
    assert fanout_sim("gate", "gated.toml", "--junit", "gates.xml").status == 0
    (case,) = ElementTree.parse(tmp_path / "gates.xml").getroot().iter("testcase")
    assert case.get("name") == "latency_max_s of gated in model: \ufffd\ufffd <enough>"


@pytest.mark.usefixtures("gated")
def test_a_baseline_is_recorded_and_held_against(fanout_sim: Command) -> None:
    assert fanout_sim("gate", "gated.toml", "--record", "baseline.json").status == 0
    ended = fanout_sim("gate", "gated.toml", "--against", "baseline.json")
    assert ended.status == 0
    assert ended.out.endswith("1 gate: 1 holds; against the baseline 1 line: 1 holds\n")


def test_a_slower_poll_is_named_against_the_baseline(fanout_sim: Command, tmp_path: Path, gated: Path) -> None:
    slower = gated.read_text() + "[client]\npoll_interval_s = 4.5\n"
    assert fanout_sim("gate", "gated.toml", "--record", "baseline.json", "--junit", "gates.xml").status == 0
    gated.write_text(slower)
    ended = fanout_sim("gate", "gated.toml", "--against", "baseline.json", "--junit", "gates.xml")
    assert ended.status == 1
    *_, changed, moved, conclusion = ended.out.splitlines()
    assert changed == "gated is not the scenario that was recorded: client.poll_interval_s was 4.0 and is 4.5"
    assert moved == "latency_max_s of gated in model moved from 3 to 3.5, by 0.5"
    assert conclusion == "1 gate: 1 holds; against the baseline 2 lines: 2 fail"
    suites = {suite.get("name"): suite for suite in ElementTree.parse(tmp_path / "gates.xml").getroot()}
    assert [failure.text for failure in suites["baseline"].iter("failure")] == [changed, moved]


@pytest.mark.usefixtures("closed")
def test_a_baseline_is_recorded_whatever_the_gates_say(fanout_sim: Command, tmp_path: Path) -> None:
    assert fanout_sim("gate", "closed.toml", "--record", "baseline.json").status == 1
    assert (tmp_path / "baseline.json").exists()


EMPTY = 'title = "nothing"\nhorizon_s = 1.0\n'


def test_a_run_that_shows_nothing_fails_and_is_not_recorded(fanout_sim: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text(EMPTY + '[[gate]]\nmeasure = "poll_requests"\nbelow = 9\n')
    ended = fanout_sim("gate", "empty.toml")
    assert ended.status == 1
    assert "poll_requests of empty in model shows nothing: in model with seed 0 nothing happened" in ended.out
    ended = fanout_sim("gate", "empty.toml", "--record", "baseline.json", "--junit", "gates.xml")
    assert ended.status == 2
    assert ended.err.endswith("no message sent and no poll; nothing is recorded\n")
    assert [path.name for path in tmp_path.iterdir()] == ["empty.toml"]


BAD = {
    "no file": ([], "", "missing argument"),
    "a missing file": (["gone.toml"], "", "gone.toml: cannot be read"),
    "a folder": (["."], "", "cannot be read (Is a directory)"),
    "an unknown name": (["best-cas"], "", "did you mean best-case?"),
    "a shipped scenario without gates": (["best-case"], "", "best-case: holds no [[gate]]"),
    "a file without gates": (["bad.toml"], EMPTY, "bad.toml: holds no [[gate]], so there is nothing to pass"),
    "an empty file": (["bad.toml"], "", "bad.toml: holds no [[gate]], so there is nothing to pass"),
    "no TOML": (["bad.toml"], "gate = ", "bad.toml: not valid TOML"),
    "a misspelt list": (["bad.toml"], "[[gates]]", "bad.toml: gates: unknown key; did you mean gate?"),
    "no list": (["bad.toml"], "[gate]", "bad.toml: gate: must be a list"),
    "a gate without a scenario": (["bad.toml"], GATE, "bad.toml: gate[0].scenario: is required"),
    "a gate with an unknown scenario": (
        ["bad.toml"],
        GATE + 'scenario = "best-cas"',
        "bad.toml: gate[0].scenario: there is no shipped scenario and no file 'best-cas'; did you mean best-case?",
    ),
    "a scenario that is wrong": (["bad.toml"], 'title = "t"\n' + GATE, "bad.toml: horizon_s: is required"),
    "a gate that demands nothing": (
        ["bad.toml"],
        EMPTY + '[[gate]]\nmeasure = "poll_requests"',
        "bad.toml: gate[0]: needs exactly one of below, above, between and predicted",
    ),
    "an unknown measure": (
        ["bad.toml"],
        EMPTY + '[[gate]]\nmeasure = "polls"\nbelow = 1',
        "bad.toml: gate[0]: measure must be one of poll_requests",
    ),
    "a world that cannot": (
        ["bad.toml"],
        EMPTY + '[[gate]]\nmeasure = "poll_requests"\nbelow = 1\nworld = "fleet"\n[client]\npolicy = "hybrid-listing"',
        "bad.toml: gate[0]: ",
    ),
    "a file of recorded runs that is missing": (
        ["bad.toml"],
        EMPTY + GATE + '[workload]\nrecorded = { file = "gone.csv" }',
        "gone.csv",
    ),
    "to record and to compare": (
        ["bad.toml", "--record", "a.json", "--against", "b.json"],
        EMPTY + GATE,
        "--record writes a baseline and --against reads one; give one of them",
    ),
    "a missing baseline": (["bad.toml", "--against", "b.json"], EMPTY + GATE, "b.json: cannot be read"),
    "something else as baseline": (["bad.toml", "--against", "bad.toml"], EMPTY + GATE, "bad.toml: no baseline"),
    "JUnit into a missing folder": (
        ["bad.toml", "--junit", "no/where.xml"],
        EMPTY + GATE,
        "no/where.xml: cannot be written",
    ),
    "a baseline onto a folder": (["bad.toml", "--record", "."], EMPTY + GATE, "cannot be written (Is a directory)"),
    "a negative seed": (["bad.toml", "--seed", "-1"], EMPTY + GATE, "--seed"),
}


@pytest.mark.parametrize(("arguments", "text", "part"), BAD.values(), ids=BAD.keys())
def test_bad_input_ends_with_status_2_one_sentence_and_nothing_written(
    fanout_sim: Command, tmp_path: Path, arguments: list[str], text: str, part: str
) -> None:
    (tmp_path / "bad.toml").write_text(text)
    ended = fanout_sim("gate", *arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("fanout-sim: ")
    assert ended.err.count("\n") == 1
    assert part in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]
