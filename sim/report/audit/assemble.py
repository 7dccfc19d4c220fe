"""The page of the audit, from what was found."""

from dataclasses import dataclass

from sim.audit.listings import ListingRow, listings
from sim.audit.loss import LossAnalysis, analyse
from sim.audit.run import Audit, audit
from sim.contract.progress import Progress, part
from sim.report.again import again
from sim.report.audit import benefits, cursor, losses, statements, summary
from sim.report.audit import listings as listings_section
from sim.report.page import Page
from sim.verify.guarantee import Guarantee, guarantee

NAME = "document-audit"


@dataclass(frozen=True, slots=True)
class Findings:
    """What the report tells; the same seed gives the same."""

    seed: int
    audit: Audit
    listings: tuple[ListingRow, ...]
    guarantee: Guarantee
    losses: LossAnalysis


def gather(seed: int = 0, progress: Progress | None = None) -> Findings:
    """Perform everything that the report tells, in some three minutes."""
    return Findings(
        seed,
        audit(part(progress, 0.0, 0.5), seed),
        listings(seed),
        guarantee(seed=seed, progress=part(progress, 0.5, 0.92)),
        analyse(seed, progress=part(progress, 0.92, 1.0)),
    )


def page(found: Findings) -> Page:
    """The page."""
    documented = [one for one in found.audit.statements if not one.ours]
    ours = [one for one in found.audit.statements if one.ours]
    return Page(
        NAME,
        "REALTIME_UPDATES.md, audited",
        f"each of the document's {len(documented)} statements with a verdict and its evidence, its Benefits table as "
        "numbers, how events are lost for good, and a protocol that keeps what the document promises.",
        summary.section(found.audit),
        (
            statements.section(documented),
            benefits.section(found.audit.benefits),
            benefits.intervals(found.audit.intervals),
            listings_section.section(found.listings),
            cursor.section(ours, found.guarantee),
            losses.section(found.losses),
            again(found.seed, ("To see the scenarios judged on real sockets beside the model:", "fanout-sim verify")),
        ),
    )
