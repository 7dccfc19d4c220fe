"""Lists and loads scenarios: shipped ones by name, anybody's by file."""

import difflib
from pathlib import Path

from sim.contract.errors import ScenarioError
from sim.contract.scenario import Scenario

_FOLDER = Path(__file__).parent

_ORDER = (
    "websocket-working",
    "websocket-drops-messages",
    "websocket-dies",
    "best-case",
    "worst-case",
    "scale-best-case",
    "scale-worst-case",
    "scale-mixed",
)
"""The document's order; what else is shipped follows by name."""


def names() -> list[str]:
    """The shipped scenarios' names, in the document's order."""
    shipped = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return [*(name for name in _ORDER if name in shipped), *(name for name in shipped if name not in _ORDER)]


def load(name_or_path: str | Path) -> Scenario:
    """The shipped scenario of this name, or the scenario in this file; raises ScenarioError."""
    if str(name_or_path) in names():
        return Scenario.from_file(_FOLDER / f"{name_or_path}.toml")
    path = Path(name_or_path)
    if path.exists() or path.suffix or len(path.parts) > 1:
        return Scenario.from_file(path)
    close = difflib.get_close_matches(str(name_or_path), names(), n=1)
    hint = f"did you mean {close[0]}?" if close else f"the shipped ones are {', '.join(names())}"
    raise ScenarioError(f"there is no shipped scenario and no file {str(name_or_path)!r}; {hint}")
