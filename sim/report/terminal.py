"""The terminal: people's output through rich, and a progress bar where somebody watches."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from sim.contract.errors import ServiceError
from sim.contract.progress import Progress
from sim.report.tables import Table

SHOW_PROGRESS_AFTER_S = 2.0
WIDTH_IN_FILES = 160
"""Columns of a table that goes to a file or a pipe."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `printing` that nobody reads any more; rich would end the program."""
        raise  # noqa: PLE0704  (rich calls this while it handles the BrokenPipeError)


def console() -> Console:
    """Standard output for people; text is printed as it is, without markup."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH_IN_FILES
    return _Console(markup=False, highlight=False, emoji=False, width=width)


def print_table(out: Console, table: Table) -> None:
    """Drawn for a terminal, plain lines and an empty one after them in a file."""
    if sys.stdout.isatty():
        out.print(table.to_rich())
    else:
        out.print(*map(Text, table.to_lines()), "", sep="\n", soft_wrap=True)


def print_line(out: Console, text: Text) -> None:
    """Wrapped for a terminal's width, but one line in a file."""
    out.print(text, soft_wrap=not sys.stdout.isatty())


@contextmanager
def printing() -> Iterator[None]:
    """Print to standard output; once nobody reads it, as with `| head -1`, the rest goes nowhere."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _discard()
    except OSError as error:
        _discard()
        raise ServiceError(f"standard output cannot be written ({error.strerror})") from None


def _discard() -> None:
    """Send what is still buffered for standard output, and all that follows, nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def progress_bar(what: str) -> Iterator[Progress | None]:
    """Shows a bar on standard error once the work takes long; None where no terminal would show it."""
    if not sys.stderr.isatty():
        yield None
        return
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bar = Bar(*columns, console=console, transient=True)
    task = bar.add_task(what, total=1.0)
    started_s = time.monotonic()

    def report(share: float) -> None:
        bar.update(task, completed=share)
        if time.monotonic() - started_s > SHOW_PROGRESS_AFTER_S:
            bar.start()

    try:
        yield report
    finally:
        bar.stop()
