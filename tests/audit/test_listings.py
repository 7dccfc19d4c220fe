from functools import cache

from sim.audit.listings import ListingRow, listings
from sim.contract.script import realize
from sim.scenarios import catalog
from sim.worlds import perform


@cache
def rows() -> dict[str, ListingRow]:
    return {row.name: row for row in listings()}


def test_every_shipped_scenario_of_a_listing_has_a_row_by_name() -> None:
    names = [name for name in catalog.names() if catalog.load(name).policy.listing != "none"]
    assert list(rows()) == names != []
    assert {row.policy for row in rows().values()} == {"hybrid-listing", "hybrid-listing-backoff"}


def test_the_code_never_polls_where_the_websocket_never_opens_and_the_prose_does() -> None:
    row = rows()["listing-never-opens"]
    assert (row.code["poll_requests"], row.code["events_lost"]) == (0, 10)
    assert (row.prose["poll_requests"], row.prose["events_lost"]) == (8, 0)


def test_the_listing_of_the_backoff_stands_beside_the_prose_of_the_backoff() -> None:
    scenario = catalog.load("listing-backoff-runs-on")
    prose = perform(realize(scenario.override(policy="hybrid-backoff")))
    sent = sum(row[2] == "poll_sent" for row in prose.rows)
    assert rows()["listing-backoff-runs-on"].prose["poll_requests"] == sent


def test_reasons_are_those_of_contradicted_claims_each_once() -> None:
    for row in rows().values():
        claims = catalog.load(row.name).claims
        assert set(row.because) <= {claim.because for claim in claims if claim.expected == "contradicted"}
        assert len(set(row.because)) == len(row.because) > 0


def test_titles_go_without_saying_whose_code_it_is() -> None:
    assert rows()["listing-never-opens"].title == "the WebSocket never opens"
