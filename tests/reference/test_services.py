"""What a run needs and may not have, and what it leaves behind: nothing."""

import asyncio
import gc
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from sim.contract.errors import ServiceError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.reference.redis import shown
from sim.reference.run import perform
from sim.reference.serve import Addresses, _serve, serve

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

SHORT = realize(Scenario.from_toml('title = "t"\nhorizon_s = 0.1\n'))


@contextmanager
def listening(answer: bytes = b"") -> Iterator[int]:
    """A server that is not Redis: it says this to whoever connects, and nothing more."""
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def children() -> list[str]:
    """The command lines of this process's living children."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            if f"PPid:\t{os.getpid()}\n" in text and "State:\tZ" not in text:
                found.append((status.parent / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_an_unreachable_redis_is_named_with_what_would_be_right() -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    with pytest.raises(ServiceError) as caught:
        perform(SHORT, redis=url)
    assert str(caught.value) == (
        f"{url}: no Redis answers there (connection refused); start one or leave --redis out for the embedded server"
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:6379", "localhost:6379", "redis://", "redis://h:port/0", ""])
def test_what_is_no_redis_url_is_refused(url: str) -> None:
    with pytest.raises(ServiceError, match=r"not the URL of a Redis server .*; write redis://HOST:PORT/0"):
        perform(SHORT, redis=url)


def test_a_server_that_is_not_redis_is_refused() -> None:
    with (
        listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port,
        pytest.raises(ServiceError, match=f"redis://127.0.0.1:{port}: no Redis answers there"),
    ):
        perform(SHORT, redis=f"redis://127.0.0.1:{port}")


def test_a_password_is_not_shown() -> None:
    assert shown("redis://me:secret@host:1/0") == "redis://me:***@host:1/0"


def test_another_redis_server_can_be_used(redis_url: str) -> None:
    text = """
        title = "t"
        horizon_s = 1.0
        [workload]
        events = [{ at_s = 0.1, type = "workflow_completed" }]
    """
    trace = perform(realize(Scenario.from_toml(text)), redis=redis_url)
    assert "message_received" in [row[2] for row in trace.rows]


def test_too_few_file_descriptors_are_named() -> None:
    code = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 500))
from sim.contract.errors import ServiceError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.reference.run import perform
try:
    perform(realize(Scenario.from_toml('title = "t"\\nhorizon_s = 0.1\\n[client]\\ncount = 1000\\n')))
except ServiceError as error:
    print(error)
perform(realize(Scenario.from_toml('title = "t"\\nhorizon_s = 0.1\\n[client]\\ncount = 20\\n')))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    sentence, limits = done.stdout.splitlines()
    assert sentence == (
        "1,000 clients need 10,100 file descriptors, but the hard limit of this process is 500; "
        "raise it (ulimit -n) or take fewer clients"
    )
    assert limits == "(200, 500)"


@pytest.mark.parametrize("option", ["--fanout-port", "--api-port"])
def test_a_busy_port_is_named_with_the_option_that_chooses_another(option: str, redis_url: str) -> None:
    with listening() as port, pytest.raises(ServiceError) as caught:
        serve(
            redis=redis_url,
            fanout_port=port if option == "--fanout-port" else 0,
            api_port=port if option == "--api-port" else 0,
        )
    assert str(caught.value) == (
        f"port {port} on 127.0.0.1 is taken; stop what listens there or choose another with {option}"
    )


def test_serve_takes_posted_events_to_the_websocket_and_to_polls(redis_url: str) -> None:
    async def main() -> None:
        ready: asyncio.Future[Addresses] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(_serve("127.0.0.1", 0, 0, redis_url, ready.set_result))
        at = await ready
        run_url, user = f"{at.api}/api/v1/runs/a%2Fb/events", {"username": "ann:1"}
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(f"{at.fanout}/ws", params=user) as socket:
                async with http.post(run_url, params=user, json={"type": "workflow_completed"}) as response:
                    assert response.status == 201
                    posted = await response.json()
                assert json.loads(await socket.receive_str(timeout=5)) == posted
            async with http.get(run_url) as response:
                answer = await response.json()
            async with http.get(run_url, params={"after": "0"}) as response:
                newer = await response.json()
        assert (answer["run_id"], answer["status"], len(answer["events"])) == ("a/b", "completed", 1)
        assert newer == answer | {"events": []}
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    asyncio.run(main())


def test_serve_gives_its_addresses_and_ends_on_sigterm() -> None:
    def on_ready(addresses: Addresses) -> None:
        for url in (addresses.fanout, addresses.api):
            host, _, port = url.removeprefix("http://").partition(":")
            socket.create_connection((host, int(port))).close()
        os.kill(os.getpid(), signal.SIGTERM)

    before = children()
    with pytest.raises(SystemExit) as caught:
        serve(fanout_port=0, api_port=0, on_ready=on_ready)
    assert caught.value.code == 143
    assert children() == before


@contextmanager
def leaving_nothing_behind(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No child, descriptor, temporary file, signal handler or limit is another than before."""
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    monkeypatch.setenv("TMPDIR", str(directory))

    def state() -> tuple[object, ...]:
        gc.collect()
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        limits, handlers = resource.getrlimit(resource.RLIMIT_NOFILE), signal.getsignal(signal.SIGTERM)
        return children(), descriptors, sorted(directory.iterdir()), limits, handlers, gc.get_threshold()

    before = state()
    yield
    assert state() == before


