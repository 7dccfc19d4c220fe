"""Arrivals: what the fanout hub has to do in one performance, and when."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Work for the hub in the order in which it comes.

    time_us: (n,) when, ascending. message: (n,) whether it is a message to send; else it is a handshake.
    horizon_us: the end of the performance.
    """

    time_us: npt.NDArray[np.int64]
    message: npt.NDArray[np.bool_]
    horizon_us: int
