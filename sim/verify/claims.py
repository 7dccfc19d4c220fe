"""Claims: what the document says, judged on a trace (DESIGN.md section 9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sim.contract.claim import Claim, Rows
from sim.contract.fields import Span
from sim.contract.totals import Value
from sim.contract.trace import Row, Trace
from sim.measure.metrics import measure
from sim.verify.margin import margin_of, starved

Verdict = Literal["holds", "contradicted", "not decided"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one world has to say of a claim: what it measured, as text, and the verdict."""

    measured: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One claim, judged in each world by name."""

    claim: Claim
    judgements: dict[str, Judgement]

    @property
    def as_expected(self) -> bool:
        """No world decides otherwise than the claim expects; what is not decided does not fail."""
        return all(j.verdict in (self.claim.expected, "not decided") for j in self.judgements.values())

    @property
    def verdict(self) -> Verdict:
        """The worlds' common verdict; `not decided` where they differ or none decides."""
        verdicts = {judgement.verdict for judgement in self.judgements.values()}
        return verdicts.pop() if len(verdicts) == 1 else "not decided"


def documented(claim: Claim) -> str:
    """What the claim demands, as text."""
    if claim.rows is not None:
        return f"{_subject(claim.rows)} {_times(list(claim.rows.at_s))}"
    if claim.between is not None:
        demand = f"{claim.between[0]:,g} to {claim.between[1]:,g}"
    elif claim.below is not None:
        demand = f"< {claim.below:,g}"
    elif claim.above is not None:
        demand = f"> {claim.above:,g}"
    else:
        demand = f"{claim.equals:,g}"
    return f"{claim.measure} {demand}"


def judge(claim: Claim, trace: Trace) -> Judgement:
    """Judge a claim on a trace; times may differ by the margin of the trace's world, counts may not.

    What a live world does otherwise than expected while the machine starves it is not decided.
    """
    return judge_all([claim], trace)[0]


def judge_all(claims: Iterable[Claim], trace: Trace) -> list[Judgement]:
    """Judge each of these claims on one trace, which is measured once for each span that they name."""
    margin_s = margin_of(trace)
    measured: dict[Span | None, dict[str, Value]] = {}
    judgements = []
    for claim in claims:
        span = claim.within_s
        if claim.rows is None and span not in measured:
            measured[span] = measure(trace, within_s=(span.first_s, span.last_s) if span else None)
        if claim.rows is None:
            judged = _judge_measure(claim, measured[span], margin_s)
        else:
            judged = _judge_rows(claim, claim.rows, trace, margin_s)
        if judged.verdict != claim.expected and starved(margin_s, trace):
            judged = Judgement(judged.measured, "not decided")
        judgements.append(judged)
    return judgements


def _judge_rows(claim: Claim, rows: Rows, trace: Trace, margin_s: float) -> Judgement:
    if trace.script is not None and rows.whose >= trace.script.clients:
        return Judgement(f"there is no client {rows.client}", "not decided")
    found_s = [row[0] / 1e6 for row in trace.rows if _matches(row, rows, margin_s) and _within(claim, row)]
    holds = len(found_s) == len(rows.at_s) and all(
        abs(found - demanded) <= margin_s + 1e-9 for found, demanded in zip(found_s, rows.at_s, strict=True)
    )
    return Judgement(_times(found_s), "holds" if holds else "contradicted")


def _matches(row: Row, rows: Rows, margin_s: float) -> bool:
    _, client, kind, event, detail = row
    if kind != rows.kind or client != rows.whose or (rows.event is not None and event != rows.event):
        return False
    if rows.detail is None:
        return True
    if kind == "timer_armed":
        return abs(float(detail) - float(rows.detail)) <= margin_s
    return detail == rows.detail


def _within(claim: Claim, row: Row) -> bool:
    span = claim.within_s
    return span is None or span.first_s <= row[0] / 1e6 < span.last_s


def _judge_measure(claim: Claim, measured: dict[str, Value], margin_s: float) -> Judgement:
    name = claim.measure or ""
    value = measured[name]
    if value is None:
        return Judgement("nothing to measure", "not decided")
    slack = margin_s if is_time(name) else 0.0
    if claim.equals is not None:
        holds = abs(value - claim.equals) <= slack
    elif claim.between is not None:
        holds = claim.between[0] - slack <= value <= claim.between[1] + slack
    elif claim.below is not None:
        holds = value < claim.below + slack
    else:
        holds = claim.above is not None and value > claim.above - slack
    return Judgement(number(value), "holds" if holds else "contradicted")


def is_time(measure_name: str) -> bool:
    """Whether a measure is a time in seconds, which a live world can only give within its margin."""
    return measure_name.endswith("_s") and "_per_" not in measure_name


def number(value: float) -> str:
    """A measured number as text: counts whole, others with up to three decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def _subject(rows: Rows) -> str:
    parts = [rows.kind]
    if rows.event is not None:
        parts.append(f"of event {rows.event}")
    if rows.detail is not None:
        parts.append(f"due {float(rows.detail):g} s" if rows.kind == "timer_armed" else f"({rows.detail})")
    if rows.whose > 0:
        parts.append(f"of client {rows.client}")
    return " ".join(parts)


def _times(times_s: list[float]) -> str:
    if not times_s:
        return "never"
    shown = ", ".join(number(round(t, 3)) if t % 1 else f"{t:g}" for t in times_s[:10])
    return f"at {shown}{', ...' if len(times_s) > 10 else ''} s"
