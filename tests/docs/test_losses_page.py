"""docs/losses.md: its numbers are what the model computes now."""

import re
from functools import cache

import pytest

from sim import Trace, load, measure, perform, realize
from sim.measure.losses import losses
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^\|---.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
CAUSES, HERDS = (
    [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table.splitlines()[1:] if line]
    for table in TABLES
)


@cache
def told(name: str) -> Trace:
    return perform(realize(load(name)))


def count(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.parametrize("row", CAUSES, ids=lambda row: row[0])
def test_what_is_lost_and_who_recovers_it(row: list[str]) -> None:
    found = losses(told(row[0]))
    lost = [loss for loss in found if loss.cause != "late"]
    assert count(row[2]) == sum(loss.messages for loss in lost)
    assert count(row[3]) == sum(loss.messages for loss in found if loss.cause == "late")
    assert count(row[4]) == sum(loss.by_poll for loss in found)
    assert count(row[5]) == sum(loss.by_nobody for loss in found) == measure(told(row[0]))["events_lost"]
    longest_s = max((loss.after_max_s for loss in found if loss.after_max_s is not None), default=None)
    assert row[6] == ("-" if longest_s is None else f"{longest_s:.2f}".rstrip("0").rstrip("."))


@pytest.mark.parametrize("row", CAUSES, ids=lambda row: row[0])
def test_a_client_that_goes_by_sequence_loses_none_of_it_for_good(row: list[str]) -> None:
    cursor = realize(load(row[0]).override(policy="hybrid-cursor"))
    assert measure(perform(cursor))["events_lost"] == 0


def test_polls_that_get_503() -> None:
    (failed, polls) = re.findall(r"([\d,]+) of ([\d,]+) polls get 503", PAGE)[0]
    found = measure(told("slow-orchestrator"))
    assert (count(failed), count(polls)) == (found["polls_failed"], found["poll_requests"])


@pytest.mark.parametrize("row", HERDS, ids=lambda row: row[0])
def test_the_peaks_of_herds(row: list[str]) -> None:
    assert load(row[0]).policy.jitter == row[1]
    assert measure(told(row[0]))["polls_per_s_peak"] == count(row[2])
