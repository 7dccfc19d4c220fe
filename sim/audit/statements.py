"""Every statement of the document, in its order, judged."""

from sim.audit.facts import Facts
from sim.audit.sections import (
    backoff,
    benefits,
    checklist,
    cursor,
    errors,
    listing,
    performance,
    problem,
    server,
    timelines,
)
from sim.audit.statement import Statement

SECTIONS = (problem, listing, timelines, benefits, server, errors, performance, backoff, checklist, cursor)
"""In the document's order; what we put beside it comes last."""


def statements(facts: Facts) -> tuple[Statement, ...]:
    """All statements, each with its checks done."""
    return tuple(statement for section in SECTIONS for statement in section.statements(facts))
