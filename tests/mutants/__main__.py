"""`python -m tests.mutants [--examples N] [--write DIR] [TEXT ...]`: hunt all mutants, or those that hold a text.

--write puts a scenario that catches each into a folder, shrunk: so was tests/fuzz_corpus/ made.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.mutants.hunt import Hunted, hunt, shrunk
from tests.mutants.table import MUTANTS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--examples", type=int, default=600, help="the most per mutant")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, metavar="DIR")
    parser.add_argument("text", nargs="*")
    given = parser.parse_args()
    chosen = [m for m in MUTANTS if not given.text or any(text in f"{m.file} {m.rule} {m.name}" for text in given.text)]
    if given.write is not None:
        for mutant in chosen:
            name, text = shrunk(mutant, given.examples, given.seed) or ("", "")
            print(name or f"survived: {mutant.name}", flush=True)
            if name:
                (given.write / name).write_text(text)
        return 0
    started_s = time.monotonic()
    results: list[Hunted] = []
    print(f"{'world':<10}{'rule':<13}{'mutant':<52}{'caught':>8}{'by rules alone':>16}   what is seen first")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for found in pool.map(hunt, chosen, [given.examples] * len(chosen), [given.seed] * len(chosen)):
            results.append(found)
            print(_line(found), flush=True)
    wanted = [found for found in results if not found.mutant.survives]
    caught = [found for found in wanted if found.as_expected]
    by_rules = [found for found in wanted if found.by_rules is not None]
    share, rules = (f"{100 * len(some) / max(len(wanted), 1):.0f} %" for some in (caught, by_rules))
    print(
        f"\n{len(caught)} of {len(wanted)} caught ({share}), {len(by_rules)} ({rules}) by the rules of one trace alone; "
        f"{len(results) - len(wanted)} more cannot be told from the original in these worlds, for the reasons given; "
        f"{time.monotonic() - started_s:.0f} s"
    )
    return 0 if all(found.as_expected for found in results) else 1


def _line(found: Hunted) -> str:
    mutant = found.mutant
    told = f"the same: {mutant.survives}" if mutant.survives and found.as_expected else found.what
    counts = f"{_after(found.examples):>8}{_after(found.by_rules):>16}"
    verdict = "" if found.as_expected else "SURVIVED  " if not mutant.survives else "CAUGHT, BUT HELD THE SAME  "
    return f"{mutant.package:<10}{mutant.rule:<13}{mutant.name:<52}{counts}   {verdict}{told[:140]}"


def _after(examples: int | None) -> str:
    return "-" if examples is None else f"after {examples}"


if __name__ == "__main__":
    sys.exit(main())
