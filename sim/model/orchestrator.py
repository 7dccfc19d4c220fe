"""Orchestrator: keeps each run's history and answers polls with it (O1, O3)."""

from sim.contract.script import RunEvent


class Orchestrator:
    """The histories of all runs, by run_id."""

    def __init__(self) -> None:
        self._histories: dict[str, list[RunEvent]] = {}

    def history(self, run_id: str) -> list[RunEvent]:
        """The run's history, to be appended to; it exists from the scenario's start."""
        return self._histories.setdefault(run_id, [])

    def answer(self, run_id: str) -> list[RunEvent]:
        """What a poll that arrives now is answered: the history as it is (O3)."""
        return self._histories[run_id].copy()
