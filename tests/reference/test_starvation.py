"""How long the machine lets the live world wait."""

import asyncio
import time

import pytest

from sim.reference.starvation import SAMPLE_EVERY_S, starvation


@pytest.mark.live
def test_time_in_which_the_process_could_not_run_counts_and_time_it_computed_does_not() -> None:
    async def kept_waiting() -> float:
        with starvation() as sampled:
            await asyncio.sleep(SAMPLE_EVERY_S * 2)
            time.sleep(0.3)  # noqa: ASYNC251  (stands for a processor that others have)
            await asyncio.sleep(SAMPLE_EVERY_S * 2)
        return sampled.longest_s

    async def busy() -> float:
        with starvation() as sampled:
            await asyncio.sleep(SAMPLE_EVERY_S * 2)
            until = time.process_time() + 0.3
            while time.process_time() < until:
                pass
            await asyncio.sleep(SAMPLE_EVERY_S * 2)
        return sampled.longest_s

    waited_s = asyncio.run(kept_waiting())
    assert waited_s > 0.3 - 2 * SAMPLE_EVERY_S
    cpu_s, wall_s = time.process_time(), time.monotonic()
    busy_s = asyncio.run(busy())
    others_s = (time.monotonic() - wall_s) - (time.process_time() - cpu_s)
    assert busy_s <= others_s
