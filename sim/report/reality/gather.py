"""What the report tells: every shipped scenario in the model and under the virtual clock, beside the recording."""

from dataclasses import dataclass

from sim.contract.progress import Progress
from sim.contract.script import Script, realize
from sim.contract.totals import Totals, Value
from sim.contract.trace import Row, Trace
from sim.measure.totals import totals
from sim.report.reality.recording import DISTRIBUTION, STORY, Performed, Recording, digest, of_story
from sim.scenarios import catalog
from sim.verify.agreement import Agreement, compare
from sim.worlds import perform, unable


@dataclass(frozen=True, slots=True)
class Held:
    """One scenario: what the model predicts, and how the worlds that can perform it compare.

    rows: how many the model's trace has. measures: the model's, by name.
    unable: why the reference implementation cannot perform it, None where it can.
    virtual: how the virtual world compares with the model. live: the recording, None where there is none.
    stale: whether the recording was held against another prediction than this one.
    """

    name: str
    title: str
    clients: int
    rows: int
    measures: dict[str, Value]
    unable: str | None
    virtual: Agreement | None
    live: Performed | None
    stale: bool

    @property
    def counting(self) -> Performed | None:
        """The recording, where it still counts."""
        return None if self.stale else self.live


@dataclass(frozen=True, slots=True)
class Reality:
    """All of it. distribution: totals of DISTRIBUTION by world. story: rows of STORY by world, and its script."""

    seed: int
    recording: Recording | None
    held: tuple[Held, ...]
    distribution: dict[str, Totals]
    story: dict[str, tuple[Row, ...]]
    script: Script

    @property
    def counted(self) -> list[tuple[Held, Performed]]:
        """The scenarios whose recording counts, with it."""
        return [(one, live) for one in self.held if (live := one.counting) is not None]


def gather(recording: Recording | None, seed: int = 0, progress: Progress | None = None) -> Reality:
    """Perform every shipped scenario in the model and, where it can be, under the virtual clock; some two minutes."""
    scripts = {name: realize(catalog.load(name), seed) for name in catalog.names()}
    whole, done = sum(script.clients for script in scripts.values()), 0
    held: list[Held] = []
    distribution: dict[str, Totals] = {}
    story: dict[str, tuple[Row, ...]] = {}
    for name, script in scripts.items():
        traces = _performed(script)
        held.append(_held(name, script, traces, recording))
        for world, trace in traces.items():
            if name == DISTRIBUTION:
                distribution[world] = totals(trace)
            if name == STORY:
                story[world] = of_story(script, traces["model"], trace)
        done += script.clients
        if progress:
            progress(done / whole)
    return Reality(seed, recording, tuple(held), distribution, story, scripts[STORY])


def _performed(script: Script) -> dict[str, Trace]:
    return {world: perform(script, world) for world in ("model", "virtual") if unable(script, world) is None}


def _held(name: str, script: Script, traces: dict[str, Trace], recording: Recording | None) -> Held:
    model = traces["model"]
    live = recording.scenarios.get(name) if recording else None
    return Held(
        name=name,
        title=script.scenario.title,
        clients=script.clients,
        rows=len(model),
        measures=totals(model).measures(),
        unable=unable(script, "live"),
        virtual=compare(model, traces["virtual"]) if "virtual" in traces else None,
        live=live,
        stale=live is not None and live.predicted != digest(model),
    )
