"""What the report tells, from few runs; once for all tests of one process."""

from functools import cache

from sim.audit.listings import listings
from sim.audit.loss import analyse
from sim.report.audit import assemble
from sim.report.audit.assemble import Findings
from sim.report.page import Page
from sim.report.publish import of_page
from sim.verify.guarantee import guarantee

from ..audit.small import small


@cache
def findings() -> Findings:
    return Findings(0, small(0), listings(), guarantee(22), analyse(clients=3))


@cache
def page() -> Page:
    return assemble.page(findings())


@cache
def written() -> dict[str, str]:
    """The content of each file."""
    return of_page(page())
