"""The page that holds the model against reality; the virtual world stands for the live one, which takes minutes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sim.contract.errors import InputError
from sim.contract.script import Script
from sim.contract.trace import Row, Trace
from sim.report.page import Badge
from sim.report.page_markdown import as_markdown
from sim.report.reality.assemble import page
from sim.report.reality.gather import Reality, gather
from sim.report.reality.recording import DISTRIBUTION, STORY, Recording, read, record
from sim.scenarios import catalog
from sim.verify import suite
from sim.worlds import perform

from .pages import grids, problems, section

NAMES = (STORY, DISTRIBUTION, "dropped-then-completed", "listing-cancelled", "best-case")
LATE_US, TOO_LATE_US = 3_000, 300_000


def late(row: Row, by_us: int) -> Row:
    return (row[0] + by_us, *row[1:])


def performed(scripts: Sequence[Script], *_: object) -> list[Trace]:
    """What the live world might give: all a little late, and `best-case` more than the margin."""
    found = []
    for script in scripts:
        rows = perform(script, "virtual").rows
        slow = script.scenario.title == catalog.load("best-case").title
        by_us = TOO_LATE_US if slow else LATE_US
        found.append(Trace([late(row, by_us) for row in rows], world="live", script=script))
    return found


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "names", lambda: NAMES)
        patch.setattr(suite, "perform_live", performed)
        yield record()


@pytest.fixture(scope="module")
def found(recording: Recording) -> Iterator[Reality]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "names", lambda: NAMES)
        yield gather(recording)


def stale(found: Reality, name: str) -> Reality:
    return replace(found, held=tuple(replace(one, stale=one.name == name) for one in found.held))


def badges(found: Reality) -> dict[str, list[str]]:
    """The verdicts of each scenario: virtual, live."""
    (grid,) = grids(section("Agreement, scenario by scenario", page(found)))
    return {
        one.name: [cell.words if isinstance(cell, Badge) else str(cell) for cell in row[3:5]]
        for one, row in zip([one for one in found.held if one.virtual], grid.rows, strict=True)
    }


def test_a_recording_is_read_as_it_was_written(recording: Recording, tmp_path: Path) -> None:
    (tmp_path / "live.json").write_text(recording.to_json())
    assert read(tmp_path / "live.json") == recording
    assert set(recording.scenarios) == {*NAMES} - {"listing-cancelled"}


def test_without_a_file_there_is_no_recording(tmp_path: Path) -> None:
    assert read(tmp_path / "live.json") is None


@pytest.mark.parametrize("content", ["", "{}", '{"seed": "none"}', "\xff"])
def test_another_file_is_no_recording_and_it_is_said_what_makes_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "live.json").write_text(content, encoding="latin-1")
    with pytest.raises(InputError, match=r"live\.json: is no recording .* fanout-sim report --live makes one"):
        read(tmp_path / "live.json")


def test_the_page_is_whole(found: Reality) -> None:
    assert problems(page(found)) == []
    assert [picture.name for picture in page(found).pictures()] == ["deviations", "story", "latencies-by-world"]


def test_each_scenario_that_the_reference_performs_has_its_verdicts(found: Reality) -> None:
    assert badges(found) == {
        STORY: ["agree", "agree"],
        DISTRIBUTION: ["agree", "agree"],
        "dropped-then-completed": ["agree", "agree"],
        "best-case": ["agree", "differ"],
    }


def test_what_differs_is_told_with_its_first_row(found: Reality) -> None:
    told = as_markdown(page(found)).partition("## What was not decided, and why")[2]
    assert "`best-case`: 0 of 1 clients agree within 0.25 s, 1 differ: model has" in told


def test_counts_that_are_the_same_are_told_once(found: Reality) -> None:
    (grid,) = grids(section("Counts, predicted and real", page(found)))
    polls = {row[0]: row[1] for row in grid.rows}
    by_name = {one.name: one for one in found.held}
    assert polls == {f"`{one.name}`": str(one.measures["poll_requests"]) for one, _ in found.counted}
    assert "listing-cancelled" in by_name.keys() - {one.name for one, _ in found.counted}


def test_a_recording_of_another_prediction_counts_no_more_and_that_is_said(found: Reality) -> None:
    old = stale(found, STORY)
    assert badges(old)[STORY] == ["agree", "-"]
    told = as_markdown(page(old))
    assert f"`{STORY}` was recorded before its prediction changed" in told
    assert [picture.name for picture in page(old).pictures()] == ["deviations", "latencies-by-world"]
    assert problems(page(old)) == []


def test_a_prediction_that_changed_makes_the_recording_stale(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "dropped-then-completed"
    monkeypatch.setattr(catalog, "names", lambda: [name, STORY])
    other = replace(recording.scenarios[name], predicted="of another model")
    changed = replace(recording, scenarios=recording.scenarios | {name: other})
    assert [one.stale for one in gather(changed).held] == [True, False]


def test_without_a_recording_the_page_says_how_to_make_one(found: Reality) -> None:
    held = tuple(replace(one, live=None, stale=False) for one in found.held)
    bare = page(replace(found, recording=None, held=held))
    assert "nothing is recorded; `fanout-sim report --live` does it" in as_markdown(bare)
    assert list(bare.pictures()) == []
    assert problems(bare) == []


def test_the_same_recording_gives_the_same_page(found: Reality) -> None:
    assert as_markdown(page(found)) == as_markdown(page(found))
