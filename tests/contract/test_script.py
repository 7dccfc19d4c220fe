"""Scripts: every draw made once, the same for the same scenario and seed, client by client (sections 1, 3 and 5)."""

import hashlib
import json
import math
import os
import subprocess
import sys
from dataclasses import asdict, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.draws import BLOCK, NEVER, generator
from sim.contract.errors import ScenarioError
from sim.contract.scenario import Scenario
from sim.contract.script import ERROR, PollWindow, Window, realize
from tests.contract.drawing import DRAWN, RECORDED, SEEDS, clients, every_draw, scenario, text
from tests.strategies import scenarios

BY_NUMBER = ("poll_latency_us", "poll_jitter_draw", "poll_service_us", "poll_fate", "connect_us", "reconnect_draw")
"""What a script holds per poll or attempt, as many as there can be."""

# The same and another


@given(scenarios(recorded=str(RECORDED)), SEEDS)
def test_the_same_scenario_and_seed_give_the_same_script_byte_for_byte(scenario: Scenario, seed: int) -> None:
    again = Scenario.from_toml(scenario.to_toml())
    assert text(realize(scenario, seed)) == text(realize(again, seed))


def test_the_same_script_comes_out_of_other_processes(tmp_path: Path) -> None:
    """Whatever their hash seed."""
    path = tmp_path / "s.toml"
    path.write_text(every_draw().to_toml(), encoding="utf-8")
    code = (
        "import sys, hashlib; from pathlib import Path\n"
        "from sim.contract.scenario import Scenario; from sim.contract.script import realize\n"
        "script = realize(Scenario.from_file(Path(sys.argv[1])), 5)\n"
        "print(hashlib.sha256(''.join(script.json_lines()).encode()).hexdigest())"
    )
    here = hashlib.sha256(text(realize(every_draw(), 5)).encode()).hexdigest()
    for hash_seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        assert done.stdout.strip() == here


@pytest.mark.parametrize("drawn", sorted(DRAWN))
def test_another_seed_gives_another_script_whenever_something_is_drawn(drawn: str) -> None:
    one, other = (clients(realize(scenario(**DRAWN[drawn]), seed)) for seed in (0, 1))
    assert one != other


@pytest.mark.parametrize("drawn", sorted(DRAWN))
def test_clients_draw_each_for_themselves(drawn: str) -> None:
    scripts = [asdict(client) for client in clients(realize(scenario(**DRAWN[drawn])))]
    assert len({json.dumps(s | {"client": 0, "run_id": "", "username": ""}) for s in scripts}) > 1


def test_the_seed_decides_nothing_where_nothing_is_drawn() -> None:
    assert clients(realize(scenario(), 0)) == clients(realize(scenario(), 1))


def test_without_a_seed_the_seed_is_zero() -> None:
    assert text(realize(every_draw())) == text(realize(every_draw(), 0))


@pytest.mark.parametrize("seed", [-1, True, 1.0, "0", None])
def test_a_seed_that_is_no_whole_number_from_zero_is_refused(seed: object) -> None:
    with pytest.raises(ScenarioError) as refused:
        realize(scenario(), seed)  # type: ignore[arg-type]
    assert str(refused.value) == f"seed must be a whole number from 0, not {seed!r}"


# One client without the others


@given(scenarios(recorded=str(RECORDED)), SEEDS, st.integers(1, 6))
def test_a_clients_script_does_not_depend_on_the_number_of_clients(s: Scenario, seed: int, count: int) -> None:
    few, many = sorted((s.client.count, count))
    fewer, more = realize(s.override(count=few), seed), realize(s.override(count=many), seed)
    assert clients(fewer) == clients(more)[:few]


@given(scenarios(recorded=str(RECORDED)), SEEDS)
def test_a_client_can_be_realised_without_the_others(s: Scenario, seed: int) -> None:
    last = s.client.count - 1
    assert realize(s, seed).client(last) == clients(realize(s, seed))[last]


