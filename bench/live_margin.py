"""What the live margin rests on: how far times differ between reruns of the live world, and from the model.

    python -m bench.live_margin [ROUNDS]

Each round performs every shipped scenario live; rounds follow one another, so that they meet different moments of
the machine. Printed as Markdown, for docs/live-margin.md.
"""

import sys
from itertools import combinations

from sim.contract.script import realize
from sim.contract.trace import Trace
from sim.scenarios.catalog import load, names
from sim.verify.agreement import compare
from sim.verify.live import perform_live
from sim.verify.margin import LIVE_MARGIN_S
from sim.worlds import perform


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    scripts = {name: realize(load(name)) for name in names()}
    model = {name: perform(script, "model") for name, script in scripts.items()}
    live: dict[str, list[Trace]] = {name: [] for name in scripts}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds} ...", file=sys.stderr)
        for name, trace in zip(scripts, perform_live(list(scripts.values()), None), strict=True):
            live[name].append(trace)
    print("| scenario | clients | live against live, largest (s) | live against model, largest (s) | verdicts |")
    print("|---|---|---|---|---|")
    for name, script in scripts.items():
        reruns = [compare(a, b) for a, b in combinations(live[name], 2)]
        against = [compare(model[name], trace) for trace in live[name]]
        verdicts = ", ".join(sorted({a.verdict for a in [*reruns, *against]}))
        among_live = max((a.largest_s or 0.0 for a in reruns), default=0.0)
        from_model = max(a.largest_s or 0.0 for a in against)
        print(f"| {name} | {script.clients:,} | {among_live:.3f} | {from_model:.3f} | {verdicts} |")
    print(f"\n{rounds} rounds; the margin is {LIVE_MARGIN_S:g} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
