"""README.md: its two commands, its sizes, and each of its numbers that can be computed in a moment."""

import re
from functools import cache
from pathlib import Path

import pytest

from sim import Trace, load, measure, perform, realize, sweep
from sim.scenarios import catalog
from sim.theory.gaps import PoissonGaps
from sim.theory.polls import polls_per_run
from tests.cli.conftest import Command
from tests.docs.pages import ROOT, Block, blocks

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
PROSE = " ".join(PAGE.split())
MOST_LINES = 140


def shown(language: str) -> list[Block]:
    return [block for block in blocks(language) if block.page == "README.md"]


@cache
def told(name: str) -> Trace:
    return perform(realize(load(name)))


def test_it_starts_with_two_commands() -> None:
    assert shown("sh")[0].lines == ["make demo", "make test"]


def test_it_is_read_in_a_minute() -> None:
    assert len(PAGE.splitlines()) <= MOST_LINES
    assert PAGE.index("?**") < PAGE.index("](docs/answer.svg)") < PAGE.index("## Start")


def test_it_names_every_package_in_its_tree() -> None:
    packages = {path.parent.name for path in (ROOT / "sim").glob("*/__init__.py")} | {"scenarios"}
    assert set(re.findall(r"^sim/(\w+)/ ", PAGE, re.MULTILINE)) == packages


@pytest.mark.usefixtures("undrawn")
def test_the_verdicts_that_it_shows_are_what_the_command_prints(fanout_sim: Command) -> None:
    printed = {" ".join(line.split()) for line in fanout_sim(*shown("sh")[1].lines[0].split()[1:]).out.splitlines()}
    (text,) = shown("text")
    assert {" ".join(line.split()) for line in text.text.splitlines()} <= printed


def test_what_a_run_costs_and_loses_at_the_documented_interval() -> None:
    """The figure at 4 s: its sweep, at that point alone."""
    scenario = load("tuning").override(count=10_000)
    assert scenario.policy.poll_interval_s == 4
    found = sweep(scenario, {"client.policy": ["hybrid", "hybrid-cursor"]})
    polls, fewer_polls, lost, none_lost = (
        estimate.value for name in ("polls_per_s_mean", "events_lost") for estimate in found.values(name) if estimate
    )
    assert f"a run costs {polls * scenario.horizon_s / 10_000:.1f} polls" in PROSE
    assert f"{lost / 1_000:.2f} % of all events are never shown" in PROSE  # 10,000 runs of ten events
    assert "polls less and shows them all" in PROSE
    assert (fewer_polls < polls, none_lost) == (True, 0)


def test_the_poll_that_should_come_at_15_s() -> None:
    assert "should detect the end at 15 s comes at 17 s" in PROSE
    ends = [row[0] for row in told("websocket-dies").rows if row[2] == "terminal_reached"]
    assert ends == [17_000_000]


def test_the_rate_of_a_thousand_clients_whose_websocket_is_dead() -> None:
    rate = measure(told("scale-worst-case"), within_s=(8.0, 28.0))["polls_per_s_mean"]
    assert rate == 250
    assert '= 267 req/sec" are 250' in PROSE


def test_the_listing_polls_once_and_never_ends() -> None:
    found = measure(told("listing-websocket-dies"))
    assert "polls once when the WebSocket dies, and never ends" in PROSE
    assert (found["poll_requests"], found["terminal_delay_s"]) == (1, None)


def test_events_that_are_lost_for_good() -> None:
    found = measure(told("dropped-then-completed"))
    assert "is lost with 0 polls" in PROSE
    assert (found["events_lost"], found["poll_requests"]) == (1, 0)
    reconnected = told("reconnection-delay")
    emitted = sum(row[2] == "event_emitted" for row in reconnected.rows)
    assert f"{measure(reconnected)['events_lost']} of {emitted} events are never shown" in PROSE


def test_polls_of_ten_events_at_random_times() -> None:
    expected = polls_per_run(PoissonGaps(rate_per_s=1 / 3, interval_s=4.0), 10)
    assert f"ten events at random times in 30 s cost {expected:.2f} polls a run" in PROSE


@pytest.mark.slow
def test_the_answer_that_it_quotes_is_what_tune_says(fanout_sim: Command) -> None:
    quoted = " ".join(line.removeprefix("> ") for line in PAGE.splitlines() if line.startswith("> "))
    answer, saved, broken = re.fullmatch(  # type: ignore[union-attr]
        r"(Take .+ <= 2)\. The next cheaper, 2 s, would save (\d+) polls per second, but breaks it with (.+)\.", quoted
    ).groups()
    ended = fanout_sim("tune", "tuning", "--slo", "latency_p99_s<=2", "--clients", "100000")
    said = " ".join(ended.out.split())
    assert answer in said
    assert f"breaks it with latency_p99_s {broken}" in said
    assert [round(float(found)) for found in re.findall(r"= 2, would save ([\d.]+)", said)] == [int(saved)]


@pytest.mark.slow
def test_the_figure_is_what_its_command_draws(fanout_sim: Command, tmp_path: Path) -> None:
    over = ("--over", "client.poll_interval_s=1:12:1", "--over", "client.policy=hybrid,hybrid-cursor")
    shown = ("--measures", "polls_per_s_mean,events_lost", "--clients", "10000")
    assert fanout_sim("sweep", "tuning", *over, *shown, "--out", "figure").status == 0
    assert (tmp_path / "figure" / "figure.svg").read_text() == (ROOT / "docs" / "answer.svg").read_text()


def test_every_scenario_that_it_names_is_shipped() -> None:
    for name in re.findall(r"sim/scenarios/([\w-]+)\.toml", PAGE):
        assert name in catalog.names()
