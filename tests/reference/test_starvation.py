"""How long the machine lets the live world wait."""

import asyncio
import multiprocessing
import os
import time

import pytest

from sim.reference.starvation import SAMPLE_EVERY_S, starvation


async def starved_s(seconds: float) -> float:
    """What is sampled of a loop that computes for some 8 of each 10 ms."""
    with starvation() as sampled:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            until = time.process_time() + 0.008
            while time.process_time() < until:
                pass
            await asyncio.sleep(0.002)
    return sampled.longest_s


def on_processor(processor: int, work: str, answers: "multiprocessing.Queue[float]") -> None:
    os.sched_setaffinity(0, {processor})
    if work == "spin":
        while True:
            pass
    answers.put(asyncio.run(starved_s(2.0)))


@pytest.mark.live
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processors cannot be chosen here")
def test_a_shared_processor_is_starvation() -> None:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[float] = context.Queue()
    processor = min(os.sched_getaffinity(0))
    spinner, sampled = (
        context.Process(target=on_processor, args=(processor, work, answers), daemon=True)
        for work in ("spin", "sample")
    )
    try:
        spinner.start()
        sampled.start()
        shared_s = answers.get(timeout=60)
    finally:
        spinner.kill()
        sampled.join()
        spinner.join()
    assert shared_s > 0.2, "about half of each second belongs to the other process"


@pytest.mark.live
def test_time_in_which_the_process_could_not_run_counts_and_time_it_computed_does_not() -> None:
    async def sampled(seconds: float, *, compute: bool) -> tuple[float, float]:
        with starvation() as sampled:
            await asyncio.sleep(SAMPLE_EVERY_S * 2)
            until, end = time.process_time() + seconds, time.monotonic() + seconds
            while compute and time.process_time() < until:
                pass
            time.sleep(max(0.0, end - time.monotonic()))  # noqa: ASYNC251  (stands for a machine that stands still)
            await asyncio.sleep(SAMPLE_EVERY_S * 2)
        return sampled.longest_s, time.monotonic() - end

    stalled_s, _ = asyncio.run(sampled(0.3, compute=False))
    assert stalled_s > 0.3 - 2 * SAMPLE_EVERY_S
    computed_s, others_s = asyncio.run(sampled(0.3, compute=True))
    assert computed_s <= others_s + SAMPLE_EVERY_S
