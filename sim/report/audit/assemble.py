"""The page of the audit, from what was found."""

from dataclasses import dataclass
from importlib.metadata import version

from sim.audit.listings import ListingRow, listings
from sim.audit.loss import LossAnalysis, analyse
from sim.audit.run import Audit, audit
from sim.contract.progress import Progress, part
from sim.report.audit import benefits, cursor, losses, statements, summary
from sim.report.audit import listings as listings_section
from sim.report.page import Code, Page, Paragraph, Section
from sim.verify.guarantee import Guarantee, guarantee


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
        "REALTIME_UPDATES.md, audited",
        summary.section(found.audit),
        (
            statements.section(documented),
            benefits.section(found.audit.benefits),
            benefits.intervals(found.audit.intervals),
            listings_section.section(found.listings),
            cursor.section(ours, found.guarantee),
            losses.section(found.losses),
            _again(found.seed),
        ),
    )


def _again(seed: int) -> Section:
    return Section(
        "How to make this page again",
        (
            Paragraph(
                f"Every number follows from seed {seed} and fanout-sim {version('fanout-sim')}; the same seed and "
                "version give the same page. It takes some minutes and writes `reports/document-audit.md`, "
                "`reports/document-audit.html` and the figures in `reports/document-audit/`:"
            ),
            Code("fanout-sim report"),
            Paragraph("To see the scenarios judged on real sockets beside the model:"),
            Code("fanout-sim verify"),
        ),
    )
