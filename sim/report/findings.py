"""What a suite found, as tables and sentences for people."""

from collections.abc import Sequence

from sim.measure.losses import Loss
from sim.report.tables import Cell, Table, number
from sim.verify.agreement import Agreement
from sim.verify.claims import ClaimResult, documented
from sim.verify.suite import Result

GOOD, DOUBTFUL, BAD = "green", "yellow", "bold red"


def claims(result: Result) -> Table:
    """One scenario's claims: the document's words or ours, what they demand, what each world measured, the verdict."""
    worlds = list(result.traces)
    table = Table(("the document says", "documented", *worlds, "verdict"))
    for claim in result.claims:
        measured = (claim.judgements[world].measured for world in worlds)
        says = f"(ours) {claim.claim.says}" if claim.claim.ours else claim.claim.says
        table.rows.append((says, documented(claim.claim), *measured, verdict(claim)))
    return table


def verdict(result: ClaimResult) -> Cell:
    """The verdict of all worlds, or of each where they differ, and whether it was expected."""
    verdicts = {world: judgement.verdict for world, judgement in result.judgements.items()}
    if len(set(verdicts.values())) > 1:
        text = ", ".join(f"{world}: {verdict}" for world, verdict in verdicts.items())
    else:
        text = next(iter(verdicts.values()), "not decided")
    if not result.as_expected:
        return Cell(f"{text} (UNEXPECTED)", BAD)
    if "contradicted" in verdicts.values():
        return Cell(f"{text} (as expected)", DOUBTFUL)
    return Cell(text, DOUBTFUL if "not decided" in verdicts.values() else GOOD)


def _measured(result: ClaimResult) -> str:
    """What contradicts a claim that was expected to hold."""
    found = (f"{world} gives {j.measured}" for world, j in result.judgements.items() if j.verdict == "contradicted")
    who = "we expect" if result.claim.ours else "the document says"
    return f"{who} {documented(result.claim)}, but {', '.join(found)}"


def contradictions(result: Result) -> list[str]:
    """Every claim that is contradicted, with the reason."""
    return [
        f'"{claim.claim.says}": {claim.claim.because or _measured(claim)}'
        for claim in result.claims
        if any(judgement.verdict == "contradicted" for judgement in claim.judgements.values())
    ]


def left_out(result: Result) -> list[str]:
    """Which worlds were asked for and left out, and why."""
    return [f"world {world} is left out: {reason}" for world, reason in result.left_out.items()]


def agreement(held: Agreement) -> Cell:
    """How two worlds compare, in one sentence."""
    style = {"agree": GOOD, "differ": BAD}.get(held.verdict, DOUBTFUL)
    return Cell(f"{held.verdict}: {held.sentence}", style)


MOST_BROKEN = 3
"""Broken rules that are told per world; one breach brings others with it, and the first says most."""


def broken(result: Result) -> list[str]:
    """The first rules that each world breaks, in one line each."""
    told = []
    for world, found in result.findings.items():
        told += [f"world {world} breaks a rule: {finding.sentence}" for finding in found[:MOST_BROKEN]]
        if len(found) > MOST_BROKEN:
            told.append(f"world {world}: {len(found) - MOST_BROKEN:,} more")
    return told


def rules(result: Result) -> Cell:
    """Whether all worlds keep the rules, in a word or two."""
    count = sum(len(found) for found in result.findings.values())
    return Cell(f"{count:,} broken", BAD) if count else Cell("kept", GOOD)


def losses(results: Sequence[Result]) -> Table:
    """For each cause in each scenario: how many messages it took or held up, who recovered them, and after how long."""
    worlds = list(dict.fromkeys(world for result in results for world in result.traces))
    table = Table(("scenario", "cause", *worlds))
    for result in results:
        causes = list(dict.fromkeys(loss.cause for found in result.losses.values() for loss in found))
        for cause in causes:
            cells = []
            for world in worlds:
                found = next((loss for loss in result.losses.get(world, ()) if loss.cause == cause), None)
                cells.append("-" if found is None else _recovered(found))
            table.rows.append((result.name, cause, *cells))
    return table


def _recovered(loss: Loss) -> str:
    shares = (("push", loss.by_push), ("poll", loss.by_poll), ("nobody", loss.by_nobody))
    told = f"{loss.messages:,}: " + ", ".join(f"{who} {count:,}" for who, count in shares if count)
    if loss.after_mean_s is None or loss.after_max_s is None:
        return told
    return f"{told}; after {loss.after_mean_s:.2f} s, at most {loss.after_max_s:.2f} s"


LOSSES = "What was lost or late, who recovered it, and how long after its emission"
"""The heading of the table of losses."""


def summary(results: Sequence[Result]) -> Table:
    """One line per scenario."""
    table = Table(
        ("scenario", "claims as expected", "rules", "agreement", "largest deviation (s)"),
        numeric=("claims as expected", "largest deviation (s)"),
    )
    for result in results:
        good = sum(claim.as_expected for claim in result.claims)
        verdicts = [held.verdict for held in result.agreements]
        worst = next((v for v in ("differ", "not decided", "agree") if v in verdicts), "-")
        largest_s = max((held.largest_s for held in result.agreements if held.largest_s is not None), default=None)
        table.rows.append(
            (
                result.name,
                Cell(f"{good} of {len(result.claims)}", GOOD if good == len(result.claims) else BAD),
                rules(result),
                Cell(worst, {"agree": GOOD, "differ": BAD}.get(worst, DOUBTFUL)),
                number(largest_s),
            )
        )
    return table


def conclusion(results: Sequence[Result]) -> str:
    """All results in one line."""
    claims = [claim for result in results for claim in result.claims]
    good = sum(claim.as_expected for claim in claims)
    differing = sum(held.verdict == "differ" for result in results for held in result.agreements)
    told = f"{_count(len(results), 'scenario')}: {good:,} of {_count(len(claims), 'claim')} as expected"
    found = sum(len(found) for result in results for found in result.findings.values())
    if found:
        told += f", {_count(found, 'broken rule')}"
    if not any(result.agreements for result in results):
        return told
    return f"{told}, {_count(differing, 'disagreement')} between worlds"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
