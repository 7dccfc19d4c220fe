"""Cluster: replications performed by the workers of an existing Dask cluster."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sim.contract.errors import InputError, ServiceError
from sim.experiments.point import Measures, Task, performed
from sim.experiments.provenance import versions

if TYPE_CHECKING:
    from distributed import Client

    from sim.experiments.executor import Run

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://\S+:\d+")

CONNECT_WITHIN_S = 10
"""After which a scheduler counts as not there."""


@contextmanager
def cluster(address: str) -> Iterator["Run"]:
    """On the workers of the Dask cluster whose scheduler listens at this address, such as `tcp://10.0.0.1:8786`.

    The workers need the same fanout-sim as this process. Raises InputError for what is no address and where
    `distributed` is missing here; ServiceError where the scheduler cannot be reached, or has no
    such workers.
    """
    if not _ADDRESS.fullmatch(address):
        raise InputError(f"--dask {address!r} must be a scheduler's address, such as tcp://10.0.0.1:8786")
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--dask needs the extra cluster: pip install 'fanout-sim[cluster]'") from None
    try:
        client = Client(address, timeout=CONNECT_WITHIN_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ServiceError(f"no Dask scheduler answers at {address} ({_short(error)})") from None
    with client:
        _check_workers(client, address)
        yield lambda tasks: _mapped(client, address, tasks)


def _check_workers(client: "Client", address: str) -> None:
    try:
        found = client.run(versions)
    except ImportError:
        raise ServiceError(f"the Dask workers at {address} do not have fanout-sim") from None
    if not found:
        raise ServiceError(f"the Dask scheduler at {address} has no workers")
    here = versions()
    for worker, there in found.items():
        other = next((name for name in here if here[name] != there[name]), None)
        if other is not None:
            raise ServiceError(f"the Dask worker {worker} has {other} {there[other]}, but here it is {here[other]}")


def _mapped(client: "Client", address: str, tasks: Sequence[Task]) -> Iterator[Measures]:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    futures = client.map(performed, tasks, pure=False)
    try:
        for future in futures:
            yield future.result()
    except (OSError, KilledWorker, FutureCancelledError) as error:
        raise ServiceError(f"the Dask cluster at {address} gave up a replication ({_short(error)})") from None
    finally:
        client.cancel(futures)  # type: ignore[no-untyped-call]


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
