"""All reports, in the order in which they are bound."""

from sim.contract.progress import Progress, part
from sim.report.audit import assemble as audit
from sim.report.page import Page


def pages(seed: int = 0, progress: Progress | None = None) -> list[Page]:
    """Perform all that the reports tell; the same seed gives the same."""
    return [audit.page(audit.gather(seed, part(progress, 0.0, 1.0)))]
