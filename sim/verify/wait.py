"""Wait: how long a client's timer is armed ahead (C7, P10)."""

from fractions import Fraction

from sim.contract.script import ClientScript, Script
from sim.verify.story import Before


def wait_before_poll_us(script: Script, me: ClientScript, before: Before) -> int:
    """The wait for a timer that is armed when this is the case, exact, with the jitter of the next poll."""
    duty, policy = before.duty, script.policy
    polls = duty.idle if policy.by_sequence else before.quiet_polls
    wait_us = script.poll_interval_us
    if script.backoff_factor > 1:
        wait_us = grown_us(script.poll_interval_us, script.backoff_factor, polls, script.backoff_max_us)
    if script.error_backoff_factor > 1 and duty.failed:
        of_errors_us = grown_us(
            script.poll_interval_us, script.error_backoff_factor, duty.failed - 1, script.error_backoff_max_us
        )
        wait_us = max(wait_us, of_errors_us)
    if policy.retry_after and duty.reason == "overloaded":
        wait_us = max(wait_us, script.retry_after_us)
    if not script.poll_jitter:
        return wait_us
    draw = me.poll_jitter_draw[before.polls % len(me.poll_jitter_draw)]
    more = script.poll_jitter * wait_us * draw / (1 << 32)
    return wait_us + more.numerator // more.denominator


def longest_wait_us(script: Script) -> int:
    """No wait of this policy is longer."""
    policy = script.policy
    waits_us = [script.backoff_max_us if script.backoff_factor > 1 else script.poll_interval_us]
    waits_us += [script.error_backoff_max_us] if script.error_backoff_factor > 1 else []
    waits_us += [script.retry_after_us] if policy.retry_after else []
    longest = max(waits_us) * (1 + script.poll_jitter)
    return -(-longest.numerator // longest.denominator)


def grown_us(base_us: int, factor: Fraction, times: int, most_us: int) -> int:
    """The base times factor to so high a power, but no more than the most; exact."""
    exact = Fraction(base_us)
    for _ in range(times):
        if exact >= most_us:
            break
        exact *= factor
    return min(exact.numerator // exact.denominator, most_us)
