from pathlib import Path

import pytest

from sim.contract import toml
from sim.contract.errors import ScenarioError


def test_a_file_is_read_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = 1\n")
    assert toml.read(tmp_path / "a.toml") == {"a": 1}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a = ", "not valid TOML"),
        (b"a = " + b"9" * 5000, "too many digits"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"a = '\xff'", "not UTF-8 text, which TOML needs"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(ScenarioError) as refused:
        toml.read(tmp_path / "a.toml")
    assert str(refused.value).startswith(f"{tmp_path / 'a.toml'}: ")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"a\.toml: cannot be read \(No such file or directory\)"):
        toml.read(tmp_path / "a.toml")
