"""The files of the audit's page."""

from sim.report.page import Page
from sim.report.publish import of_page


def files(page: Page) -> dict[str, str]:
    """The content of each file by its path within the folder of reports."""
    return of_page(page)
