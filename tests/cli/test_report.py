from pathlib import Path

import pytest

from sim.report import reports
from sim.report.page import Page, Paragraph, Picture, Section
from sim.report.reality import recording
from sim.report.reality.recording import Recording
from tests.cli.conftest import Command

PAGE = Page(
    "document-audit",
    "The audit",
    "in a sentence",
    Section("Summary", (Paragraph("in short"),)),
    (Section("More", (Picture("plot", "<svg></svg>", "it rises", "look"),)),),
)
FILES = ["document-audit.html", "document-audit.md", "document-audit/plot.svg", "index.html"]


@pytest.fixture(autouse=True)
def audited(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the reports tell takes minutes; here it is nothing."""
    monkeypatch.setattr(reports, "pages", lambda recording, **options: [PAGE])


def found(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_report_goes_to_reports_and_its_files_are_named(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("report")
    assert (ended.status, ended.err) == (0, "")
    assert sorted(ended.out.splitlines()) == [f"reports/{name}" for name in FILES]
    assert found(tmp_path / "reports") == FILES
    assert (tmp_path / "reports/document-audit.md").read_text().startswith("# The audit\n")
    assert (tmp_path / "reports/document-audit.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "reports/document-audit/plot.svg").read_text() == "<svg></svg>"


def test_another_folder_can_be_named_and_is_made(fanout_sim: Command, tmp_path: Path) -> None:
    assert fanout_sim("report", "--out", "deep/er").status == 0
    assert found(tmp_path / "deep/er") == FILES


def test_an_old_report_is_replaced_and_what_else_is_there_stays(fanout_sim: Command, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/mine.md").write_text("mine")
    (tmp_path / "reports/document-audit.md").write_text("old")
    assert fanout_sim("report").status == 0
    assert found(tmp_path / "reports") == sorted([*FILES, "mine.md"])
    assert (tmp_path / "reports/document-audit.md").read_text() != "old"


def test_an_interrupted_report_leaves_nothing_behind(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reports, "pages", interrupted)
    assert fanout_sim("report", "--out", "deep/er") == (130, "", "fanout-sim: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_report_leaves_the_old_one(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    assert fanout_sim("report").status == 0
    before = {name: (tmp_path / "reports" / name).read_bytes() for name in FILES}
    monkeypatch.setattr(reports, "pages", interrupted)
    assert fanout_sim("report").status == 130
    assert {name: (tmp_path / "reports" / name).read_bytes() for name in FILES} == before
    assert found(tmp_path / "reports") == FILES


def test_a_folder_that_cannot_be_is_said_before_the_work_begins(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "pages", lambda recording, **options: pytest.fail("the work began"))
    (tmp_path / "file").write_text("a file")
    ended = fanout_sim("report", "--out", "file")
    assert ended == (2, "", "fanout-sim: file: cannot be written (File exists)\n")
    assert (tmp_path / "file").read_text() == "a file"


RECORDING = Recording("0.1.0", "2026-01-01", "a machine", 0.25, 0, {})


def test_live_is_performed_first_and_kept_and_the_pages_are_of_it(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    def pages(known: object, **options: object) -> list[Page]:
        given.append(known)
        return [PAGE]

    monkeypatch.setattr(recording, "record", lambda **options: RECORDING)
    monkeypatch.setattr(reports, "pages", pages)
    assert fanout_sim("report", "--live").status == 0
    assert (tmp_path / "reports/live.json").read_text() == RECORDING.to_json()
    assert fanout_sim("report").status == 0
    assert given == [RECORDING, RECORDING]


def test_a_live_performance_that_is_interrupted_leaves_the_old_one(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(**options: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/live.json").write_text(RECORDING.to_json())
    monkeypatch.setattr(recording, "record", interrupted)
    assert fanout_sim("report", "--live").status == 130
    assert found(tmp_path / "reports") == ["live.json"]
    assert (tmp_path / "reports/live.json").read_text() == RECORDING.to_json()


def test_a_file_that_is_no_recording_is_said_before_the_work_begins(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "pages", lambda known, **options: pytest.fail("the work began"))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/live.json").write_text("{}")
    told = "fanout-sim: reports/live.json: is no recording of the live world; fanout-sim report --live makes one\n"
    assert fanout_sim("report") == (2, "", told)


def test_a_redis_is_for_the_live_world_alone(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("report", "--redis", "redis://localhost")
    assert ended == (2, "", "fanout-sim: --redis is for world live, which is not asked for\n")
    assert list(tmp_path.iterdir()) == []
