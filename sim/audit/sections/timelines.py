"""The document's three timelines, line by line, as the claims of the shipped scenarios judge them."""

from sim.audit.facts import LISTING, PROSE, Facts
from sim.audit.statement import Check, Statement

Line = tuple[str, tuple[str, ...]]
"""The document's words, and the claims that judge them."""

WORKING: tuple[Line, ...] = (
    ("T=0s: WebSocket connects, poll timer starts (4s)", ("T=0s: WebSocket connects", "T=0s: poll timer starts (4s)")),
    (
        "T=1s: WebSocket message arrives → Poll timer resets to 5s",
        ("T=1s: WebSocket message arrives", "T=1s: Poll timer resets to 5s"),
    ),
    (
        "T=2s: WebSocket message arrives → Poll timer resets to 6s",
        ("T=2s: WebSocket message arrives", "T=2s: Poll timer resets to 6s"),
    ),
    (
        "T=3s: WebSocket message arrives → Poll timer resets to 7s",
        ("T=3s: WebSocket message arrives", "T=3s: Poll timer resets to 7s"),
    ),
    ("T=5s: Workflow completes via WebSocket", ("T=5s: Workflow completes via WebSocket",)),
    ("→ isTerminal = true", ("T=5s: isTerminal = true",)),
    ("→ Poll timer cleared", ("T=5s: Poll timer cleared",)),
    ("→ No more polling (efficient!)", ("T=5s: No more polling (efficient!)",)),
    ("→ WebSocket stays open (can be reused)", ("T=5s: WebSocket stays open (can be reused)",)),
    (
        "Result: 0 polling requests (WebSocket handled everything)",
        ("Result: 0 polling requests", "Result: WebSocket handled everything"),
    ),
)

DROPS: tuple[Line, ...] = (
    ("T=0s: WebSocket connects, poll timer starts (4s)", ("T=0s: WebSocket connects", "T=0s: poll timer starts (4s)")),
    (
        "T=1s: WebSocket message arrives → Poll timer resets to 5s",
        ("T=1s: WebSocket message arrives", "T=1s: Poll timer resets to 5s"),
    ),
    ("T=2s: Message dropped (network issue)", ("T=2s: Message dropped (network issue)",)),
    (
        "T=5s: No WebSocket message for 4s → Poll executes!",
        ("T=5s: No WebSocket message for 4s: Poll executes!",),
    ),
    ("→ Fetches latest events", ("T=5s: Fetches latest events",)),
    ("→ User sees the dropped event", ("T=5s: User sees the dropped event",)),
    ("→ Poll timer resets to 9s", ("T=5s: Poll timer resets to 9s",)),
    (
        "T=6s: WebSocket message arrives → Poll timer resets to 10s",
        ("T=6s: WebSocket message arrives", "T=6s: Poll timer resets to 10s"),
    ),
    ("T=7s: Workflow completes via WebSocket", ("T=7s: Workflow completes via WebSocket",)),
    ("→ isTerminal = true", ("T=7s: isTerminal = true",)),
    ("→ Poll timer cleared", ("T=7s: Poll timer cleared",)),
    (
        "Result: 1 polling request (caught the dropped message!)",
        ("Result: 1 polling request", "Result: caught the dropped message!"),
    ),
)

DIES: tuple[Line, ...] = (
    ("T=0s: WebSocket connects, poll timer starts (4s)", ("T=0s: WebSocket connects", "T=0s: poll timer starts (4s)")),
    (
        "T=1s: WebSocket message arrives → Poll timer resets to 5s",
        ("T=1s: WebSocket message arrives", "T=1s: Poll timer resets to 5s"),
    ),
    ("T=2s: WebSocket connection dies", ("T=2s: WebSocket connection dies",)),
    ("T=5s: No WebSocket message → Poll executes", ("T=5s: No WebSocket message: Poll executes",)),
    ("T=9s: Poll executes again", ("T=9s: Poll executes again",)),
    ("T=13s: Poll executes again", ("T=13s: Poll executes again",)),
    ("T=15s: Poll detects workflow completed", ("T=15s: Poll detects workflow completed",)),
    ("→ isTerminal = true", ("T=15s: isTerminal = true",)),
    ("→ Poll timer cleared", ("T=15s: Poll timer cleared",)),
    ("→ No more polling", ("T=15s: No more polling",)),
    ("Result: Polling takes over seamlessly (resilient!)", ("Result: Polling takes over seamlessly (resilient!)",)),
)

