"""Tiny scripts performed in world virtual, and their rows as words."""

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.trace import Trace
from sim.worlds import perform

BARE = "websocket = true\npoll_jitter = 0.0\nreconnect = 'fixed'\njitter = 'none'\nreconnect_delay_s = 1.0\n"
"""What keeps hybrid-cursor's times whole."""


def performed(text: str, *, client: str = BARE, policy: str = "hybrid-cursor", horizon_s: float = 12.0) -> Trace:
    head = f'title = "t"\nhorizon_s = {horizon_s}\n[client]\npolicy = "{policy}"\n{client}'
    return perform(realize(Scenario.from_toml(head + text)), "virtual")


def events(*at_s: float, terminal: float | None = None, other: tuple[float, ...] = ()) -> str:
    listed = [f'{{ at_s = {t}, type = "x" }}' for t in at_s]
    listed += [] if terminal is None else [f'{{ at_s = {terminal}, type = "workflow_completed" }}']
    others = [f'{{ at_s = {t}, type = "x" }}' for t in other]
    return f"[workload]\nevents = [{', '.join(listed)}]\nother_events = [{', '.join(others)}]\n"


def beating(every_s: float) -> str:
    return f"[orchestrator]\nheartbeat_s = {every_s}\n"


SLOW_POLLS = "[polling]\nlatency_s = 0.5\n"

SHORT = {
    "timer_armed": "armed",
    "timer_cleared": "cleared",
    "poll_sent": "sent",
    "poll_answered": "answered",
    "poll_failed": "failed",
    "message_received": "received",
    "message_lost": "lost",
    "event_shown": "shown",
    "terminal_reached": "reached",
    "websocket_opened": "opened",
    "websocket_closed": "closed",
}


def told(trace: Trace, from_s: float = 0.0, *, armed: bool = True) -> list[str]:
    """The client's rows from then on as `2.5 shown 0`; emissions are left out."""
    found = []
    for time_us, _, kind, event, detail in trace.rows:
        if time_us < from_s * 1e6 or kind not in SHORT or (kind == "timer_armed" and not armed):
            continue
        what = f"{float(detail):g}" if kind == "timer_armed" else detail
        number = [] if event < 0 else [str(event)]
        found.append(" ".join([f"{time_us / 1e6:g}", SHORT[kind], *number, *([what] if what else [])]))
    return found
