"""The command line as a process: its streams, its signals, its exit status (DESIGN.md section 7)."""

import io
import os
import signal
import sys

import typer

from sim.commands import INTERRUPTED
from sim.commands_gate import app
from sim.contract.errors import InputError

BAD_INPUT, TERMINATED = 2, 143


def main() -> int:
    """Run the command line of this process and give its exit status."""
    # a closed stream is None: what is written goes nowhere, to the end of the process
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a title may hold what the terminal cannot show
    # so that SIGTERM, and a terminal that closes, clean up as Ctrl-C does
    for terminating in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(terminating, lambda *_: sys.exit(TERMINATED))
    try:
        status: int = app(prog_name="fanout-sim", standalone_mode=False) or 0
    except InputError as error:
        return _complain(str(error))
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "fanout-sim"
        told = error.format_message().rstrip(".").replace(". D", "; d")
        return _complain(f"{told[:1].lower()}{told[1:]}; see {command} --help")
    except OSError as error:  # help that cannot be printed
        return _complain(f"cannot go on ({error.strerror})")
    except KeyboardInterrupt:
        status = INTERRUPTED
    if status == INTERRUPTED:  # typer makes this of an interrupt inside a command
        return _complain("interrupted", INTERRUPTED)
    return status


def _complain(sentence: str, status: int = BAD_INPUT) -> int:
    sys.stderr.write(f"fanout-sim: {' '.join(sentence.split())}\n")
    return status
