"""What can be performed here: policies that this world knows, file descriptors enough."""

import resource
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sim.contract.errors import CannotPerform, ServiceError
from sim.contract.script import Script

DESCRIPTORS_PER_WEBSOCKET = 6
DESCRIPTORS_PER_POLL = 4
DESCRIPTORS_SPARE = 100
"""For Redis, the listening sockets, and whatever else the process has open."""


def check_performable(script: Script, world: str) -> None:
    """Raise CannotPerform, naming the scenario, for what this world does not do."""
    if script.policy.listing != "none":
        raise CannotPerform(
            f"{script.scenario.title}: world {world} cannot perform client.policy = "
            f"{script.scenario.client.policy!r}, which the model alone performs"
        )


@contextmanager
def enough_descriptors(scripts: Iterable[Script]) -> Iterator[None]:
    """Raise this process's limit of open files as far as needed, and put it back.

    Raises ServiceError where the hard limit is too low: every connection has both its ends, the proxy's two, and the
    proxy's knock at the server, in this process.
    """
    needed = DESCRIPTORS_SPARE + sum(
        script.clients
        * (DESCRIPTORS_PER_WEBSOCKET * script.policy.websocket + DESCRIPTORS_PER_POLL * script.policy.polling)
        for script in scripts
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        yield
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ServiceError(
            f"{sum(s.clients for s in scripts):,} clients need {needed:,} file descriptors, but the hard limit of "
            f"this process is {hard:,}; raise it (ulimit -n) or take fewer clients"
        )
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    except (ValueError, OSError) as error:  # macOS knows a lower limit of its own
        raise ServiceError(
            f"the limit of {soft:,} file descriptors cannot be raised to the needed {needed:,} ({error}); "
            "raise it (ulimit -n) or take fewer clients"
        ) from None
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
