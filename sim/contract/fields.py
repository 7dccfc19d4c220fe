"""The building blocks of scenario tables: strict frozen models, seconds, probabilities and distributions."""

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema

LONGEST_S = 1e9


class Table(BaseModel):
    """One table of a scenario file: unknown keys, wrong types and non-finite numbers are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=True)


Seconds = Annotated[float, Field(ge=0.0, le=LONGEST_S)]
PositiveSeconds = Annotated[float, Field(ge=1e-6, le=LONGEST_S)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Index = Annotated[int, Field(ge=0, le=2**31 - 1)]


def check_order(first_name: str, first: float, last_name: str, last: float) -> None:
    """Refuse a span that ends before it starts."""
    if last < first:
        raise ValueError(f"{last_name} ({last:g}) must not be less than {first_name} ({first:g})")


class Span(Table):
    """Two instants or durations in seconds, the second not before the first; written `[a, b]`."""

    first_s: Seconds
    last_s: Seconds

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, list | tuple):
            if len(value) != 2:
                raise ValueError(f"must be [from, to], two numbers of seconds, not {len(value)}")
            return {"first_s": value[0], "last_s": value[1]}
        if isinstance(value, Span) or (isinstance(value, dict) and info.context is None):  # not from a file
            return value
        raise ValueError("must be [from, to], two numbers of seconds")

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        """As it is written."""
        end = {"type": "number", "minimum": 0.0, "maximum": LONGEST_S}
        return {"type": "array", "items": end, "minItems": 2, "maxItems": 2}

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        check_order("the first", self.first_s, "the second", self.last_s)
        return self


class Uniform(Table):
    """Uniform between two durations: `{ uniform = [a, b] }`.

    uniform: the shortest and the longest.
    """

    uniform: Span


class ExponentialParameters(Table):
    """What `exponential` holds.

    mean: the mean in seconds.
    """

    mean: Seconds


class Exponential(Table):
    """Exponential with a mean in seconds: `{ exponential = { mean = m } }`."""

    exponential: ExponentialParameters


class LognormalParameters(Table):
    """What `lognormal` holds: two quantiles in seconds.

    median: half are shorter.
    p99: 99 % are shorter.
    """

    median: PositiveSeconds
    p99: PositiveSeconds

    @model_validator(mode="after")
    def _in_order(self) -> "LognormalParameters":
        check_order("median", self.median, "p99", self.p99)
        return self


class Lognormal(Table):
    """Lognormal given by two of its quantiles in seconds: `{ lognormal = { median = m, p99 = q } }`."""

    lognormal: LognormalParameters


DISTRIBUTIONS: dict[str, type[Table]] = {"uniform": Uniform, "exponential": Exponential, "lognormal": Lognormal}


def _duration_tag(value: Any) -> str | None:
    if isinstance(value, dict):
        return next((name for name in DISTRIBUTIONS if name in value), None)
    if isinstance(value, list):
        return None
    return next((name for name, cls in DISTRIBUTIONS.items() if isinstance(value, cls)), "number")


Duration = Annotated[
    Annotated[Seconds, Tag("number")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Exponential, Tag("exponential")]
    | Annotated[Lognormal, Tag("lognormal")],
    Discriminator(
        _duration_tag,
        custom_error_type="duration",
        custom_error_message="must be a number of seconds or { uniform = [a, b] }, { exponential = { mean = m } } "
        "or { lognormal = { median = m, p99 = q } }",
    ),
]
