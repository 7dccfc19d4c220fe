"""Waits: until a client's next poll (C7, P10), and until its next attempt to connect (C10)."""

from sim.fleet.compiled import inlined
from sim.fleet.memory import around, at


@inlined
def _share(wait, numerator, denominator, draw):
    """floor(wait x numerator x draw / (denominator x 2^32)), exact, with no product beyond 63 bits.

    A whole part and a rest of wait x numerator / denominator are each multiplied by the draw; what the floor of the
    smaller product drops is less than one, so that the floor of the whole is the same.
    """
    scaled = wait * numerator
    whole, rest = scaled // denominator, scaled % denominator
    return (whole * draw + rest * draw // denominator) >> 32


@inlined
def poll_wait_us(x, c):
    """From now until the poll that would be sent next is due."""
    terms = x
    wait_us = at(x.idle_us, 0, min(c.idle_polls, x.idle_us.columns - 1))
    if c.failed_polls > 0:
        if x.error_us.columns > 0:
            wait_us = max(wait_us, at(x.error_us, 0, min(c.failed_polls, x.error_us.columns) - 1))
        if c.overloaded:
            wait_us = max(wait_us, terms.retry_after_us)
    if terms.poll_jitter > 0:
        draws = x.poll_jitter_draw
        draw = at(draws, c.row, around(c.polls, draws.columns))
        wait_us += _share(wait_us, terms.poll_jitter, terms.poll_jitter_parts, draw)
    return wait_us


@inlined
def reconnect_wait_us(x, c):
    """From a close until the next attempt."""
    terms = x
    delay_us = terms.reconnect_delay_us
    if terms.grows:
        doublings = c.failed_attempts
        while doublings > 0 and 0 < delay_us < terms.reconnect_max_us:
            delay_us *= 2
            doublings -= 1
        delay_us = min(delay_us, terms.reconnect_max_us)
    if terms.jitter == 0:
        return delay_us
    draws = x.reconnect_draw
    draw = at(draws, c.row, around(c.attempts, draws.columns))
    kept_us = delay_us // 2 if terms.jitter == 1 else 0
    return max(kept_us + ((delay_us - kept_us) * draw >> 32), 1)