SECTIONS = (
    ("Scenario 1: WebSocket Working (Happy Path)", "websocket-working", WORKING),
    ("Scenario 2: WebSocket Drops Messages", "websocket-drops-messages", DROPS),
    ("Scenario 3: WebSocket Dies Completely", "websocket-dies", DIES),
)


def statements(facts: Facts) -> list[Statement]:
    """The statements of these sections."""
    besides = _besides(facts)
    found = []
    for section, scenario, lines in SECTIONS:
        for says, claims in lines:
            checks = tuple(facts.claim(scenario, claim, PROSE) for claim in claims)
            more, note = besides.get(says, ((), ""))
            found.append(Statement(section, says, (*checks, *more), note))
    return found


def _besides(facts: Facts) -> dict[str, tuple[tuple[Check, ...], str]]:
    """What else bears on a line, and what to note of it: the React listing, and the same under other circumstances."""
    only_prose = "The client is that of the prose."
    stays_open = "Don't close WebSocket - keep it open for other workflows"
    return {
        "→ WebSocket stays open (can be reused)": (
            (facts.claim("listing-websocket-works", stays_open, LISTING), _reused(facts)),
            only_prose,
        ),
        "→ User sees the dropped event": (
            (facts.claim("listing-drops-messages", "T=5s: User sees the dropped event", LISTING),),
            "",
        ),
        "T=5s: No WebSocket message for 4s → Poll executes!": (
            (facts.claim("listing-drops-messages", "T=5s: No WebSocket message for 4s: Poll executes!", LISTING),),
            "",
        ),
        "→ Poll timer resets to 9s": (
            (facts.claim("listing-drops-messages", "T=5s: Poll timer resets to 9s", LISTING),),
            only_prose,
        ),
        "Result: 1 polling request (caught the dropped message!)": (
            (
                facts.claim("listing-drops-messages", "Result: caught the dropped message!", LISTING),
                facts.claim("dropped-then-completed", "Result: caught the dropped message!", "the run ends sooner"),
            ),
            "Four seconds pass without a message before the run ends.",
        ),
        "T=5s: No WebSocket message → Poll executes": (
            (facts.claim("listing-websocket-dies", "T=5s: No WebSocket message: Poll executes", LISTING),),
            "",
        ),
        "T=9s: Poll executes again": (
            (facts.claim("listing-websocket-dies", "T=9s: Poll executes again", LISTING),),
            only_prose,
        ),
        "Result: Polling takes over seamlessly (resilient!)": (
            (
                *(
                    facts.claim("everything-killed", claim, "Redis and the fanout server are killed")
                    for claim in KILLED
                ),
                facts.claim("listing-websocket-dies", "Result: Polling takes over seamlessly (resilient!)", LISTING),
            ),
            only_prose,
        ),
    }


KILLED = (
    "Polling takes over seamlessly (resilient!)",
    "three messages in five are gone",
    "no poll fails",
    "everybody polls from 16 s on: about four polls each",
    "and learns everything within the interval",
)


def _reused(facts: Facts) -> Check:
    run = facts.run(
        {
            "horizon_s": 12.0,
            "workload": {
                "events": [{"at_s": 1.0, "type": "workflow_completed"}],
                "other_events": [{"at_s": 9.0, "type": "node_started"}],
            },
        }
    )
    received_s = run.times_s("message_received", detail="other")
    found = "its messages come through the same connection" if received_s else "its messages do not come"
    return Check("another run of the user goes on after the end", found, bool(received_s))
