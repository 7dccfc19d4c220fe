"""Gates: what must stay true of a measure, for a team's continuous integration (docs/gates.md)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.contract.claim import MEASURES
from sim.contract.fields import Seconds, Span, Table, check_order

World = Literal["model", "live", "virtual", "fleet"]


class Gate(Table):
    """What must hold of a measure, or `fanout-sim gate` fails.

    Takes exactly one of below, above, between and predicted.

    says: what it guards, in words.
    scenario: in a gates file, whose measure: a shipped name, or a path that counts from the gates file.
    measure: what is measured.
    below: the value is less.
    above: the value is more.
    between: the least and the largest value, both allowed.
    predicted: the value lies within the prediction interval of this world.
    margin_s: how far a time may lie beyond that interval, or from a recorded one in world live;
        by default the live margin.
    world: where it is measured.
    replications: how many seeds it is performed with; of more than one, the 95 % interval of the mean must hold.
    within_s: measure only what happens in [from, until) of the trace; rates are then per second of that span.
    """

    says: Annotated[str, Field(min_length=1)] | None = None
    scenario: Annotated[str, Field(min_length=1)] | None = None
    measure: Annotated[str, Field(json_schema_extra={"enum": [*MEASURES]})]
    below: float | None = None
    above: float | None = None
    between: tuple[float, float] | None = Field(default=None, strict=False)
    predicted: Literal["model"] | None = None
    margin_s: Seconds | None = None
    world: World = "model"
    replications: Annotated[int, Field(ge=1, le=1_000)] = 1
    within_s: Span | None = None

    @property
    def of_time(self) -> bool:
        """Whether the measure is a time in seconds."""
        return self.measure.endswith("_s") and "_per_" not in self.measure

    @property
    def span_s(self) -> tuple[float, float] | None:
        """The two ends of `within_s`."""
        return (self.within_s.first_s, self.within_s.last_s) if self.within_s else None

    @model_validator(mode="after")
    def _decidable(self) -> "Gate":
        if self.measure not in MEASURES:
            raise ValueError(f"measure must be one of {', '.join(MEASURES)}, not {self.measure!r}")
        demands = [n for n in ("below", "above", "between", "predicted") if getattr(self, n) is not None]
        if len(demands) != 1:
            raise ValueError("needs exactly one of below, above, between and predicted")
        if self.between is not None:
            check_order("between[0]", self.between[0], "between[1]", self.between[1])
        if self.predicted == self.world:
            raise ValueError("predicted takes a world other than the predicting one, such as live")
        if self.margin_s is not None and not self.of_time:
            raise ValueError(f"margin_s is for times; {self.measure} is none")
        if self.margin_s is not None and self.predicted is None and self.world != "live":
            raise ValueError("margin_s goes with predicted, or with world live")
        if self.within_s is not None and self.world == "fleet":
            raise ValueError("within_s needs a trace, which world fleet does not keep; take another world")
        return self


class GatesFile(Table):
    """A file of nothing but gates, each of which names its scenario.

    gate: what must hold, one table for each.
    """

    gates: tuple[Gate, ...] = Field(default=(), alias="gate", strict=False)

    @model_validator(mode="after")
    def _names_its_scenarios(self) -> "GatesFile":
        for number, gate in enumerate(self.gates):
            if gate.scenario is None:
                raise ValueError(f"gate[{number}].scenario: is required in a file of gates alone")
        return self