def interrupt(number: signal.Signals) -> Callable[[float], None]:
    return lambda share: os.kill(os.getpid(), number)


def fail(share: float) -> None:
    raise ZeroDivisionError


LONG = 'title = "t"\nhorizon_s = 60.0\n[client]\ncount = 5\n[websocket]\nconnect_s = 0.0\n'
STANDBYS = LONG + '[[fault]]\nkind = "fanout-restart"\nat_s = 0.01\nfor_s = 0.01\n' * 2


@pytest.mark.parametrize("text", [LONG, STANDBYS])
@pytest.mark.parametrize(
    ("progress", "error"),
    [
        (interrupt(signal.SIGINT), KeyboardInterrupt),
        (interrupt(signal.SIGTERM), SystemExit),
        (fail, ZeroDivisionError),
    ],
)
def test_nothing_is_left_behind_after_an_interruption(
    progress: Callable[[float], None],
    error: type[BaseException],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = realize(Scenario.from_toml(text))
    with leaving_nothing_behind(tmp_path, monkeypatch), pytest.raises(error):
        perform(script, progress=progress)


def test_a_caller_that_ends_on_sigterm_by_itself_hears_no_complaint_about_servers() -> None:
    code = """
import os, signal, sys
from functools import cache
from threading import Timer
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.reference import run
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as the command line does
end = cache(Timer(0.02, os.kill, (os.getpid(), signal.SIGTERM)).start)  # while the loop waits
run.perform(realize(Scenario.from_toml(sys.argv[1])), progress=lambda share: end())
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, STANDBYS.replace("0.01", "30.0")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (143, "")


OUTAGES = realize(
    Scenario.from_toml("""
        title = "t"
        horizon_s = 0.6
        [[fault]]
        kind = "fanout-restart"
        at_s = 0.1
        for_s = 0.1
        manner = "killed"
        [[fault]]
        kind = "redis-outage"
        at_s = 0.3
        for_s = 10.0
        [[fault]]
        kind = "fanout-restart"
        at_s = 0.4
        for_s = 0.1
    """)
)


def test_nothing_is_left_behind_where_servers_were_stopped_killed_and_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with leaving_nothing_behind(tmp_path, monkeypatch):
        perform(OUTAGES)


def test_nothing_is_left_behind_after_a_normal_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with leaving_nothing_behind(tmp_path, monkeypatch):
        perform(SHORT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_embedded_server_does_not_outlive_a_process_that_is_ended_from_outside(number: signal.Signals) -> None:
    code = """
import os, sys
from pathlib import Path
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.reference import run
def tell(share):
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    print(*pids, flush=True)
run.perform(realize(Scenario.from_toml('title = "t"\\nhorizon_s = 60.0\\n')), progress=tell)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as stdout:
        (pid,) = map(int, stdout.readline().split())
        server = os.pidfd_open(pid)
        os.killpg(process.pid, number)  # what a terminal does on Ctrl-C
        process.wait(20)
        ended, _, _ = select.select([server], [], [], 20)
        os.close(server)
    assert ended
    assert process.returncode in (-signal.SIGINT, 130, 143, -signal.SIGKILL)
