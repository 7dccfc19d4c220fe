import builtins
import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from distributed import Client, LocalCluster

from sim.contract.errors import InputError, ServiceError
from sim.experiments import cluster as module
from sim.experiments.cluster import cluster
from sim.experiments.executor import serial
from sim.experiments.sweep import sweep

from .small import INTERVAL, SCENARIO
from .test_executor import TASKS


@contextmanager
def local(workers: int, *, processes: bool = False) -> Iterator[str]:
    """The address of a cluster in this process, or in some of its own; port 0 is any."""
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers,
        threads_per_worker=1,
        processes=processes,
        dashboard_address="127.0.0.1:0",
        protocol="tcp",
        host="127.0.0.1",
    ) as found:
        yield found.scheduler_address


def apart() -> dict[str, str]:
    """Versions that are others in a worker's thread than here."""
    return {"numpy": "2.0" if threading.current_thread() is threading.main_thread() else "1.9"}


def interrupted(address: str) -> None:
    with cluster(address) as run:
        next(run(TASKS))
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of two workers on this machine, in this process."""
    with local(2) as address:
        yield address
    assert multiprocessing.active_children() == []


def test_a_cluster_gives_the_numbers_of_this_process_to_the_bit_and_in_order(scheduler: str) -> None:
    with serial() as here, cluster(scheduler) as there:
        assert list(here(TASKS)) == list(there(TASKS))


def test_a_sweep_on_a_cluster_is_the_sweep_in_this_process(scheduler: str) -> None:
    over = {INTERVAL: [2, 4]}
    assert sweep(SCENARIO, over, replications=2, dask=scheduler) == sweep(SCENARIO, over, replications=2)


@pytest.mark.slow
@pytest.mark.parametrize("world", ["fleet", "model"])
def test_so_it_is_with_workers_in_processes_of_their_own(world: str) -> None:
    over = {INTERVAL: [1, 2, 4, 8]}
    with local(2, processes=True) as address:
        with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            workers = set(client.run(os.getpid).values())
        there = sweep(SCENARIO, over, world=world, replications=4, dask=address)
    assert len(workers - {os.getpid()}) == 2
    assert there == sweep(SCENARIO, over, world=world, replications=4)


def test_the_cluster_goes_on_after_an_interruption(scheduler: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(scheduler)
    with cluster(scheduler) as run:
        assert len(list(run(TASKS[:1]))) == 1


def test_workers_with_other_versions_are_refused(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "versions", apart)
    told = pytest.raises(ServiceError, match=r"^the Dask worker tcp://\S+ has numpy 1\.9, but here it is 2\.0$")
    with told, cluster(scheduler):
        pass


def test_a_cluster_without_workers_is_refused() -> None:
    told = pytest.raises(ServiceError, match=r"^the Dask scheduler at tcp://127\.0\.0\.1:\d+ has no workers$")
    with local(0) as address, told, cluster(address):
        pass


def test_a_scheduler_that_does_not_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT_WITHIN_S", 0.2)
    told = pytest.raises(ServiceError, match=r"^no Dask scheduler answers at tcp://127\.0\.0\.1:1 \(.*\)$")
    with told, cluster("tcp://127.0.0.1:1"):
        pass


@pytest.mark.parametrize("address", ["localhost", "tcp://localhost", "http://localhost:8786", ""])
def test_what_is_no_address_is_said_with_an_example(address: str) -> None:
    told = pytest.raises(InputError, match=r"must be a scheduler's address, such as tcp://10\.0\.0\.1:8786$")
    with told, cluster(address):
        pass


def test_a_missing_distributed_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "distributed":
            raise ImportError
        return original(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    told = pytest.raises(InputError, match=r"^--dask needs the extra cluster: pip install 'fanout-sim\[cluster\]'$")
    with told, cluster("tcp://127.0.0.1:8786"):
        pass
