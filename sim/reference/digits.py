"""Whole numbers in headers and queries, as somebody else may have written them."""


def whole_number(text: str, most: int) -> int | None:
    """The whole number from 0 in these ASCII digits, or `most` where it is greater; None for any other text."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return most if len(digits) > len(str(most)) else min(int(digits), most)
