"""Claims: a number or a timeline of the document, with its words (DESIGN.md sections 5 and 9)."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.contract.fields import Index, Seconds, Span, Table, check_order
from sim.contract.kinds import KINDS, OUTAGES

MEASURES = (
    "poll_requests",
    "polls_failed",
    "polls_per_s_mean",
    "polls_per_s_peak",
    "messages_received",
    "messages_lost",
    "events_lost",
    "events_repeated",
    "events_erased",
    "latency_mean_s",
    "latency_p50_s",
    "latency_p95_s",
    "latency_p99_s",
    "latency_max_s",
    "age_mean_s",
    "terminal_delay_s",
    "bytes_websocket",
    "bytes_http",
    "empty_poll_ratio",
    "reconnects",
    "disconnected_s",
    "stale_s",
)


_DUE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


class Rows(Table):
    """All rows of one kind, of one event or detail where given, happen exactly at these times.

    kind: a kind of row of a trace.
    at_s: when, all times in order; an empty list says never.
    event: only rows of this event, by its index; -1: of none.
    detail: only rows with this detail; of `timer_armed` the due time in seconds.
    client: whose rows; of outages, which are no client's, it is not looked at (B14).
    """

    kind: Annotated[str, Field(json_schema_extra={"enum": [*KINDS]})]
    at_s: tuple[Seconds, ...] = Field(strict=False)
    event: Annotated[int, Field(ge=-1)] | None = None
    detail: str | None = None
    client: Index = 0

    @property
    def whose(self) -> int:
        """The client of these rows as a trace names it: outages are nobody's, -1 (B14)."""
        return -1 if self.kind in OUTAGES else self.client

    @model_validator(mode="after")
    def _possible(self) -> "Rows":
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {self.kind!r}")
        for index in range(1, len(self.at_s)):
            check_order(f"at_s[{index - 1}]", self.at_s[index - 1], f"at_s[{index}]", self.at_s[index])
        if self.kind == "timer_armed" and self.detail is not None and not _DUE.fullmatch(self.detail):
            raise ValueError(f'detail of timer_armed must be due seconds, such as "5.000000", not {self.detail!r}')
        return self


class Claim(Table):
    """What the document says, and how a trace decides it.

    Takes either measure with exactly one of equals, between, below and above, or rows.

    says: the document's words, short.
    measure: what is measured.
    equals: the value; times in world live may be off by its margin.
    between: the least and the largest value, both allowed.
    below: the value is less.
    above: the value is more.
    within_s: judge only what happens in [from, until) of the trace; rates are then per second of that span.
    expected: whether the claim should hold or is contradicted by the rest of the document.
    because: the reason; required where it is contradicted.
    ours: whether it is an expectation of ours, in our words, and not the document's.
    """

    says: Annotated[str, Field(min_length=1)]
    measure: Annotated[str, Field(json_schema_extra={"enum": [*MEASURES]})] | None = None
    equals: float | None = None
    between: tuple[float, float] | None = Field(default=None, strict=False)
    below: float | None = None
    above: float | None = None
    rows: Rows | None = None
    within_s: Span | None = None
    expected: Literal["holds", "contradicted"] = "holds"
    because: str | None = None
    ours: bool = False

    @model_validator(mode="after")
    def _decidable(self) -> "Claim":
        if (self.measure is None) == (self.rows is None):
            raise ValueError("needs exactly one of measure and rows")
        bounds = [n for n in ("equals", "between", "below", "above") if getattr(self, n) is not None]
        if self.measure is not None:
            if self.measure not in MEASURES:
                raise ValueError(f"measure must be one of {', '.join(MEASURES)}, not {self.measure!r}")
            if len(bounds) != 1:
                raise ValueError("needs exactly one of equals, between, below and above")
            if self.between is not None:
                check_order("between[0]", self.between[0], "between[1]", self.between[1])
        elif bounds:
            raise ValueError(f"{bounds[0]} goes with measure, not with rows")
        if self.expected == "contradicted" and not self.because:
            raise ValueError('expected = "contradicted" needs because, the reason')
        return self
