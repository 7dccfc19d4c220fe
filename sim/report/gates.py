"""Gates and baselines for people: tables, a sentence for each that does not hold, and all in short."""

from collections.abc import Sequence

from rich.text import Text

from sim.gates.against import Moved
from sim.gates.check import Result
from sim.gates.judge import Verdict
from sim.gates.words import demand
from sim.report.findings import BAD, DOUBTFUL, GOOD
from sim.report.tables import Cell, Table
from sim.report.terminal import console, print_line, print_table

STYLES: dict[Verdict, str] = {"holds": GOOD, "fails": BAD, "inconclusive": DOUBTFUL}


def gates(results: Sequence[Result]) -> Table:
    """One line per gate."""
    table = Table(("measure", "scenario", "world", "demand", "measured", "verdict"), numeric=("measured",))
    for result in results:
        gate, judged = result.placed.gate, result.judged
        verdict = Cell(judged.verdict, STYLES[judged.verdict])
        table.rows.append((gate.measure, result.placed.name, gate.world, demand(gate), judged.measured, verdict))
    return table


def moves(found: Sequence[Moved]) -> Table:
    """One line per series that was recorded or is measured."""
    table = Table(("against the baseline", "was", "is", "by", "verdict"), numeric=("was", "is", "by"))
    for one in found:
        table.rows.append((one.subject, one.was, one.now, one.by, Cell(one.verdict, STYLES[one.verdict])))
    return table


def sentences(found: Sequence[Result | Moved]) -> list[str]:
    """What does not hold, each in one sentence, with the gate's own words where it has some."""
    return [_sentence(one) for one in found if not one.holds]


def conclusion(results: Sequence[Result], moved: Sequence[Moved] | None) -> str:
    """All in one line."""
    told = _counted([result.judged.verdict for result in results], "gate")
    return told if moved is None else f"{told}; against the baseline {_counted([m.verdict for m in moved], 'line')}"


def print_gates(results: Sequence[Result], moved: Sequence[Moved] | None) -> None:
    """The tables, what does not hold, and all in short."""
    out = console()
    for table in (gates(results), *(() if moved is None else (moves(moved),))):
        print_table(out, table)
    everything: list[Result | Moved] = [*results, *(moved or ())]
    lines = [Text(sentence, BAD) for sentence in sentences(everything)]
    lines.append(Text(conclusion(results, moved), GOOD if all(one.holds for one in everything) else BAD))
    for line in lines:
        print_line(out, line)


def _sentence(one: Result | Moved) -> str:
    says = one.placed.gate.says if isinstance(one, Result) else None
    return f"{one.sentence} ({says})" if says else one.sentence


def _counted(verdicts: Sequence[Verdict], what: str) -> str:
    many = f"{len(verdicts):,} {what}{'' if len(verdicts) == 1 else 's'}"
    counts = {verdict: verdicts.count(verdict) for verdict in STYLES if verdict in verdicts}
    return f"{many}: {', '.join(f'{count:,} {_verb(verdict, count)}' for verdict, count in counts.items())}"


def _verb(verdict: Verdict, count: int) -> str:
    if verdict == "inconclusive":
        return verdict
    return verdict if count == 1 else verdict.removesuffix("s")
