"""Every statement of the document with its verdict and what it rests on."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from sim.audit.statement import Statement, Verdict
from sim.report.page import Badge, Check, Grid, Lines, Link, Paragraph, Points, Section, Text, Tone, anchor

TITLE = "Every statement of the document"

TONES: dict[Verdict, Tone] = {
    "holds": "good",
    "holds only if": "doubtful",
    "contradicted": "bad",
    "not decided": "open",
}


def badge(verdict: Verdict) -> Badge:
    """A verdict as every table shows it."""
    return Badge(verdict, TONES[verdict])


def count(statements: Sequence[Statement]) -> Grid:
    """How many statements there are of each verdict."""
    found = Counter(statement.verdict for statement in statements)
    meaning = {
        "holds": "under every circumstance looked at",
        "holds only if": "under some circumstances, and not under others; the statement does not say which",
        "contradicted": "under none",
        "not decided": "a task or a matter of taste, or nothing here can tell",
    }
    rows = [(badge(verdict), f"{found[verdict]}", meaning[verdict]) for verdict in TONES]
    return Grid(
        f"The {len(statements)} statements of the document by verdict",
        ("verdict", "statements", "it is so"),
        rows,
        numeric=("statements",),
        wide=("it is so",),
    )


def _contradicted(statements: Sequence[Statement]) -> list[Text]:
    """The statements that never hold, each with what was found and where it stands."""
    return [
        (f"“{one.says}” (", Link(one.section, f"#{anchor(one.section)}"), f"): {_first_against(one)}")
        for one in statements
        if one.verdict == "contradicted"
    ]


def _first_against(statement: Statement) -> str:
    return next(check.found for check in statement.checks if check.holds is False)


def section(statements: Sequence[Statement]) -> Section:
    """What never holds, then all statements of the document, heading by heading in its order."""
    parts = [Section(title, (table(list(group)),)) for title, group in groupby(statements, key=lambda one: one.section)]
    told = Paragraph(
        "The document's words stand on the left, and what was found stands on the right: ✓ speaks for the statement, "
        "✗ against it. A claim is judged in the model, in the shipped scenario that is named or in a run of the "
        "audit's own; `fanout-sim verify` holds the scenarios against the reference implementation on real sockets."
    )
    contradicted = Section("What never holds", (Points(_contradicted(statements)),))
    return Section(TITLE, (told,), (contradicted, *parts))


def table(statements: Sequence[Statement]) -> Grid:
    """The statements of one heading."""
    found = Counter(one.verdict for one in statements)
    says = ", ".join(f"{found[verdict]} {verdict}" for verdict in TONES if found[verdict])
    rows = [(_quoted(one), badge(one.verdict), evidence(one)) for one in statements]
    columns = ("statement", "verdict", "what was found")
    return Grid(f"{statements[0].section}: {says}", columns, rows, wide=(columns[0], columns[2]))


def _quoted(statement: Statement) -> str:
    return statement.says if statement.ours else f"“{statement.says}”"


def evidence(statement: Statement) -> Lines:
    """The note, then the checks one by one."""
    note = [statement.note] if statement.note else []
    checks = [Check(check.sentence, check.holds) for check in statement.checks]
    return Lines([*note, *checks])
