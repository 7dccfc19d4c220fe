"""What the document's own code does where its prose says something else."""

from collections.abc import Sequence

from sim.audit.listings import ListingRow
from sim.report.page import Grid, Lines, Link, Paragraph, Section
from sim.report.tables import number

TITLE = "What the document's listings do"


def section(rows: Sequence[ListingRow]) -> Section:
    """Each shipped scenario of a listing, beside the prose in the same run."""
    told = Paragraph(
        (
            "The document describes its client twice: in prose and timelines, and as React code. They are not the "
            "same client. The model performs the code as it is written, defects included, by the rules of ",
            Link("docs/listings.md", "../docs/listings.md"),
            ". Each row is a shipped scenario that can be run: `fanout-sim verify NAME --worlds model`.",
        )
    )
    cells = [
        (
            Lines([f"{row.title[:1].upper()}{row.title[1:]}", f"`{row.name}`"]),
            number(row.prose["poll_requests"]),
            number(row.code["poll_requests"]),
            number(row.prose["events_lost"]),
            number(row.code["events_lost"]),
            Lines(row.because),
        )
        for row in rows
    ]
    columns = (
        "what happens",
        "polls, prose",
        "polls, code",
        "events never shown, prose",
        "events never shown, code",
        "why the code differs",
    )
    grid = Grid("The same run by the prose and by the code", columns, cells, columns[1:5], (columns[5],))
    return Section(TITLE, (told, grid))
