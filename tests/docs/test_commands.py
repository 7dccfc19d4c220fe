"""Every command on the pages: those in blocks are performed, those between words and in helps exist."""

import importlib.util
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sim.commands_herd import app
from tests.cli.conftest import Command, Ended
from tests.docs.pages import PAGES, ROOT, Block, blocks, words_as_code
from tests.docs.quick import performed, quick

BLOCKS = blocks("sh")
COMMANDS: Any = typer.main.get_command(app)
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)

Line = Callable[[Block, int], Ended | None]


def words(line: str) -> list[str]:
    """The words of a line, its program by its bare name, without what its output is piped into."""
    found = shlex.split(line.removeprefix(".venv/bin/"))
    return found[: found.index("|")] if "|" in found else found


LINES = [
    pytest.param(block, number, id=line, marks=pytest.mark.xdist_group(block.name))
    for block in BLOCKS
    for number, line in enumerate(block.lines)
]


@pytest.fixture(scope="session")
def begun() -> dict[Block, tuple[Path, list[Ended | None]]]:
    """The blocks performed so far: each one's folder, and how its lines have ended."""
    return {}


@pytest.fixture
def end_of(
    fanout_sim: Command,
    begun: dict[Block, tuple[Path, list[Ended | None]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    undrawn: None,
) -> Line:
    """Performs a line of a block after those before it, in the block's own folder, where the examples lie."""

    def end_of(block: Block, number: int) -> Ended | None:
        if block not in begun:
            (tmp_path / "examples").symlink_to(ROOT / "examples")
            begun[block] = tmp_path, []
        folder, ended = begun[block]
        monkeypatch.chdir(folder)
        for line in block.lines[len(ended) : number + 1]:
            ended.append(perform(line, fanout_sim))
        return ended[number]

    return end_of


def perform(line: str, fanout_sim: Command) -> Ended | None:
    program, *given = words(line)
    if program != "fanout-sim" or not performed(*given):
        return None
    given, target = (given[:-2], given[-1]) if ">" in given else (given, None)
    ended = fanout_sim(*quick(*given))
    if target:
        Path(target).write_text(ended.out, encoding="utf-8")
    return ended


@pytest.mark.parametrize(("block", "number"), LINES)
def test_a_command_in_a_block_does_what_it_should(block: Block, number: int, end_of: Line) -> None:
    program, *given = words(block.lines[number])
    if program == "fanout-sim":
        ended = end_of(block, number)
        if ended is None:
            COMMANDS.get_command(None, given[0]).make_context(given[0], given[1:])
        else:
            assert (ended.status, ended.err) == (0, "")
            assert ended.out
    elif program == "make":
        assert set(given) <= set(TARGETS)
    elif program in ("python", "python3"):
        assert given[0] == "-m"
        assert importlib.util.find_spec(given[1])
    elif program != "curl":  # test_served.py asks the served system
        pytest.fail(f"{block.name}: no test knows how to perform {program}")


BETWEEN_WORDS = [
    pytest.param(found, id=f"{path.name}: {found}")
    for path in PAGES
    for found in words_as_code(path)
    if found.startswith(("fanout-sim ", "make ", "python -m "))
]
IN_CI = [line for block in blocks("yaml") for line in re.findall(r"fanout-sim .*", block.text)]
IN_HELP = [
    line
    for command in (COMMANDS, *COMMANDS.commands.values())
    for line in Block("help", 0, "sh", command.epilog.replace("\b", "")).lines
    if line.startswith("fanout-sim ")
]


@pytest.mark.parametrize("line", [*BETWEEN_WORDS, *IN_CI, *IN_HELP])
def test_a_command_between_words_or_in_a_help_exists_with_its_options(line: str) -> None:
    program, name, *given = words(line)
    if program == "fanout-sim":
        command = COMMANDS.get_command(None, name)
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in given if word.startswith("--")} <= known
    elif program == "make":
        assert name in TARGETS
    else:
        assert importlib.util.find_spec(given[0])
