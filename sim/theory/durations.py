"""Durations of scenario files as distributions: the share within a time, and what they exceed it by on average."""

from math import exp, inf, log

from scipy import special

from sim.contract.fields import Duration, Exponential, Lognormal, Uniform


def share_within(duration: Duration, time_s: float) -> float:
    """P(L <= t), for t from 0."""
    if isinstance(duration, Uniform):
        first_s, last_s = duration.uniform.first_s, duration.uniform.last_s
        return min(max((time_s - first_s) / (last_s - first_s), 0.0), 1.0) if last_s > first_s else time_s >= first_s
    if isinstance(duration, Exponential):
        mean_s = duration.exponential.mean
        return 1 - exp(-time_s / mean_s) if mean_s else 1.0
    if isinstance(duration, Lognormal):
        return float(special.ndtr(_deviations(duration, time_s)))
    return float(time_s >= duration)


def excess_s(duration: Duration, time_s: float) -> float:
    """E (L - t)+, the integral of P(L > u) from u = t on, for t from 0; from 0 it is the mean.

    Lognormal: with z the deviations of ln t above its mean, E[L; L > t] = E L P(Z > z - sigma).
    """
    if isinstance(duration, Uniform):
        first_s, last_s = duration.uniform.first_s, duration.uniform.last_s
        above_s = max(last_s - max(time_s, first_s), 0.0)
        return max(first_s - time_s, 0.0) + (above_s**2 / (2 * (last_s - first_s)) if above_s else 0.0)
    if isinstance(duration, Exponential):
        mean_s = duration.exponential.mean
        return mean_s * exp(-time_s / mean_s) if mean_s else 0.0
    if isinstance(duration, Lognormal):
        z, sigma = _deviations(duration, time_s), _sigma(duration)
        mean_s = duration.lognormal.median * exp(sigma**2 / 2)
        return float(mean_s * special.ndtr(sigma - z) - time_s * special.ndtr(-z))
    return max(duration - time_s, 0.0)


def _sigma(duration: Lognormal) -> float:
    """The standard deviation of ln L."""
    return float(log(duration.lognormal.p99 / duration.lognormal.median) / special.ndtri(0.99))


def _deviations(duration: Lognormal, time_s: float) -> float:
    """How many standard deviations ln t lies above its mean."""
    above = log(time_s / duration.lognormal.median) if time_s else -inf
    return above / sigma if (sigma := _sigma(duration)) else (inf if above >= 0 else -inf)
