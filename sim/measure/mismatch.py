"""What is said of a trace and a script that do not belong together."""

from collections.abc import Iterator
from contextlib import contextmanager

from sim.contract.errors import TraceError
from sim.contract.script import Script
from sim.contract.trace import Row, seconds


@contextmanager
def of_one_script(script: Script, row: Row) -> Iterator[None]:
    """Raise TraceError, naming the row, where something in the script that the row speaks of is not there."""
    try:
        yield
    except (IndexError, ValueError, ZeroDivisionError):
        raise TraceError(
            f"the trace is not of the scenario {script.scenario.title!r}: "
            f"it has no such {row[2]} as that of client {row[1]} at {seconds(row[0])} s"
        ) from None
