import numpy as np
import pytest
import simpy
from scipy import stats

from sim.contract.arrivals import Arrivals
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.measure.hub import hub
from sim.scenarios.catalog import load
from sim.worlds import hub_arrivals, perform

POISSON = Scenario.from_dict(
    {
        "title": "A steady stream of messages",
        "horizon_s": 20.0,
        "client": {"count": 2_000, "start_s": 0.0},
        "workload": {"poisson": {"count": 60, "mean_gap_s": 1.0}},
    }
)


def by_simpy(arrivals: Arrivals, message_ns: int, handshake_ns: int, servers: int) -> list[int]:
    """Waits, from processes that ask a resource."""
    env = simpy.Environment()
    line = simpy.Resource(env, servers)
    waits = [0] * len(arrivals.time_us)

    def one(number: int, at_ns: int, service_ns: int):  # type: ignore[no-untyped-def]
        yield env.timeout(at_ns)
        with line.request() as turn:
            yield turn
            waits[number] = int(env.now) - at_ns
            yield env.timeout(service_ns)

    for number, (time_us, message) in enumerate(zip(arrivals.time_us.tolist(), arrivals.message.tolist(), strict=True)):
        env.process(one(number, time_us * 1000, message_ns if message else handshake_ns))
    env.run()
    return waits


@pytest.mark.parametrize("servers", [1, 3])
def test_waits_are_those_of_an_independent_queue(servers: int) -> None:
    arrivals = hub_arrivals(realize(load("deploy-herd").override(count=300, jitter="full"), 0))
    found = hub(arrivals, message_us=900.5, handshake_us=7000, servers=servers)
    assert found.waits_ns.tolist() == by_simpy(arrivals, 900_500, 7_000_000, servers)
    assert found.waits_ns.max() > 0


def test_several_servers_of_which_one_would_do_wait_no_longer() -> None:
    arrivals = hub_arrivals(realize(load("deploy-herd"), 0))
    one, two = (hub(arrivals, handshake_us=200, servers=servers) for servers in (1, 2))
    assert (two.waits_ns <= one.waits_ns).all()
    assert two.utilisation == one.utilisation / 2


def test_a_steady_stream_waits_as_long_as_m_d_1_says() -> None:
    """Pollaczek and Khinchine: utilisation x service / (2 x (1 - utilisation)), within a 99.9 % interval."""
    arrivals = hub_arrivals(realize(POISSON, 0))
    found = hub(arrivals, message_us=400, handshake_us=0)
    mean_s = 0.8 * 400e-6 / (2 * (1 - 0.8))
    second = arrivals.time_us[found.message] // 1_000_000
    waits_s = found.waits_ns[found.message] / 1e9
    means = [waits_s[second == k].mean() for k in range(1, 20)]  # the first second begins empty
    low, high = stats.t.interval(0.999, len(means) - 1, np.mean(means), stats.sem(means))
    assert low < mean_s < high


def test_a_burst_is_the_largest_backlog_and_is_worked_off_at_the_servers_pace() -> None:
    times = np.array([0, *[1_000_000] * 100, 5_000_000], np.int64)
    found = hub(Arrivals(times, np.ones(len(times), np.bool_), 10_000_000), message_us=1000, handshake_us=0)
    assert (found.largest_backlog, found.backlog_at_s, found.worked_off_s) == (100, 1.0, 0.1)
    assert found.utilisation == pytest.approx(102 * 1e-3 / 10)
    assert found.wait_s(1.0) == 0.099
    assert found.handshake_wait_s(0.5) is None


def test_the_hubs_work_is_what_the_trace_of_the_model_says() -> None:
    script = realize(load("server-restart"), 3)
    rows = perform(script, "model").rows
    lost = {(r[0], r[1], r[3]) for r in rows if r[2] == "message_lost" and r[4] in ("no-connection", "no-subscriber")}
    sent = [r[0] for r in rows if r[2] == "message_published" and (r[0], r[1], r[3]) not in lost]
    opened = [r[0] for r in rows if r[2] == "websocket_opened"]
    found = hub_arrivals(script)
    assert found.time_us[found.message].tolist() == sorted(sent)
    assert found.time_us[~found.message].tolist() == sorted(opened)
