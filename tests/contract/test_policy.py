"""Policies (DESIGN.md section 4): data, by name."""

import dataclasses

import pytest

from sim.contract.policy import PRESETS, Policy


def test_the_presets_are_those_of_the_design() -> None:
    assert list(PRESETS) == [
        "websocket-only",
        "polling-only",
        "hybrid",
        "hybrid-backoff",
        "hybrid-listing",
        "hybrid-listing-backoff",
        "hybrid-cursor",
    ]


def test_hybrid_is_the_documents_prose() -> None:
    """C1 to C6: WebSocket and polls, 4 s, no poll at mount, no backoff, no reconnect, none of the extra polls."""
    assert PRESETS["hybrid"] == Policy(
        websocket=True,
        polling=True,
        poll_interval_s=4.0,
        poll_at_mount=False,
        backoff_factor=1.0,
        reconnect="none",
        jitter="none",
        gap_poll=False,
        final_poll=False,
        catch_up_poll=False,
    )


@pytest.mark.parametrize(
    ("preset", "difference"),
    [
        ("websocket-only", {"polling": False}),
        ("polling-only", {"websocket": False}),
        ("hybrid-backoff", {"backoff_factor": 1.5}),
        ("hybrid-listing", {"listing": "hook"}),
        ("hybrid-listing-backoff", {"listing": "backoff", "backoff_factor": 1.5}),
        (
            "hybrid-cursor",
            {
                "gap_poll": True,
                "final_poll": True,
                "catch_up_poll": True,
                "retry_after": True,
                "reconnect": "exponential",
                "jitter": "full",
                "poll_jitter": 0.25,
                "error_backoff_factor": 2.0,
            },
        ),
    ],
)
def test_a_preset_differs_from_hybrid_in_just_these_choices(preset: str, difference: dict[str, object]) -> None:
    hybrid, other = dataclasses.asdict(PRESETS["hybrid"]), dataclasses.asdict(PRESETS[preset])
    assert {name: value for name, value in other.items() if value != hybrid[name]} == difference


@pytest.mark.parametrize(
    ("choices", "by_sequence"),
    [
        ({}, False),
        ({"catch_up_poll": True}, False),
        ({"gap_poll": True}, True),
        ({"final_poll": True}, True),
    ],
)
def test_p4_a_client_goes_by_sequence_with_gap_polls_or_final_polls(
    choices: dict[str, bool], by_sequence: bool
) -> None:
    assert Policy(**choices).by_sequence is by_sequence  # type: ignore[arg-type]
