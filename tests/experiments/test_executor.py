import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.contract.errors import CannotPerform, ServiceError
from sim.experiments import executor as module
from sim.experiments.executor import executor, processes, serial
from sim.experiments.point import Task

from .small import SCENARIO

TASKS = [
    Task(SCENARIO.override(poll_interval_s=interval_s), seed, world)
    for interval_s, seed, world in ((2.0, 0, "fleet"), (8.0, 1, "model"), (4.0, 2, "fleet"))
]
LONG = Task(SCENARIO.override(count=200_000), 0, "model")


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def test_processes_give_the_numbers_of_this_process_to_the_bit_and_in_order() -> None:
    with serial() as here, processes(2) as there:
        assert list(here(TASKS)) == list(there(TASKS))


def test_one_worker_is_this_process_itself_and_none_named_is_one_per_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(module, "processes", asked.append)
    monkeypatch.setattr(module, "serial", lambda: asked.append(0))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    for workers in (None, 1, 5):
        executor(workers)
    assert asked == [3, 0, 5]


def test_what_a_world_cannot_perform_is_told_from_there() -> None:
    listing = Task(SCENARIO.override(policy="hybrid-listing"), 0, "virtual")
    with pytest.raises(CannotPerform), processes(1) as run:
        list(run([listing]))


def test_an_interruption_does_not_wait_for_what_is_performed() -> None:
    def interrupted() -> None:
        with processes(2) as run:
            next(run([TASKS[1], LONG, LONG]))
            raise KeyboardInterrupt

    begun_s = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begun_s < 30  # the long ones take minutes


def test_workers_leave_ctrl_c_to_the_process_that_started_them() -> None:
    with processes(1) as run:
        measured = run([TASKS[1]] * 3)
        first = next(measured)
        (worker,) = multiprocessing.active_children()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGINT)
        assert list(measured) == [first, first]


def test_a_worker_that_is_killed_is_one_sentence() -> None:
    def killing() -> None:
        with processes(1) as run:
            measured = run([TASKS[1], LONG])
            next(measured)
            (worker,) = multiprocessing.active_children()
            worker.kill()
            next(measured)

    with pytest.raises(ServiceError, match=r"^a worker process ended before its work was done"):
        killing()


def test_workers_end_with_the_process_that_started_them_even_where_it_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, sys\n"
        "from tests.experiments.test_executor import LONG, TASKS, processes\n"
        "if __name__ == '__main__':\n"
        "    with processes(1) as run:\n"
        "        measured = run([TASKS[1], LONG])\n"
        "        next(measured)\n"
        "        print(*(child.pid for child in multiprocessing.active_children()), flush=True)\n"
        "        next(measured)\n"
    )
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # Python's own helper counts what the killed one left
        text=True,
        env=os.environ | {"PYTHONPATH": root},
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert _runs(worker)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _runs(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    """Whether the process is there, and not dead and merely waited for by nobody."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
