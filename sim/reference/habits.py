"""The choices of a policy that a client knows."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Habits:
    """Each as in the policy, with times in microseconds; a factor of 1 is no backoff."""

    websocket: bool = True
    polling: bool = True
    poll_at_mount: bool = False
    poll_interval_us: int = 4_000_000
    backoff_factor: Fraction = Fraction(1)
    backoff_max_us: int = 30_000_000
    gap_poll: bool = False
    final_poll: bool = False
    catch_up_poll: bool = False
    poll_jitter: Fraction = Fraction(0)
    error_backoff_factor: Fraction = Fraction(1)
    error_backoff_max_us: int = 30_000_000
    retry_after: bool = False

    @property
    def by_sequence(self) -> bool:
        """Whether each event is shown once, in order (P4)."""
        return self.gap_poll or self.final_poll
