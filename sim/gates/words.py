"""Words for numbers: what a gate's sentence says of values, intervals and limits."""

from sim.contract.gate import Gate
from sim.measure.statistics import Estimate

OF_MODEL = "the model's prediction"
BUSY = "the machine was too busy with other things to be sure: run it again"


def number(value: float) -> str:
    """Counts whole, others with six significant digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def with_interval(estimate: Estimate) -> str:
    """The value, and its interval where it has a width."""
    if estimate.low == estimate.high:
        return number(estimate.value)
    return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"


def runs(count: int) -> str:
    """How many."""
    return "1 run" if count == 1 else f"{count:,} runs"


def demand(gate: Gate) -> str:
    """What a gate demands, without its measure."""
    if gate.below is not None:
        return f"< {number(gate.below)}"
    if gate.above is not None:
        return f"> {number(gate.above)}"
    return OF_MODEL if gate.between is None else span(*gate.between)


def span(low: float, high: float) -> str:
    """From the one to the other."""
    first, last = number(low), number(high)
    return first if first == last else f"{first} to {last}"
