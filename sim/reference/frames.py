"""WebSocket frames as a server writes them (RFC 6455 section 5.2)."""

import struct

PING = b"\x89\x00"

GOING_AWAY = b"\x88\x02\x03\xe9"
"""A close frame with code 1001."""


def text_frame(payload: bytes) -> bytes:
    """An unmasked text frame: one message, never two (F2)."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, length) + payload
    return struct.pack("!BBQ", 0x81, 127, length) + payload


def pong_frame(data: bytes) -> bytes:
    """The answer to a ping that carried this, which is at most 125 bytes."""
    return bytes((0x8A, len(data))) + data


def payload_of(frame: bytes) -> bytes:
    """The message in a frame of `text_frame`."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]
