"""Payload: how long messages and answers are as JSON text (`contract.wire`)."""

from sim.fleet.compiled import inlined
from sim.fleet.layout import SECOND_US
from sim.fleet.memory import at, put


@inlined
def digits(number):
    """How many a whole number from 0 has."""
    count = 1
    while number >= 10:
        number //= 10
        count += 1
    return count


@inlined
def time_bytes(time_us):
    """Of a time in seconds as Python writes it: the fewest digits that tell it."""
    if 0 < time_us < 100:  # with an exponent: 5e-06, 1.5e-05
        return 5 if time_us < 10 or time_us % 10 == 0 else 7
    fraction = 6
    left = time_us % SECOND_US
    while fraction > 1 and left % 10 == 0:
        left //= 10
        fraction -= 1
    return digits(time_us // SECOND_US) + 1 + fraction


@inlined
def remember_event(x, c, event, time_us):
    """An event joins the history; how long it is."""
    size = at(x.event_bytes, c.run, event) + time_bytes(time_us)
    put(x.history_bytes, c.slot, event + 1, at(x.history_bytes, c.slot, event) + size)
    return size


@inlined
def count_message(x, c, kind, position, newest):
    """A message has come."""
    if kind == 0:
        history = x.history_bytes
        size = x.message_bytes + at(history, c.slot, position + 1) - at(history, c.slot, position)
    elif kind == 1:
        size = x.message_bytes + at(x.other_bytes, 0, position) + time_bytes(at(x.other_us, c.row, position))
        size += 6  # its run's id ends in /other
    else:
        size = x.heartbeat_bytes + digits(position) + (digits(newest) if newest >= 0 else 2)
    x.sums.bytes_websocket += size + c.id_bytes


@inlined
def count_answer(x, c, after, upto):
    """An answer has come, with the events after this seq and before that one, of a history that long."""
    history = x.history_bytes
    count = max(upto - after - 1, 0)
    status = at(x.runs, c.run, 1) if upto > at(x.runs, c.run, 0) else 7  # running
    size = x.answer_bytes + status + c.id_bytes + max(count - 1, 0)
    if count:
        size += at(history, c.slot, upto) - at(history, c.slot, after + 1)
    x.sums.bytes_http += size