def test_a_client_beyond_the_first_block_does_not_depend_on_the_number_of_clients_either() -> None:
    counts = (BLOCK + 1, BLOCK + 2, 2 * BLOCK, 2 * BLOCK + 1)
    scripts = [realize(every_draw(count)) for count in counts]
    for client in (0, BLOCK - 1, BLOCK):
        assert len({json.dumps(asdict(script.client(client))) for script in scripts}) == 1
    assert scripts[0].client(BLOCK - 1) == realize(every_draw(BLOCK)).client(BLOCK - 1)


def test_a_client_beyond_the_first_block_can_be_realised_alone() -> None:
    script = realize(every_draw(BLOCK + 5))
    alone = script.client(BLOCK + 3)
    script.client(0)
    assert script.client(BLOCK + 3) == alone


def test_blocks_draw_each_for_themselves() -> None:
    script = realize(every_draw(2 * BLOCK))
    one, other = script.block(0), script.block(1)
    assert not np.array_equal(one.start_us, other.start_us)
    assert not np.array_equal(one.event_latency_us, other.event_latency_us)


def test_blocks_follow_one_another_and_the_last_is_as_long_as_it_must_be() -> None:
    script = realize(scenario(client={"count": BLOCK + 5}))
    assert [(script.block(n).first, len(script.block(n).start_us)) for n in (0, 1)] == [(0, BLOCK), (BLOCK, 5)]


def test_the_blocks_in_turn_are_those_asked_for_one_by_one() -> None:
    script = realize(every_draw(2 * BLOCK + 5))
    numbers = []
    for number, block in enumerate(script.blocks()):
        numbers.append(number)
        for field in fields(block):
            assert np.array_equal(getattr(block, field.name), getattr(script.block(number), field.name)), field.name
    assert numbers == [0, 1, 2]


@pytest.mark.parametrize("client", [-1, 20])
def test_a_client_that_is_not_there_has_no_script(client: int) -> None:
    with pytest.raises(IndexError, match=f"^client must be from 0 to 19, not {client}$"):
        realize(scenario()).client(client)


# Draws are shared across other choices


@given(scenarios(), SEEDS)
def test_the_policy_changes_no_event_and_no_latency(s: Scenario, seed: int) -> None:
    """It decides how many polls and attempts there are draws for, and none of their values."""
    polling = {"websocket": True, "polling": True}
    one = realize(s.override(policy="hybrid", poll_interval_s=1.0, reconnect="none", **polling), seed)
    other = realize(
        s.override(policy="hybrid-backoff", poll_interval_s=3.5, reconnect="fixed", jitter="full", **polling), seed
    )
    for a, b in zip(clients(one), clients(other), strict=True):
        cut = {name: min(len(getattr(a, name)), len(getattr(b, name))) for name in BY_NUMBER}
        shared = [replace(c, **{name: getattr(c, name)[:length] for name, length in cut.items()}) for c in (a, b)]
        assert shared[0] == shared[1]


@pytest.mark.parametrize("drawn", sorted(DRAWN))
def test_a_draw_is_the_same_alone_and_beside_all_others(drawn: str) -> None:
    """Except for faults, which draw by their place in the file."""
    names = {
        "start": ["start_us"],
        "connect": ["connect_us"],
        "message latency": ["event_latency_us", "other_latency_us"],
        "reconnect": ["reconnect_draw"],
        "poll latency": ["poll_latency_us"],
        "poll service": ["poll_service_us"],
    }.get(drawn, [])
    alone, together = realize(scenario(**DRAWN[drawn])).block(0), realize(every_draw()).block(0)
    for name in names:
        one, other = getattr(alone, name), getattr(together, name)
        shared = np.s_[:] if one.ndim == 1 else np.s_[:, : one.shape[1]]  # who reconnects has more attempts
        assert np.array_equal(one, other[shared]), name


def test_no_two_draws_share_a_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str, int, int]] = []

    def noted(*address: Any) -> np.random.Generator:
        asked.append(address)
        return generator(*address)

    monkeypatch.setattr("sim.contract.draws.generator", noted)
    realize(every_draw()).block(0)
    assert len(asked) > 50
    assert len(set(asked)) == len(asked)


