"""Every curl on the pages gets its answer from the reference system, as `fanout-sim serve` runs it."""

import argparse
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from tests.docs.pages import PAGES, blocks, words_as_code

CURLS = list(
    dict.fromkeys(
        found
        for found in (
            *(line for block in blocks("sh") for line in block.lines),
            *(w for p in PAGES for w in words_as_code(p)),
        )
        if found.startswith("curl ")
    )
)
DEFAULT_PORTS = {"WebSocket": "8085", "polling": "8081"}


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, str]]:
    """The port that stands for each of the default ones, which may be taken."""
    command = [sys.executable, "-m", "sim", "serve", "--fanout-port", "0", "--api-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = {}
        for part, default in DEFAULT_PORTS.items():
            told = re.match(rf"{part} +\w+://127\.0\.0\.1:(\d+)/", process.stdout.readline())
            assert told is not None
            found[default] = told[1]
        yield found
        process.send_signal(signal.SIGINT)


@pytest.mark.live
@pytest.mark.xdist_group("live")
def test_every_curl_is_answered_in_the_order_of_the_pages(ports: dict[str, str]) -> None:
    """An event must be posted before its run's history can be asked for."""
    assert CURLS
    for line in CURLS:
        _check_answered(line, ports)


def _check_answered(line: str, ports: dict[str, str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-d", type=str.encode)
    parser.add_argument("url")
    given = parser.parse_args(shlex.split(line)[1:])
    host, path = given.url.removeprefix("http://").split("/", 1)
    name, port = host.split(":")
    assert name == "localhost"
    with urllib.request.urlopen(f"http://127.0.0.1:{ports[port]}/{path}", given.d, timeout=10) as answer:
        assert answer.status in (200, 201, 202), line
        assert answer.read(), line
