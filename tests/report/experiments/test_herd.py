from typing import Any

import numpy as np
import pytest

from sim import load
from sim.experiments.herd import JITTERS, Case, herd
from sim.report.experiments.herd import peaks


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return herd(load("deploy-herd"), [40, 80])


def test_each_peak_stands_in_the_line_of_its_jitter_as_a_share_of_its_clients(cases: list[Case]) -> None:
    (axes,) = peaks(cases).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [f"jitter {jitter}" for jitter in JITTERS]
    drawn: dict[str, Any] = {str(line.get_label()): line for line in axes.lines}
    for count in (40, 80):
        some = [case for case in cases if case.clients == count]
        line = drawn[f"{count} clients"]
        assert np.asarray(line.get_xdata()).tolist() == [case.peak_per_s / count for case in some]
        assert np.rint(np.asarray(line.get_ydata())).tolist() == [JITTERS.index(case.jitter) for case in some]


def test_what_came_before_and_the_capacity_are_lines_across(cases: list[Case]) -> None:
    (axes,) = peaks(cases).axes
    at = {str(line.get_label()): float(np.asarray(line.get_xdata())[0]) for line in axes.lines}
    assert at["before"] == cases[0].level_per_s / 40
    assert at["capacity"] == cases[0].capacity_per_s / 40
