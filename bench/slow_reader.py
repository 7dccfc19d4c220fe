"""What one client that stops reading costs the others, on real sockets: their latencies with and without it.

`python -m bench.slow_reader`
"""

import logging

import numpy as np

from sim import Scenario, Trace, perform, realize

CLIENTS, ROUNDS = 20, 3
SLOW = {"kind": "slow-reader", "clients": [0], "bytes_per_s": 0.0}


def main() -> None:
    logging.disable(logging.WARNING)
    print(f"{CLIENTS} clients, 50 KB each 0.2 s; latency of the {CLIENTS - 1} others on real sockets, ms")
    print(f"{'':28}{'p50':>8}{'p99':>8}{'largest':>9}   disconnected   not received")
    p99: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(ROUNDS):
        for slow in (False, True):
            trace = perform(realize(_scenario(slow=slow)), "live")
            told, others_ms = _others(trace)
            p99[slow].append(float(np.quantile(others_ms, 0.99)))
            figures = f"{np.median(others_ms):8.2f}{p99[slow][-1]:8.2f}{max(others_ms):9.2f}"
            print(f"{'one does not read' if slow else 'everybody reads':28}{figures}   {told}")
    print(f"p99 with it / without it, medians: {np.median(p99[True]) / np.median(p99[False]):.2f}")


def _scenario(*, slow: bool) -> Scenario:
    return Scenario.from_dict(
        {
            "title": "One client stops reading",
            "horizon_s": 9.0,
            "client": {"policy": "websocket-only", "count": CLIENTS},
            "workload": {"even": {"count": 40, "every_s": 0.2}, "payload_bytes": 50_000},
            "fault": [SLOW] if slow else [],
        }
    )


def _others(trace: Trace) -> tuple[str, list[float]]:
    """What befell the clients but the first: closes and messages that never came, and their latencies."""
    rows = [row for row in trace.rows if row[1] > 0]
    published_us = {(row[1], row[3]): row[0] for row in rows if row[2] == "message_published"}
    received_us = {(row[1], row[3]): row[0] for row in rows if row[2] == "message_received"}
    closed = sum(row[2] == "websocket_closed" for row in rows)
    latencies_ms = [(received_us[key] - published_us[key]) / 1e3 for key in received_us]
    return f"{closed:12}{len(published_us) - len(received_us):15}", latencies_ms


if __name__ == "__main__":
    main()
