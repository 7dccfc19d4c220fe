"""What the model world costs per client, beside a lean SimPy program that records the same rows in the same run.

python -m bench.model_cost [CLIENTS]
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable

from bench import lean
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.model.run import perform

ROUNDS = 7
LIMIT = 1.5

WORKLOAD = """
title     = "The documented workload with random gaps, 5 % loss and 10 % deaths"
horizon_s = 40.0

[client]
start_s = { uniform = [0, 4] }

[workload]
poisson = { count = 10, mean_gap_s = 3.0 }

[[fault]]
kind        = "message-lost"
probability = 0.05

[[fault]]
kind      = "connection-lost"
fraction  = 0.1
between_s = [0, 30]
"""


def main() -> int:
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    script = realize(Scenario.from_toml(WORKLOAD).override(count=clients))
    rows = perform(script).rows
    if rows != lean.perform(script):
        print("the lean program records other rows than the model")
        return 1
    seconds: dict[str, list[float]] = {"lean": [], "model": []}
    for _ in range(ROUNDS):
        seconds["lean"].append(cpu_s(lambda: lean.perform(script)))
        seconds["model"].append(cpu_s(lambda: perform(script)))
    ratios = [model / base for base, model in zip(seconds["lean"], seconds["model"], strict=True)]
    print(f"{clients:,} clients, {len(rows) / clients:.0f} rows each, {ROUNDS} rounds in turn; CPU time")
    for name, values in seconds.items():
        low, middle, high = (v / clients * 1e6 for v in (min(values), statistics.median(values), max(values)))
        print(f"{name:>6}: {middle:6.0f} us per client (from {low:.0f} to {high:.0f})")
    ratio = statistics.median(ratios)
    print(f" model / lean: {ratio:.2f} (from {min(ratios):.2f} to {max(ratios):.2f}); at most {LIMIT} wanted")
    return 0 if ratio <= LIMIT else 1


def cpu_s(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