def test_a_fault_after_the_others_changes_none_of_their_draws() -> None:
    before = every_draw()
    table = before.to_dict()
    after = Scenario.from_dict(
        table | {"fault": [*table["fault"], {"kind": "connection-refused", "from_s": 0, "until_s": 1}]}
    )
    for a, b in zip(clients(realize(before)), clients(realize(after)), strict=True):
        assert a == replace(b, refused_windows=())


def test_two_faults_of_one_kind_draw_each_for_themselves() -> None:
    lost = {"kind": "connection-lost", "between_s": [0, 10]}
    block = realize(scenario(fault=[lost, lost])).block(0)
    assert not np.array_equal(block.connection_lost_us[:, 0], block.connection_lost_us[:, 1])


def test_events_and_other_events_draw_each_for_themselves() -> None:
    block = realize(every_draw()).block(0)
    assert not np.array_equal(block.event_latency_us[:, 0], block.other_latency_us[:, 0])
    assert not np.array_equal(block.event_latency_us[:, 0], block.event_latency_us[:, 1])


# Times


@given(scenarios(recorded=str(RECORDED)), SEEDS)
def test_every_time_is_a_nonnegative_int64(s: Scenario, seed: int) -> None:
    block = realize(s, seed).block(0)
    for name, _ in block.__dataclass_fields__.items():
        array = getattr(block, name)
        if name.endswith("_us"):
            assert array.dtype == np.int64, name
            assert (array >= 0).all(), name
        assert name == "first" or len(array) == s.client.count, name


def test_even_events_come_one_every_so_many_seconds() -> None:
    """Section 5: at 3, 6, ... 30."""
    script = realize(scenario(workload={"even": {"count": 10, "every_s": 3.0}})).client(0)
    assert script.event_us == [3_000_000 * k for k in range(1, 11)]
    assert [e.terminal for e in script.events] == [False] * 9 + [True]


def test_poisson_gaps_have_their_mean_and_are_exponential() -> None:
    """n = 20,000 gaps: mean within five standard errors, and so the share of gaps above the mean, exp(-1)."""
    s = scenario(client={"count": 2_000}, workload={"poisson": {"count": 10, "mean_gap_s": 3.0}})
    gaps = np.diff(realize(s).block(0).event_us, axis=1, prepend=0) / 1e6
    assert (gaps >= 0).all()
    assert abs(gaps.mean() - 3.0) < 5 * 3.0 / math.sqrt(gaps.size)
    p = math.exp(-1)
    assert abs((gaps > 3.0).mean() - p) < 5 * math.sqrt(p * (1 - p) / gaps.size)


def test_w4_workload_times_count_from_the_clients_start_and_faults_from_zero() -> None:
    script = realize(
        scenario(
            client={"start_s": 5.0},
            workload={"events": [{"at_s": 1.0, "type": "a"}], "other_events": [{"at_s": 2.0, "type": "b"}]},
            fault=[
                {"kind": "connection-lost", "at_s": 3.0},
                {"kind": "connection-refused", "from_s": 1.0, "until_s": 2.0},
                {"kind": "poll-failed", "from_s": 4.0, "until_s": 6.0},
            ],
        )
    ).client(0)
    assert (script.start_us, script.event_us, script.other_us) == (5_000_000, [6_000_000], [7_000_000])
    assert script.connection_lost_us == [3_000_000]
    assert script.refused_windows == (Window(1_000_000, 2_000_000),)
    assert script.poll_windows == (PollWindow(4_000_000, 6_000_000, ERROR),)


def test_w4_drawn_starts_shift_the_workload_too() -> None:
    block = realize(scenario(client={"start_s": {"uniform": [0, 4]}})).block(0)
    assert np.array_equal(
        block.event_us - block.start_us[:, np.newaxis], np.tile([1_000_000, 2_000_000, 3_000_000], (20, 1))
    )


