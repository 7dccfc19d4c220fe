"""A client, what happens to it, and the steps that it is to take, as tests by rule number write them."""

from sim.contract.wire import Heartbeat, Message
from sim.reference.client import Client
from sim.reference.habits import Habits
from sim.reference.reconnection import Reconnection
from sim.reference.steps import Arm, OpenWebSocket, Poll, Record, Step

S = 1_000_000
END = "workflow_completed"
RECONNECTING = Reconnection("fixed", delay_us=S)


def message(seq: int, type_: str = "x", run_id: str = "r") -> Message:
    return Message(run_id, seq, type_, None, 0.0)


def heartbeat(newest: int, run_id: str = "r") -> Heartbeat:
    return Heartbeat(run_id, 0, newest)


def armed(due_us: int) -> list[Step]:
    return [Record("timer_armed", detail=f"{due_us / 1e6:.6f}"), Arm(due_us)]


def received(seq: int) -> Record:
    return Record("message_received", seq)


def shown(*seqs: int) -> list[Step]:
    return [Record("event_shown", seq) for seq in seqs]


def sent(after: int | None = None) -> list[Step]:
    return [Record("poll_sent"), Poll(after)]


def answered(count: int) -> Record:
    return Record("poll_answered", detail=str(count))


BEATEN = Record("message_received", -1, "heartbeat")
OTHER = Record("message_received", -1, "other")
OPENED = Record("websocket_opened")
FAILED = Record("poll_failed", detail="error")


def watching(**choices: object) -> Client:
    """A client whose WebSocket has opened at 0."""
    client = Client("r", Habits(**choices), RECONNECTING)  # type: ignore[arg-type]
    client.mounted(0)
    client.opened(0)
    return client


def opened_again(client: Client, now_us: int) -> list[Step]:
    client.closed("connection-lost", now_us - S)
    assert client.reconnecting() == [OpenWebSocket()]
    return client.opened(now_us)
