"""TOML as people write it: what cannot be read is said in one sentence."""

import tomllib
from pathlib import Path
from typing import Any

from sim.contract.errors import ScenarioError


def parsed(text: str, where: str) -> dict[str, Any]:
    """The table in TOML text; raises ScenarioError with one sentence naming `where`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{where}: not valid TOML ({error})") from None
    except ValueError:
        raise ScenarioError(f"{where}: not valid TOML (a number has too many digits)") from None
    except RecursionError:
        raise ScenarioError(f"{where}: not valid TOML (nested too deeply)") from None


def read(path: Path) -> dict[str, Any]:
    """The table in a file; raises ScenarioError with one sentence naming it."""
    try:
        return parsed(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: not UTF-8 text, which TOML needs") from None
