import sys
import time

import pytest

from sim.report import terminal


def test_without_a_terminal_there_is_no_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress_bar("work") as progress:
        assert progress is None
    assert capsys.readouterr().err == ""


def test_short_work_shows_no_bar_and_long_work_one_that_goes_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with terminal.progress_bar("work") as progress:
        assert progress is not None
        progress(0.5)
    assert capsys.readouterr().err == ""
    now_s = time.monotonic()
    with terminal.progress_bar("work") as progress:
        assert progress is not None
        monkeypatch.setattr(terminal, "SHOW_PROGRESS_AFTER_S", -(now_s + 1))
        progress(0.5)
    shown = capsys.readouterr()
    assert "work" in shown.err
    assert "50%" in shown.err
    assert shown.err.endswith("\x1b[2K")
    assert shown.out == ""
