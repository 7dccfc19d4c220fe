"""Documented commands made quick enough for a test, and still honest: the same code, on fewer clients.

- World `live` is `virtual`, the same implementation; `verify` holds the model against it.
- Numbers of clients and examples are capped; experiments have few replications, half-widths ten times as wide, and run
  in this process.
- Figures are composed and not drawn; figures have tests of their own.
- What takes minutes, serves people or needs another machine is not performed; that its options exist is checked.
"""

import re

CAPS = {"--clients": 200, "--examples": 20, "--confirm": 20, "--sample": 10, "--seconds": 1}
FLEET_CLIENTS = 20_000

DEFAULTS = {
    "fuzz": ["--examples", "20"],
    "herd": ["--clients", "200"],
    "sweep": ["--clients", "200"],
    "tune": ["--clients", "200", "--replications", "2", "--confirm", "20"],
    "verify": ["--worlds", "model,virtual"],
}
"""Put before what the line says, so that the line's own choice wins."""

IN_THIS_PROCESS = {"sweep": ["--workers", "1"], "tune": ["--workers", "1"]}
"""Put after what the line says, whatever that is."""

TOO_LONG = {"report", "serve"}
ELSEWHERE = {"--redis", "--dask"}


def performed(command: str, *given: str) -> bool:
    """Whether a test performs it; the others are parsed."""
    everything = command == "verify" and not [word for word in given if not word.startswith("-")]
    return command not in TOO_LONG and not everything and not ELSEWHERE.intersection(given)


def quick(command: str, *given: str) -> list[str]:
    """The arguments that the test performs in place of these."""
    caps = CAPS | ({"--clients": FLEET_CLIENTS} if command == "run" and "fleet" in given else {})
    changed = [_changed(option, value, caps) for option, value in zip(("", *given), given, strict=False)]
    if command == "sweep" and "--half-width" not in given:  # of both only one is allowed
        changed += ["--replications", "2"]
    return [command, *DEFAULTS.get(command, ()), *changed, *IN_THIS_PROCESS.get(command, ())]


def _changed(option: str, value: str, caps: dict[str, int]) -> str:
    if option in caps:
        numbers = dict.fromkeys(min(int(number), caps[option]) for number in value.split(","))
        return ",".join(map(str, numbers))
    if option == "--half-width":
        measure, _, width = value.partition("=")
        return f"{measure}={10 * float(width)}"
    if option in ("--world", "--worlds"):
        return ",".join(dict.fromkeys(re.sub("^live$", "virtual", world) for world in value.split(",")))
    return value
