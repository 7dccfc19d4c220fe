from pathlib import Path

import pytest

from sim.report.audit import assemble
from sim.report.page import Page, Paragraph, Picture, Section
from tests.cli.conftest import Command

PAGE = Page(
    "The audit",
    Section("Summary", (Paragraph("in short"),)),
    (Section("More", (Picture("plot", "<svg></svg>", "it rises", "look"),)),),
)
FILES = ["document-audit.html", "document-audit.md", "document-audit/plot.svg"]


@pytest.fixture(autouse=True)
def audited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit itself takes minutes; here it finds nothing."""
    monkeypatch.setattr(assemble, "gather", lambda **options: None)
    monkeypatch.setattr(assemble, "page", lambda found: PAGE)


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


@pytest.mark.parametrize("step", ["gather", "page"])
def test_an_interrupted_report_leaves_nothing_behind(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(assemble, step, interrupted)
    assert fanout_sim("report", "--out", "deep/er") == (130, "", "fanout-sim: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_report_leaves_the_old_one(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    assert fanout_sim("report").status == 0
    before = {name: (tmp_path / "reports" / name).read_bytes() for name in FILES}
    monkeypatch.setattr(assemble, "page", interrupted)
    assert fanout_sim("report").status == 130
    assert {name: (tmp_path / "reports" / name).read_bytes() for name in FILES} == before
    assert found(tmp_path / "reports") == FILES


def test_a_folder_that_cannot_be_is_said_before_the_work_begins(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assemble, "gather", lambda **options: pytest.fail("the work began"))
    (tmp_path / "file").write_text("a file")
    ended = fanout_sim("report", "--out", "file")
    assert ended == (2, "", "fanout-sim: file: cannot be written (Not a directory)\n")
    assert (tmp_path / "file").read_text() == "a file"
