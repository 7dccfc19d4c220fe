"""All reports, in the order in which they are bound."""

from sim.contract.progress import Progress, part
from sim.report.audit import assemble as audit
from sim.report.capacity import assemble as capacity
from sim.report.capacity.gather import gather as gather_capacity
from sim.report.page import Page
from sim.report.reality import assemble as reality
from sim.report.reality.gather import gather as gather_reality
from sim.report.reality.recording import Recording
from sim.report.tuning import assemble as tuning
from sim.report.tuning.gather import gather as gather_tuning


def pages(recording: Recording | None, seed: int = 0, progress: Progress | None = None) -> list[Page]:
    """Perform all that the reports tell, but for the live world; the same seed and recording give the same."""
    return [
        audit.page(audit.gather(seed, part(progress, 0.0, 0.55))),
        reality.page(gather_reality(recording, seed, part(progress, 0.55, 0.8))),
        tuning.page(gather_tuning(seed, part(progress, 0.8, 0.95))),
        capacity.page(gather_capacity(seed, part(progress, 0.95, 1.0))),
    ]
