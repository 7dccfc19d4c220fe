"""What the virtual world costs beside the model, on 30 s of the documented workload.

python -m bench.virtual_cost
"""

import statistics
import time

from sim.contract.script import realize
from sim.scenarios import catalog
from sim.worlds import perform

NAMES = ("best-case", "worst-case")
MOST_MS = {1: 30.0, 100: 1000.0}
"""Wanted at most, by number of clients, on an idle core."""

ROUNDS = 5


def main() -> int:
    perform(realize(catalog.load("worst-case")), "virtual")  # imports and first use
    good = True
    for name in NAMES:
        for clients, most_ms in MOST_MS.items():
            script = realize(catalog.load(name).override(count=clients))
            list(script.all_clients())
            cost_ms = {world: _cpu_ms(lambda: perform(script, world)) for world in ("virtual", "model")}  # noqa: B023
            good &= cost_ms["virtual"] <= most_ms
            print(
                f"{name:>10}, {clients:3} clients: virtual {cost_ms['virtual']:6.1f} ms (at most {most_ms:g} wanted), "
                f"model {cost_ms['model']:5.1f} ms; CPU time, median of {ROUNDS}"
            )
    return 0 if good else 1


def _cpu_ms(work: object) -> float:
    assert callable(work)
    costs = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        costs.append((time.process_time() - begun) * 1e3)
    return statistics.median(costs)


if __name__ == "__main__":
    raise SystemExit(main())
