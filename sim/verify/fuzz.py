"""Fuzz: random scenarios performed in exact worlds, which must agree and keep the rules; a failure is shrunk.

Hypothesis makes the scenarios and shrinks them; nothing of it is written anywhere but a temporary folder.
"""

import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import pairwise
from tempfile import TemporaryDirectory

import hypothesis
from hypothesis import HealthCheck, Phase, configuration
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable, UnsatisfiedAssumption

from sim.contract.errors import CannotPerform, InputError
from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.verify import generate
from sim.verify.agreement import compare
from sim.verify.failure import Failure, Outcome
from sim.verify.invariants import check
from sim.worlds import WORLDS, check_world, perform

EXAMPLES = 1_000
"""How many where neither a number nor a time is given."""

BATCH = 500
"""Examples of one run of Hypothesis, which slows down with all that it remembers."""

SHRINK_S = 40.0
"""How long a failure may be shrunk."""

SEEDS = st.integers(0, 1000)


def fuzz(
    worlds: Sequence[str] = ("model", "virtual"),
    *,
    examples: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    shrink: bool = True,
    scenarios: st.SearchStrategy[Scenario] | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Search for a failure until so many examples are done or so much time has passed, whichever comes first.

    The same seed gives the same examples, as long as time does not cut them short.
    An interrupt ends the search, and gives what was found until then.
    """
    check_worlds(worlds)
    if examples is None and seconds is None:
        examples = EXAMPLES
    scenarios = generate.scenarios() if scenarios is None else scenarios
    search = _Search(tuple(worlds), examples, seconds, scenarios, progress)
    for world in worlds:
        import_module(WORLDS[world])  # Hypothesis also draws the constants of the modules that are there
    interrupted = False
    with _asked_to_stop() as search.stop, _nothing_written():
        try:
            search.run(seed, shrink=shrink)
            if search.failure is not None and shrink:
                search.failure = tidied(search.failure)
        except KeyboardInterrupt:
            interrupted = True
    elapsed_s = time.monotonic() - search.started_s
    return Outcome(
        tuple(worlds), seed, search.examples, elapsed_s, search.failure, search.shrinks, interrupted=interrupted
    )


def check_worlds(worlds: Sequence[str]) -> None:
    """Raise InputError unless these are exact worlds, each named once."""
    for world in worlds:
        check_world(world)
        if world == "live":
            raise InputError("world live takes real time and keeps no exact times; fuzz other worlds")
    if not worlds or len(set(worlds)) < len(worlds):
        raise InputError(f"worlds must be named once each, not {','.join(worlds)!r}")


def judge(script: Script, worlds: Sequence[str]) -> str | None:
    """What is wrong when these worlds perform the script: the first difference or broken rule, in one sentence."""
    traces: list[Trace] = []
    for world in worlds:
        try:
            trace = perform(script, world)
        except InputError:
            raise
        except Exception as error:
            return f"world {world} ends with {_told(error)}"
        trace.world = world
        traces.append(trace)
    for first, second in pairwise(traces):
        held = compare(first, second, 0.0)
        if held.verdict != "agree":
            return f"{held.first_world} and {held.second_world} differ: {held.sentence}"
    for trace in traces:
        findings = check(trace, script)
        if findings:
            return f"world {trace.world} breaks a rule: {findings[0].sentence}"
    return None


def tidied(failure: Failure) -> Failure:
    """The failure without any event, fault or key that can go; Hypothesis leaves those that need two steps."""
    for scenario in _without_one(failure.scenario):
        with suppress(InputError):
            what = judge(realize(scenario, failure.seed), failure.worlds)
            if what is not None:
                return tidied(Failure(scenario, failure.seed, failure.worlds, what))
    return failure


def _without_one(scenario: Scenario) -> Iterator[Scenario]:
    whole = scenario.to_dict()
    for table, key in ((whole, "fault"), (whole["workload"], "other_events"), (whole["workload"], "events")):
        for place in reversed(range(len(table.get(key, ())))):
            item = table[key].pop(place)
            with suppress(InputError):  # a fault names an event that there is no more
                yield Scenario.from_dict(whole)
            table[key].insert(place, item)
    for name in ("client", "websocket", "polling", "fanout", "orchestrator", "workload"):
        for key in sorted(whole.get(name, ())):
            kept = {other: value for other, value in whole[name].items() if other != key}
            with suppress(InputError):
                simpler = Scenario.from_dict(whole | {name: kept})
                if simpler != scenario:
                    yield simpler


def _told(error: Exception) -> str:
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {' '.join(str(error).split())} ({at.filename}, line {at.lineno})"


class _Wrong(Exception):
    """An example that fails; the same place raises it always, so that Hypothesis sees one failure."""


class _TimeIsUp(BaseException):
    """Ends Hypothesis's run, which takes any Exception for a failing example."""


class _Search:
    """One search. `failure` is the smallest so far; at the end of a whole run it is Hypothesis's."""

    def __init__(
        self,
        worlds: tuple[str, ...],
        most: int | None,
        seconds: float | None,
        scenarios: st.SearchStrategy[Scenario],
        progress: Progress | None,
    ) -> None:
        self.examples = self.shrinks = 0
        self.failure: Failure | None = None
        self.started_s = time.monotonic()
        self._worlds = worlds
        self._most = most
        self._seconds = seconds
        self._ends_s = None if seconds is None else self.started_s + seconds
        self._scenarios = scenarios
        self._progress = progress
        self._last: Failure | None = None
        self.stop: Callable[[], bool] = lambda: False

    def run(self, seed: int, *, shrink: bool) -> None:
        batch, before = 0, -1
        try:
            while self.failure is None and self.examples > before and not self._done():
                before = self.examples
                self._run_batch(seed, batch, shrink=shrink)
                batch += 1
        except _TimeIsUp:
            return
        if self.failure is None and self.examples == 0 and (self._most is None or self._most > 0):
            raise CannotPerform(f"none of the scenarios can be performed in worlds {', '.join(self._worlds)}")

    def _done(self) -> bool:
        return self._most is not None and self.examples >= self._most

    def _run_batch(self, seed: int, number: int, *, shrink: bool) -> None:
        count = BATCH if self._most is None else min(BATCH, self._most - self.examples)

        @hypothesis.seed(f"{seed}/{number}")
        @hypothesis.settings(
            max_examples=count,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=hypothesis.Verbosity.quiet,
            print_blob=False,
        )
        @hypothesis.given(self._scenarios, SEEDS)
        def attempt(scenario: Scenario, seed: int) -> None:
            self._attempt(scenario, seed)

        try:
            with suppress(Unsatisfiable):  # nothing of this batch could be performed
                attempt()
        except _Wrong:
            self.failure = self._last
        except (Flaky, ExceptionGroup):
            if self.failure is None:
                raise
            again = f"{self.failure.what}; not so when repeated: these worlds do not always do the same"
            self.failure = Failure(self.failure.scenario, self.failure.seed, self._worlds, again)

    def _attempt(self, scenario: Scenario, seed: int) -> None:
        if self.stop():
            raise KeyboardInterrupt
        if self._ends_s is not None and time.monotonic() > self._ends_s:
            raise _TimeIsUp
        scenario = scenario.model_copy(update={"title": "Found by fanout-sim fuzz", "source": ""})
        try:
            what = judge(realize(scenario, seed), self._worlds)
        except CannotPerform:
            raise UnsatisfiedAssumption from None
        if self.failure is None:
            self.examples += 1
        else:
            self.shrinks += 1
        if what is not None:
            self._found(Failure(scenario, seed, self._worlds, what))
            raise _Wrong
        if self._progress is not None:
            self._progress(self._share())

    def _found(self, failure: Failure) -> None:
        if self.failure is None:
            self._ends_s = time.monotonic() + SHRINK_S
        if self.failure is None or len(failure.to_toml()) < len(self.failure.to_toml()):
            self.failure = failure
        self._last = failure

    def _share(self) -> float:
        by_number = self.examples / self._most if self._most else 0.0
        by_time = (time.monotonic() - self.started_s) / self._seconds if self._seconds else 0.0
        return min(1.0, max(by_number, by_time))


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, for asking between two examples: raised inside one, it might get lost in a finalizer.

    Pressed again, it is raised at once.
    """
    asked = threading.Event()

    def note(*_: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _nothing_written() -> Iterator[None]:
    """Hypothesis keeps its caches in a folder that goes away."""
    with TemporaryDirectory(prefix="fanout-sim-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(None)
