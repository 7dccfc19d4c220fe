"""What the fleet costs per client, draws and measures included, in ratios within one run.

python -m bench.fleet_cost

Beside it: the same workload in SimPy's process style, and merely drawing its random numbers with NumPy. CPU time;
compiling, which is done once, is left out.
"""

import resource
import statistics
import subprocess
import sys

import numpy as np

from bench import processes
from bench.model_cost import WORKLOAD, cpu_s
from sim.contract.draws import BLOCK
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.worlds import totals

ROUNDS = 5
CLIENTS = 1_000_000
PROCESS_CLIENTS = 1_000
MANY = 10_000_000
SHARE_OF_PROCESSES = 1 / 1000
TIMES_DRAWING = 10.0
MOST_BYTES = 1e9
GROWTH = 1.2
"""How much more a client of ten million may cost than one of a million: noise of a shared machine."""


def script(clients: int) -> Script:
    return realize(Scenario.from_toml(WORKLOAD).override(count=clients))


def draw(clients: int) -> None:
    """As many numbers of each distribution as the workload has, block by block, and nothing else."""
    random = np.random.Generator(np.random.SFC64(0))
    for first in range(0, clients, BLOCK):
        rows = min(BLOCK, clients - first)
        random.standard_exponential((10, rows))  # gaps
        random.random((10, rows))  # losses
        random.random((2, rows))  # starts, and when connections are lost


def main() -> int:
    if sys.argv[1:] == ["memory"]:
        totals(script(CLIENTS), "fleet")
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        return 0
    totals(script(1_000), "fleet")
    few = script(PROCESS_CLIENTS)
    same = processes.perform(few).polls.total() == totals(few, "fleet").measures()["poll_requests"]
    cost: dict[str, list[float]] = {"processes": [], "drawing": [], "fleet": []}
    for _ in range(ROUNDS):
        cost["processes"].append(cpu_s(lambda: processes.perform(few)) / PROCESS_CLIENTS)
        cost["drawing"].append(cpu_s(lambda: draw(CLIENTS)) / CLIENTS)
        cost["fleet"].append(cpu_s(lambda: totals(script(CLIENTS), "fleet")) / CLIENTS)
    for name, values in cost.items():
        low, middle, high = (v * 1e6 for v in (min(values), statistics.median(values), max(values)))
        print(f"{name:>10}: {middle:9.3f} us per client (from {low:.3f} to {high:.3f})")
    share = _ratio(cost["fleet"], cost["processes"])
    times = _ratio(cost["fleet"], cost["drawing"])
    sizes: dict[int, float] = {}
    for count in (10_000, CLIENTS, MANY):
        sized = script(count)
        sizes[count] = cpu_s(lambda sized=sized: totals(sized, "fleet")) / count  # type: ignore[misc]
    memory = int(
        subprocess.run([sys.executable, "-m", "bench.fleet_cost", "memory"], capture_output=True, check=True).stdout
    )
    for count, seconds in sizes.items():
        print(f"{count:>10,} clients: {seconds * 1e6:.3f} us each")
    found = {
        "processes and fleet send as many polls": same,
        f"fleet / processes: 1/{1 / share:,.0f}; at most 1/1,000 wanted": share <= SHARE_OF_PROCESSES,
        f"fleet / drawing: {times:.1f}; at most {TIMES_DRAWING:.0f} wanted": times <= TIMES_DRAWING,
        f"memory at {CLIENTS:,} clients: {memory / 1e6:.0f} MB; below {MOST_BYTES / 1e6:.0f} wanted": memory
        < MOST_BYTES,
        f"a client of {MANY:,} / of {CLIENTS:,}: {sizes[MANY] / sizes[CLIENTS]:.2f}": sizes[MANY]
        <= GROWTH * sizes[CLIENTS],
        f"a client of {CLIENTS:,} / of 10,000: {sizes[CLIENTS] / sizes[10_000]:.2f}": sizes[CLIENTS]
        <= GROWTH * sizes[10_000],
    }
    for sentence, held in found.items():
        print(f"{'ok ' if held else 'NOT'} {sentence}")
    return 0 if all(found.values()) else 1


def _ratio(values: list[float], base: list[float]) -> float:
    return statistics.median(value / other for value, other in zip(values, base, strict=True))


if __name__ == "__main__":
    sys.exit(main())