def test_the_scenarios_own_times_are_microseconds() -> None:
    s = scenario(horizon_s=1.0000004, client={"poll_interval_s": 0.29, "backoff_max_s": 7}, polling={"timeout_s": 0.1})
    script = realize(s)
    assert (script.horizon_us, script.poll_interval_us) == (1_000_000, 290_000)
    assert (script.backoff_max_us, script.poll_timeout_us) == (7_000_000, 100_000)
    script = realize(scenario(client={"reconnect_delay_s": 0.29, "reconnect_max_s": 3}))
    assert (script.reconnect_delay_us, script.reconnect_max_us) == (290_000, 3_000_000)


def test_f3_f4_without_a_word_about_the_fanout_server_its_limits_are_the_documents() -> None:
    script = realize(scenario())
    assert (script.ping_every_us, script.pong_within_us, script.write_within_us) == (25_000_000, 30_000_000, 10_000_000)
    assert script.scenario.fanout.send_buffer_bytes == 2**20


def test_the_fanout_servers_times_are_microseconds() -> None:
    table = {"ping_every_s": 0.29, "pong_within_s": 2, "write_within_s": 3, "resubscribe_s": 0.1}
    script = realize(scenario(fanout=table | {"resubscribe_max_s": 5}))
    assert (script.ping_every_us, script.pong_within_us, script.write_within_us) == (290_000, 2_000_000, 3_000_000)
    assert (script.resubscribe_us, script.resubscribe_max_us) == (100_000, 5_000_000)


@pytest.mark.parametrize(("written", "exact"), [(1.1, Fraction(11, 10)), (1.5, Fraction(3, 2)), (2, Fraction(2))])
def test_c7_the_backoff_factor_is_the_number_as_written(written: float, exact: Fraction) -> None:
    assert realize(scenario(client={"backoff_factor": written})).backoff_factor == exact


# Recorded runs


def test_client_i_takes_recorded_run_i_modulo_their_number_across_blocks_too() -> None:
    s = scenario(client={"count": BLOCK + 4}, workload={"recorded": {"file": str(RECORDED)}})
    script = realize(s)
    lengths = {0: 3, 1: 2, 2: 1, 3: 3, BLOCK: 2, BLOCK + 1: 1, BLOCK + 2: 3}
    assert BLOCK % 3 == 1
    for client, length in lengths.items():
        c = script.client(client)
        assert len(c.events) == len(c.event_us) == len(c.event_lost) == len(c.event_latency_us) == length
    assert script.client(1).event_us == script.client(BLOCK).event_us == [0, 7_000_000]
    assert [e.type for e in script.client(1).events] == ["node_completed", "workflow_failed"]


def test_events_that_a_shorter_recorded_run_lacks_never_come() -> None:
    s = scenario(client={"start_s": 1.0}, workload={"recorded": {"file": str(RECORDED)}})
    assert realize(s).block(0).event_us[2].tolist() == [11_000_000, NEVER, NEVER]


# As text and by name


@given(scenarios(), SEEDS)
def test_a_script_as_text_is_one_json_object_for_the_whole_and_one_per_client(s: Scenario, seed: int) -> None:
    head, *rest = (json.loads(line) for line in realize(s, seed).json_lines())
    assert Scenario.from_dict(head["scenario"]) == s
    assert head["seed"] == seed
    assert [line["client"] for line in rest] == list(range(s.client.count))


def test_b14_a_script_as_text_says_when_servers_are_away() -> None:
    faults = [
        {"kind": "fanout-restart", "at_s": 1.0, "for_s": 2.0, "manner": "killed"},
        {"kind": "redis-outage", "at_s": 4.0, "for_s": 1.0},
    ]
    head = json.loads(next(realize(scenario(fault=faults)).json_lines()))
    assert head["fanout_outages"] == [[1_000_000, 3_000_000, True]]
    assert head["redis_outages"] == [[4_000_000, 5_000_000]]


def test_each_client_has_a_run_and_a_user_of_its_own() -> None:
    scripts = clients(realize(scenario()))
    assert len({c.run_id for c in scripts}) == len({c.username for c in scripts}) == 20
