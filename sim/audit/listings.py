"""What the document's own code does: each shipped scenario of a listing, beside the client of the prose."""

from dataclasses import dataclass

from sim.contract.script import realize
from sim.contract.totals import Value
from sim.measure.metrics import measure
from sim.scenarios import catalog
from sim.verify.claims import judge_all
from sim.worlds import perform


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One scenario of a listing.

    name, title: of the scenario. policy: which listing it is.
    code, prose: all measures of the listing, and in the same run of what the prose says of it (`hybrid`,
        `hybrid-backoff`).
    because: why claims of the document are contradicted by the code, a reason each.
    """

    name: str
    title: str
    policy: str
    code: dict[str, Value]
    prose: dict[str, Value]
    because: tuple[str, ...]


def listings(seed: int = 0) -> tuple[ListingRow, ...]:
    """All shipped scenarios whose policy is a listing, by name."""
    rows = []
    for name in catalog.names():
        scenario = catalog.load(name)
        if scenario.policy.listing == "none":
            continue
        trace = perform(realize(scenario, seed))
        judged = zip(scenario.claims, judge_all(scenario.claims, trace), strict=True)
        because = [claim.because for claim, found in judged if found.verdict == "contradicted" and claim.because]
        of_prose = "hybrid-backoff" if scenario.policy.listing == "backoff" else "hybrid"
        prose = perform(realize(scenario.override(policy=of_prose), seed))
        title = scenario.title.partition(": ")[2] or scenario.title
        measures = measure(trace), measure(prose)
        rows.append(ListingRow(name, title, scenario.client.policy, *measures, tuple(dict.fromkeys(because))))
    return tuple(rows)
