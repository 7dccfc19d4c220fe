"""The fanout server as a whole, which starts, stops and starts again (F6 to F8)."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from sim.reference.fanout import Hub, NoWitness, Witness, application
from sim.reference.redis import Broker
from sim.reference.serving import HOST, base_url, listening, port_of
from sim.reference.settings import Settings
from sim.reference.subscription import keep_subscribed

if TYPE_CHECKING:
    from sim.contract.script import Script

__all__ = ["LocalFanout", "NoWitness", "Settings", "Witness", "settings_of"]


def settings_of(script: "Script") -> Settings:
    """The limits of a scenario's fanout server."""
    return Settings(**script.scenario.fanout.model_dump())


class LocalFanout:
    """A fanout server in this process. Nothing survives its stop: counters start from zero again.

    group: where its subscription is kept, so that what fails there is seen. port: 0 is any free one, the same after
    each start; `option` would choose another.
    """

    def __init__(
        self,
        broker: Broker,
        settings: Settings,
        witness: Witness,
        group: asyncio.TaskGroup,
        *,
        host: str = HOST,
        port: int = 0,
        option: str = "",
    ) -> None:
        self._broker = broker
        self._settings = settings
        self._witness = witness
        self._group = group
        self._host = host
        self._port = port
        self._option = option
        self._running: tuple[Hub, web.AppRunner, asyncio.Task[None]] | None = None

    @property
    def url(self) -> str:
        """Its base URL, known from the first start on."""
        return base_url(self._port, self._host)

    async def start(self) -> None:
        """Listen and subscribe; returns when the first try to subscribe is over (F7).

        Raises ServiceError where the port cannot be had.
        """
        hub = Hub(self._witness, self._settings)
        runner = await listening(application(hub), self._host, self._port, option=self._option)
        self._port = port_of(runner)
        tried = asyncio.Event()
        subscription = self._group.create_task(
            keep_subscribed(
                self._broker,
                hub.deliver,
                resubscribe_s=self._settings.resubscribe_s,
                resubscribe_max_s=self._settings.resubscribe_max_s,
                counters=hub.counters,
                on_tried=tried.set,
            )
        )
        self._running = hub, runner, subscription
        try:
            await tried.wait()
        except BaseException:
            await self.stop(killed=True)
            raise

    async def stop(self, *, killed: bool) -> None:
        """Accept no more, unsubscribe, and say goodbye to every connection (F6) or break it without a word (F8)."""
        if self._running is None:
            return
        (hub, runner, subscription), self._running = self._running, None
        for site in list(runner.sites):
            await site.stop()
        subscription.cancel()
        await hub.stop(killed=killed)
        await asyncio.wait([subscription])
        await runner.cleanup()
