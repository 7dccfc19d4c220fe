"""Herds: what befalls too many clients in one instant to be judged live."""

from typing import Any

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Row, Trace
from sim.verify.agreement import compare
from sim.verify.herds import herds_us
from sim.worlds import perform

MARGIN_US = 250_000


def script(count: int = 400, start_s: Any = None, **fault: Any) -> Script:
    client = {"count": count, "start_s": {"uniform": [0.0, 1.0]} if start_s is None else start_s}
    table = {"title": "x", "horizon_s": 9.0, "client": client, "workload": {"even": {"count": 3, "every_s": 2.0}}}
    return realize(Scenario.from_dict(table | {"fault": [fault] if fault else []}))


@pytest.mark.parametrize(
    ("fault", "at_s"),
    [
        ({"kind": "fanout-restart", "at_s": 3.0, "for_s": 1.0}, 3.0),
        ({"kind": "connection-lost", "at_s": 3.5}, 3.5),
        ({"kind": "partition", "at_s": 3.0, "for_s": 2.0}, 5.0),
    ],
)
def test_more_clients_than_the_margin_has_milliseconds_are_a_herd(fault: dict[str, Any], at_s: float) -> None:
    assert herds_us(script(**fault), MARGIN_US) == (at_s * 1e6,)
    assert herds_us(script(count=250, **fault), MARGIN_US) == ()
    assert herds_us(script(**fault), 1_000_000) == ()


def test_a_fault_that_hits_few_of_many_is_no_herd() -> None:
    assert herds_us(script(kind="connection-lost", at_s=3.5, fraction=0.5), MARGIN_US) == ()
    assert herds_us(script(kind="partition", at_s=3.0, for_s=2.0, fraction=0.5), MARGIN_US) == ()


def test_losses_spread_over_time_are_no_herd() -> None:
    assert herds_us(script(kind="connection-lost", between_s=[3.0, 4.0]), MARGIN_US) == ()


def test_clients_that_all_start_at_once_are_a_herd() -> None:
    assert herds_us(script(start_s=1.5), MARGIN_US) == (1_500_000,)
    assert herds_us(script(), MARGIN_US) == ()


def late_closes(found: list[Row], by_us: int) -> list[Row]:
    return [(row[0] + by_us * (row[2] == "websocket_closed"), *row[1:]) for row in found]


def test_what_a_herd_does_late_is_not_decided_and_what_few_do_late_differs() -> None:
    verdicts = []
    for count in (400, 20):
        cut = script(count=count, kind="connection-lost", at_s=3.5)
        model = perform(cut, "model")
        live = Trace(late_closes(model.rows, 300_000), world="live", script=cut)
        verdicts.append(compare(model, live).verdict)
    assert verdicts == ["not decided", "differ"]


def test_that_a_server_comes_back_late_under_a_herd_is_not_decided_and_otherwise_differs() -> None:
    verdicts = []
    for count in (400, 20):
        restart = script(count=count, kind="fanout-restart", at_s=3.0, for_s=1.0)
        model = perform(restart, "model")
        late = [(row[0] + 300_000 * (row[2] == "outage_ended"), *row[1:]) for row in model.rows]
        verdicts.append(compare(model, Trace(late, world="live", script=restart)).verdict)
    assert verdicts == ["not decided", "differ"]
