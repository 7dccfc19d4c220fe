"""Verdicts as JSON, Markdown and a run folder."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.contract.progress import Progress
from sim.report import figures, findings
from sim.report.tables import as_json, markdown
from sim.verify.claims import documented
from sim.verify.suite import Result


def verdict(results: Sequence[Result], worlds: Sequence[str], seed: int) -> dict[str, Any]:
    """What was found, as plain data: the content of verdict.json."""
    return {
        "seed": seed,
        "worlds": list(worlds),
        "as_expected": all(result.as_expected for result in results),
        "scenarios": [_scenario(result) for result in results],
    }


def _scenario(result: Result) -> dict[str, Any]:
    claims = [
        {
            "says": claim.claim.says,
            "documented": documented(claim.claim),
            "expected": claim.claim.expected,
            "because": claim.claim.because,
            "ours": claim.claim.ours,
            "judgements": {
                world: {"measured": judgement.measured, "verdict": judgement.verdict}
                for world, judgement in claim.judgements.items()
            },
        }
        for claim in result.claims
    ]
    agreements = [
        {
            "first": held.first_world,
            "second": held.second_world,
            "verdict": held.verdict,
            "margin_s": held.margin_s,
            "largest_s": held.largest_s,
            "sentence": held.sentence,
        }
        for held in result.agreements
    ]
    return {
        "name": result.name,
        "title": result.scenario.title,
        "source": result.scenario.source,
        "as_expected": result.as_expected,
        "claims": claims,
        "agreements": agreements,
        "left_out": result.left_out,
        "losses": {world: [asdict(loss) for loss in found] for world, found in result.losses.items()},
        "broken_rules": [
            {"world": world, "rule": f.rule, "time_s": f.time_us / 1e6, "client": f.client, "what": f.what}
            for world, found in result.findings.items()
            for f in found
        ],
    }


def report(results: Sequence[Result], worlds: Sequence[str], seed: int) -> str:
    """The report as Markdown; its figures are those of the run folder."""
    lost = findings.losses(results)
    parts = [
        "# Verification report\n",
        f"Worlds {', '.join(worlds)}; seed {seed}. {findings.conclusion(results)}.\n",
        findings.summary(results).to_markdown(),
        *((f"{findings.LOSSES}:\n", lost.to_markdown()) if lost.rows else ()),
        *(_section(result) for result in results),
    ]
    return "\n".join(parts)


def _section(result: Result) -> str:
    parts = [f"## {markdown(result.name)}\n", f"{markdown(result.scenario.title)}\n"]
    if result.scenario.source:
        parts.append(f"Source: {markdown(result.scenario.source)}\n")
    if result.claims:
        parts.append(findings.claims(result).to_markdown())
    contradicted = findings.contradictions(result)
    if contradicted:
        parts.append("Contradictions:\n")
        parts.append("".join(f"- {markdown(line)}\n" for line in contradicted))
    broken = findings.broken(result)
    if broken:
        parts.append("Broken rules:\n")
        parts.append("".join(f"- {markdown(line)}\n" for line in broken))
    if result.agreements:
        parts.append("Agreement:\n")
        parts.append("".join(f"- {markdown(findings.agreement(held).text)}\n" for held in result.agreements))
    left_out = findings.left_out(result)
    if left_out:
        parts.append("".join(f"{markdown(line)}\n" for line in left_out))
    parts.append(f"![One client's timeline in each world](<{result.name}/timeline.svg>)\n")
    return "\n".join(parts)


def write_run(
    folder: Path,
    results: Sequence[Result],
    worlds: Sequence[str],
    seed: int,
    progress: Progress | None = None,
) -> None:
    """Write the run into an empty folder: verdict, report, and per scenario its script, traces and figure."""
    for number, result in enumerate(results, start=1):
        _write_scenario(folder / result.name, result)
        if progress:
            progress(number / len(results))
    (folder / "report.md").write_text(report(results, worlds, seed), encoding="utf-8")
    (folder / "verdict.json").write_text(as_json(verdict(results, worlds, seed)), encoding="utf-8")


def _write_scenario(folder: Path, result: Result) -> None:
    folder.mkdir()
    with (folder / "script.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(result.script.json_lines())
    for world, trace in result.traces.items():
        trace.write(folder / f"{world}.jsonl")
    client = figures.story_client(result.script, next(iter(result.traces.values())))
    figure = figures.timeline(result.script, result.traces, client)
    figures.save(figure, folder / "timeline.svg")
    figures.save(figure, folder / "timeline.png")
