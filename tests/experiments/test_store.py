import json
from pathlib import Path

import pytest

from sim.contract.errors import InputError, ServiceError
from sim.experiments.point import Task
from sim.experiments.store import PROVENANCE, RECORD, Record, kept

from .small import INTERVAL, SCENARIO, measures

MADE = {"kind": "sweep", "seed": 0, "over": {INTERVAL: (2, 4.5)}, "command": "first", "git_commit": "a"}
POINT = {INTERVAL: 2}
TASK = Task(SCENARIO, 0, "model")
THIRD = measures(age_mean_s=1 / 3, latency_p99_s=None)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A folder with the record of one replication."""
    with kept(tmp_path / "run", MADE) as record:
        record.add(POINT, TASK, THIRD)
    return tmp_path / "run"


def test_a_replication_comes_back_to_the_bit(begun: Path) -> None:
    with kept(begun, MADE) as record:
        assert record.get(POINT, TASK) == THIRD


def test_another_point_seed_world_or_number_of_clients_is_another_replication(begun: Path) -> None:
    with kept(begun, MADE) as record:
        assert record.get({INTERVAL: 4.5}, TASK) is None
        assert record.get(POINT, TASK._replace(seed=1)) is None
        assert record.get(POINT, TASK._replace(world="fleet")) is None
        assert record.get(POINT, TASK._replace(scenario=SCENARIO.override(count=31))) is None


def test_what_is_done_is_there_before_the_folder_is_closed(tmp_path: Path) -> None:
    with kept(tmp_path, MADE) as record:
        record.add(POINT, TASK, THIRD)
        (line,) = (tmp_path / RECORD).read_text().splitlines()
        assert json.loads(line)["measures"] == THIRD


@pytest.mark.parametrize("cut", range(1, 40, 6))
def test_a_line_that_was_cut_off_is_dropped_and_those_before_it_stay(begun: Path, cut: int) -> None:
    with kept(begun, MADE) as record:
        record.add(POINT, TASK._replace(seed=1), THIRD)
    whole = (begun / RECORD).read_bytes()
    (begun / RECORD).write_bytes(whole[:-cut])
    with kept(begun, MADE) as record:
        assert record.get(POINT, TASK) == THIRD
        assert record.get(POINT, TASK._replace(seed=1)) is None
        record.add(POINT, TASK._replace(seed=1), THIRD)
    assert (begun / RECORD).read_bytes() == whole


def test_without_a_folder_the_record_is_in_memory() -> None:
    with kept(None, MADE) as record:
        record.add(POINT, TASK, THIRD)
        assert record.get(POINT, TASK) == THIRD
    assert Record().get(POINT, TASK) is None


def test_the_provenance_is_written_once_and_another_command_or_commit_goes_on(begun: Path) -> None:
    before = (begun / PROVENANCE).read_text()
    assert json.loads(before) == MADE | {"over": {INTERVAL: [2, 4.5]}}
    with kept(begun, MADE | {"command": "second", "git_commit": None}) as record:
        assert record.get(POINT, TASK) == THIRD
    assert (begun / PROVENANCE).read_text() == before


def test_a_folder_of_another_experiment_is_refused_and_left_alone(begun: Path) -> None:
    before = (begun / RECORD).read_bytes()
    sentence = rf"^{begun}: holds another experiment, whose seed differs: 0 there, 1 here$"
    with pytest.raises(InputError, match=sentence), kept(begun, MADE | {"seed": 1}):
        pass
    with pytest.raises(InputError, match="whose over differs"), kept(begun, MADE | {"over": {INTERVAL: (2,)}}):
        pass
    assert (begun / RECORD).read_bytes() == before


def test_of_another_scenario_the_first_line_that_differs_is_told(tmp_path: Path) -> None:
    with kept(tmp_path, MADE | {"scenario": 'title = "a"\ncount = 20\n'}):
        pass
    sentence = r"whose scenario differs: \"count = 20\" there, \"count = 30\" here$"
    with pytest.raises(InputError, match=sentence), kept(tmp_path, MADE | {"scenario": 'title = "a"\ncount = 30\n'}):
        pass


def test_of_another_version_it_is_told_what_is_other_and_how_to_go_on(tmp_path: Path) -> None:
    versions = {"fanout-sim": "1.0", "sources of fanout-sim": "12ab"}
    with kept(tmp_path, MADE | {"versions": versions}):
        pass
    other = MADE | {"versions": versions | {"sources of fanout-sim": "34cd"}, "git_commit": "b"}
    with pytest.raises(InputError) as told, kept(tmp_path, other):
        pass
    assert str(told.value) == (
        f"{tmp_path}: was begun with other sources of fanout-sim (12ab there, 34cd here), which may give other "
        "numbers; go on with what began it, commit a, or begin a new folder"
    )


@pytest.mark.parametrize(
    "files",
    [
        {"mine.txt": "x"},
        {PROVENANCE: "{"},
        {PROVENANCE: "{}"},
        {PROVENANCE: "[]"},
        {PROVENANCE: json.dumps(MADE | {"versions": []})},
    ],
)
def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    made = MADE | {"versions": {"numpy": "2.0"}}
    with pytest.raises(InputError, match="holds no sweep or search of this program"), kept(tmp_path, made):
        pass
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_a_record_of_something_else_is_refused(begun: Path) -> None:
    (begun / RECORD).write_text('{"world": "model"}\n')
    with pytest.raises(InputError, match="holds something else than replications"), kept(begun, MADE):
        pass


def test_two_at_once_in_one_folder_are_refused(begun: Path) -> None:
    with kept(begun, MADE), pytest.raises(InputError, match="another process is at work there"), kept(begun, MADE):
        pass
    with kept(begun, MADE):
        pass


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = pytest.raises(ServiceError, match=r"file/run: cannot be used \(Not a directory\)$")
    with told, kept(tmp_path / "file" / "run", MADE):
        pass
