"""Labels for markers on a time axis: markers too close for labels of their own share one."""

from collections.abc import Iterable, Sequence

Place = tuple[float, int]
"""When, and the index of which event."""


def shared(places: Iterable[Place], character_s: float) -> list[tuple[float, str]]:
    """Where each label stands, and what it says; none comes closer to the next than a character.

    places: in time order. character_s: the width of a character on the axis, in seconds.
    """
    groups: list[list[Place]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], character_s):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [(_middle_s(group), _text(group)) for group in groups]


def _touch(left: Sequence[Place], right: Sequence[Place], character_s: float) -> bool:
    characters = (len(_text(left)) + len(_text(right))) / 2 + 1
    return _middle_s(right) - _middle_s(left) < characters * character_s


def _middle_s(group: Sequence[Place]) -> float:
    return (group[0][0] + group[-1][0]) / 2


def _text(group: Sequence[Place]) -> str:
    return ranges(event for _, event in group)


def ranges(events: Iterable[int]) -> str:
    """Indices in few characters: 0, or 2 to 4, or 1, 3 to 5; of many only the first and the last."""
    found: list[list[int]] = []
    for event in sorted(set(events)):
        if found and event == found[-1][-1] + 1:
            found[-1] = [found[-1][0], event]
        else:
            found.append([event])
    if len(found) > 2:
        return f"{found[0][0]}...{found[-1][-1]}"
    return ", ".join("\N{EN DASH}".join(map(str, ends)) for ends in found)
