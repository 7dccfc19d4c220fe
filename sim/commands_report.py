"""The command report, a thin one over sim.report."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.commands import REDIS, app, live_options

__all__ = ["app"]


@app.command(
    epilog="\b\nExamples:\n  fanout-sim report\n  fanout-sim report --live\n  fanout-sim report --out /tmp/reports"
)
def report(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the reports go, and live.json is; only --live changes that.")
    ] = Path("reports"),
    live: Annotated[
        bool, typer.Option("--live", help="Perform every scenario on real sockets first, and keep it as live.json.")
    ] = False,
    redis: Annotated[str | None, REDIS] = None,
) -> None:
    """Write all reports with their figures again, and index.html, which holds them all; takes some minutes."""
    from sim.report import files, publish, reports, terminal
    from sim.report.reality import recording

    live_options(redis, ["live"] if live else [])
    with publish.prepared(out):
        kept = out / "live.json"
        if live:
            with terminal.progress_bar("performing on real sockets") as progress:
                performed = recording.record(redis=redis, progress=progress)
            with files.whole_file(kept) as stream:
                stream.write(performed.to_json())
        known = recording.read(kept)
        with terminal.progress_bar("making the reports") as progress:
            pages = reports.pages(known, progress=progress)
        written = publish.write(pages, out)
    with terminal.printing():
        sys.stdout.writelines(f"{path}\n" for path in written)
