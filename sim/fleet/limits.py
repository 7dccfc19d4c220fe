"""What the fleet cannot perform."""

from collections.abc import Iterable

from sim.contract.errors import CannotPerform, InputError
from sim.contract.script import Script

LARGEST = 1 << 31
"""Of what is multiplied with a draw of 32 bits (P10, C10)."""

MOST_SECONDS = 10_000_000


def check_clients(script: Script, clients: Iterable[int]) -> None:
    """Raise InputError for a client that the script does not have."""
    for client in clients:
        if not 0 <= client < script.clients:
            raise InputError(
                f"{script.scenario.title}: clients are numbered from 0 to {script.clients - 1}, not {client}"
            )


def check_performable(script: Script, world: str = "fleet") -> None:
    """Raise CannotPerform, naming the scenario, for what this world does not do."""
    title, policy = script.scenario.title, script.policy
    if policy.listing != "none":
        raise CannotPerform(
            f"{title}: world {world} cannot perform client.policy = {script.scenario.client.policy!r}, "
            "which the model alone performs"
        )
    if any(fault.kind == "slow-reader" for fault in script.scenario.faults):
        raise CannotPerform(
            f"{title}: world {world} cannot perform a fault of kind slow-reader, whose messages fill a buffer at the "
            "server; the model, virtual and live can"
        )
    if script.horizon_us > MOST_SECONDS * 1_000_000:
        raise CannotPerform(
            f"{title}: world {world} counts by the second, and needs a horizon of at most {MOST_SECONDS:,} s; "
            "the model has no such limit"
        )
    waits_us = [script.poll_interval_us, script.retry_after_us]
    waits_us += [script.backoff_max_us] * (script.backoff_factor > 1)
    waits_us += [script.error_backoff_max_us] * (script.error_backoff_factor > 1)
    if script.poll_jitter > 0 and (max(waits_us) >= LARGEST or script.poll_jitter.denominator >= LARGEST):
        raise CannotPerform(
            f"{title}: world {world} needs waits below {LARGEST / 1e6:.0f} s and a poll_jitter of at most nine "
            "decimals to compute jitter exactly; the model has no such limit"
        )
    delay_us = max(script.reconnect_delay_us, script.reconnect_max_us if policy.reconnect == "exponential" else 0)
    if policy.reconnect != "none" and policy.jitter != "none" and delay_us >= LARGEST:
        raise CannotPerform(
            f"{title}: world {world} needs delays of reconnection below {LARGEST / 1e6:.0f} s to compute jitter "
            "exactly; the model has no such limit"
        )
