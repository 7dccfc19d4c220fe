"""The page, from what was performed."""

from sim.report.again import again
from sim.report.capacity import herds, queue
from sim.report.capacity.gather import HERD, SERVICE_S, Capacity
from sim.report.experiments.tables import short
from sim.report.page import Page, Paragraph, Points, Section, Text

NAME = "capacity-and-herd"


def page(found: Capacity) -> Page:
    """The page."""
    return Page(
        NAME,
        "Capacity and herd",
        "what the orchestrator's workers and the fanout hub can carry, what comes back after a restart by kind of "
        "jitter, and what it takes to stay under a capacity.",
        _summary(found),
        (
            queue.orchestrator(found.queues),
            queue.fanout(found.hubs),
            herds.section(found.herds, found.polls),
            again(
                found.seed,
                (
                    "To perform herds of other sizes, scenarios or capacities:",
                    f"fanout-sim herd {HERD} --clients 50000",
                ),
            ),
        ),
    )


def _summary(found: Capacity) -> Section:
    told = Paragraph(
        "Polls meet in the orchestrator's queue, messages and handshakes in the fanout hub. Both are solved exactly, "
        "under all clients' load, in world fleet: any client picked out of it has exactly the model's trace."
    )
    return Section("Summary", (told, Points([*_of_queue(found), *_of_hub(found), *_of_herd(found)])))


def _of_queue(found: Capacity) -> list[Text]:
    least = found.queues[0]
    enough = next(one for one in found.queues if one.turned_away.high == 0)
    easy = next(one for one in found.queues if one.wait_p99_s.high < SERVICE_S * 2 and one.turned_away.high == 0)
    return [
        f"N clients that poll every T seconds ask N / T times a second: here {least.asked_per_s:g} requests, "
        f"{least.asked_per_s * SERVICE_S:.2f} workers' work.",
        f"{least.workers} workers turn away {least.turned_away.value:.0%} of the polls, {enough.workers} "
        f"({enough.utilisation:.0%} busy) none; with {easy.workers} ({easy.utilisation:.0%} busy) 99 % wait less than "
        "two services.",
    ]


def _of_hub(found: Capacity) -> list[Text]:
    calm = max(clients for clients, one in found.hubs.items() if (one.wait_s(0.99) or 0.0) < 0.1)
    late = {clients: one for clients, one in found.hubs.items() if clients > calm}
    least_s = short(found.hubs[calm].wait_s(0.99) or 0.0)
    told = (
        f"One hub process carries {calm:,} clients who open within a minute: 99 % of messages wait {least_s} s at most."
    )
    if late:
        clients, one = min(late.items())
        told += f" Under {clients:,} it is {one.wait_s(0.99) or 0.0:.1f} s."
    return [told]


def _of_herd(found: Capacity) -> list[Text]:
    by_jitter = herds.of_jitter(found.herds)
    peaks = ", ".join(
        f"{case.peak_per_s / case.level_per_s:.1f} {herds.WITH[name]}" for name, case in by_jitter.items()
    )
    delays = [
        f"{herds.WITH[name]} " + ("no delay is enough" if case.delay_s is None else f"a delay of {case.delay_s:g} s is")
        for name, case in by_jitter.items()
    ]
    return [
        f"After a restart the fullest second has so many times the requests before it: {peaks}.",
        f"To stay under twice the level: {', '.join(delays)}.",
    ]
