"""How long the ids of runs are where there are more than a million."""

from sim.contract.script import realize
from sim.scenarios import catalog
from sim.worlds import totals

MILLION = 1_000_000
LONG = 3
"""Clients from number 1,000,000 on, whose runs' ids have seven digits in place of six."""


def test_from_the_millionth_client_on_each_message_and_answer_is_a_byte_longer() -> None:
    scenario = catalog.load("websocket-drops-messages")
    one, all_ = (totals(realize(scenario.override(count=count))).measures() for count in (1, MILLION + LONG))
    answers = int(one["poll_requests"] or 0) - int(one["polls_failed"] or 0)
    assert all_["bytes_http"] == (MILLION + LONG) * int(one["bytes_http"] or 0) + LONG * answers
    received = int(one["messages_received"] or 0)
    assert answers > 0
    assert received > 0
    assert all_["bytes_websocket"] == (MILLION + LONG) * int(one["bytes_websocket"] or 0) + LONG * received
