"""Real witness processes: their answers, their directory, kill -9; and the adapter that asks them."""

from __future__ import annotations

import http.server
import itertools
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from witnesses_behaviour import (
    LOG_PUBLIC,
    ORIGIN,
    Panel,
    WitnessesBehaviour,
    a_log,
    cosigned,
    note_of,
)

from api.house_witnesses import EmbeddedWitnesses
from api.http_witnesses import HttpWitnesses, WitnessAddress
from api.settings import Settings, WitnessSetting
from api.witness_launch import WitnessProcess
from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    TrustedWitness,
    load_log_key,
    log_public_key,
    read_checkpoint,
    sign_checkpoint,
    verify_cosignatures,
)
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.witness_errors import WitnessQuorumError
from contracts_chain.evidence.witness_submission import Submission

LOG = a_log(400)
OTHER = a_log(400, "rewritten", same=1)
NAME = "notary.test/witness"
WATCHED = f"{ORIGIN}={LOG_PUBLIC.hex()}"


@contextmanager
def running(directory: Path, name: str = NAME) -> Iterator[tuple[WitnessProcess, WitnessAddress]]:
    process = WitnessProcess(directory, name, "示例公证处 TEST", WATCHED)
    process.begin()
    try:
        yield process, process.address()
    finally:
        process.stop()


def post(address: WitnessAddress, body: bytes) -> httpx.Response:
    return httpx.post(f"{address.url}/add-checkpoint", content=body, trust_env=False, timeout=20)


def step(log: MerkleLog, old: int, new: int) -> bytes:
    path = log.consistency(old, new) if 0 < old < new else ()
    return Submission(old_size=old, path=path, note=note_of(log, new)).body()


# ---- the port over HTTP -------------------------------------------------------------------------


class _HttpPanel:
    def __init__(self, directory: Path) -> None:
        names = [f"{short}.test/witness" for short in ("notary", "court", "ca")]
        self._processes = {
            name: WitnessProcess(directory / name.partition(".")[0], name, f"示例 {name} TEST", WATCHED)
            for name in names
        }
        for process in self._processes.values():
            process.begin()
        addresses = [process.address() for process in self._processes.values()]
        self.trusted = tuple(address.witness for address in addresses)
        self.witnesses = HttpWitnesses(addresses, quorum=2, log_key=LOG_PUBLIC, timeout_seconds=5)

    def send_away(self, witness: TrustedWitness) -> None:
        self._processes[witness.name].stop()

    def close(self) -> None:
        self.witnesses.stop()
        for process in self._processes.values():
            process.stop()


class TestHttpWitnesses(WitnessesBehaviour):
    @pytest.fixture
    def panel(self, tmp_path: Path) -> Iterator[Panel]:
        panel = _HttpPanel(tmp_path)
        yield panel
        panel.close()


# ---- one process --------------------------------------------------------------------------------


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[WitnessAddress]:
    with running(tmp_path / "witness") as (_, address):
        yield address


def test_every_refusal_has_the_status_of_the_specification(witness: WitnessAddress) -> None:
    assert post(witness, step(LOG, 0, 7)).status_code == 200
    forged = sign_checkpoint(read_checkpoint(note_of(LOG, 9)), load_log_key(b"\x01" * 32))
    fork = Submission(old_size=7, path=(), note=note_of(OTHER, 7)).body()
    for body, status in (
        (b"hello", 400),
        (step(LOG, 9, 7), 400),
        (Submission(old_size=7, path=(), note=forged).body(), 403),
        (step(LOG, 7, 9).replace(ORIGIN.encode(), b"other.test/log"), 404),
        (step(LOG, 6, 9), 409),
        (fork, 409),
        (Submission(old_size=7, path=(), note=note_of(LOG, 9)).body(), 422),
        (b"old 7\n" + b"A" * 65536, 413),
    ):
        answer = post(witness, body)
        assert answer.status_code == status
        assert (answer.headers["Content-Type"] == "text/x.tlog.size") == (status == 409 and body != fork)
    assert post(witness, step(LOG, 6, 9)).text == "7\n"
    assert httpx.get(f"{witness.url}/add-checkpoint", trust_env=False).status_code == 405
    assert httpx.get(f"{witness.url}/elsewhere", trust_env=False).status_code == 404


def test_it_shows_its_key_and_what_it_holds(witness: WitnessAddress) -> None:
    where = {"origin": ORIGIN}
    assert httpx.get(f"{witness.url}/checkpoint", params=where, trust_env=False).status_code == 404
    post(witness, step(LOG, 0, 7))
    assert httpx.get(f"{witness.url}/checkpoint", params=where, trust_env=False).text == note_of(LOG, 7)
    shown = httpx.get(f"{witness.url}/key", trust_env=False).json()
    assert (shown["name"], shown["public_key"]) == (NAME, witness.witness.public_key.hex())
    assert shown["logs"] == [{"origin": ORIGIN, "size": 7}]


def test_key_and_memory_outlive_the_process_and_are_its_owner_s_alone(tmp_path: Path) -> None:
    directory = tmp_path / "witness"
    with running(directory) as (_, first):
        post(first, step(LOG, 0, 7))
    with running(directory) as (_, again):
        assert again.witness == first.witness
        assert post(again, step(LOG, 0, 9)).text == "7\n"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "key.secret").stat().st_mode) == 0o600


def test_a_fork_leaves_both_notes_on_disk(tmp_path: Path) -> None:
    with running(tmp_path / "witness") as (_, address):
        post(address, step(LOG, 0, 20))
        post(address, Submission(old_size=20, path=(), note=note_of(OTHER, 20)).body())
    (evidence,) = (tmp_path / "witness" / "forks").glob("*.txt")
    assert evidence.read_text("utf-8") == f"{note_of(LOG, 20)}\n{note_of(OTHER, 20)}"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api", "witness", *arguments],
        capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_second_process_on_one_directory_is_refused(tmp_path: Path) -> None:
    with running(tmp_path / "witness"):
        done = command("--dir", str(tmp_path / "witness"), "--name", NAME, "--log", WATCHED)
    assert done.returncode == 1
    assert "witness_directory_locked" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "two words", "--log", WATCHED),
        ("--name", NAME, "--log", ORIGIN),
        ("--name", NAME, "--log", "a=b"),
    ],
)
def test_a_wrong_name_or_log_is_refused_before_anything_is_made(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = command("--dir", str(tmp_path / "witness"), *arguments)
    assert done.returncode == 10
    assert "witness_arguments" in done.stderr
    assert not (tmp_path / "witness").exists()


def test_sigterm_ends_it_cleanly_and_it_needs_no_database_library(tmp_path: Path) -> None:
    loaded = (
        "import sys; import api.witness_server;"
        "print([name for name in ('sqlalchemy', 'pyhanko', 'web3', 'fastapi', 'psycopg')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    arguments = ["witness", "--dir", str(tmp_path / "w"), "--name", NAME, "--log", WATCHED]
    started = subprocess.Popen(
        [sys.executable, "-m", "api", *arguments], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    with started:
        assert started.stdout is not None
        assert json.loads(started.stdout.readline())["name"] == NAME
        started.send_signal(signal.SIGTERM)
        assert started.wait(20) == 0


# ---- kill -9 ------------------------------------------------------------------------------------


def log_of(words: list[str]) -> MerkleLog:
    return MerkleLog(hash_leaf(word.encode()) for word in words)


class Grower:
    """A log that grows by one leaf as fast as its witness cosigns."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.cosigned: list[str] = []
        self._under_way: list[str] = []

    def grow(self, address: WitnessAddress, target: int, enough: threading.Event) -> None:
        """Until the witness is gone; tells when ``target`` notes are cosigned."""
        while True:
            self._under_way = [*self.words, f"leaf {len(self.words)}, asked {len(self.cosigned)}"]
            log, size = log_of(self._under_way), len(self._under_way)
            try:
                answer = post(address, step(log, size - 1, size))
            except httpx.HTTPError:
                return
            assert answer.status_code == 200
            self.words = self._under_way
            self.cosigned.append(note_of(log, size) + answer.text)
            if len(self.cosigned) >= target:
                enough.set()

    def take_up(self, address: WitnessAddress) -> None:
        """After a kill: what was cosigned is remembered; what was under way may be."""
        for back in (1, 2, 3):
            old = len(self.words) - back
            if old > 0:
                fork = log_of([*self.words[:old], "another leaf"])
                assert post(address, step(fork, old, old + 1)).status_code == 409
        held = post(address, step(log_of(["no such log"]), 0, 1)).text.strip()
        if self.words and int(held) == len(self.words) + 1:
            self.words = self._under_way


def test_killed_at_any_moment_it_never_cosigns_two_histories(tmp_path: Path) -> None:
    grower = Grower()
    for turn in range(6):
        with running(tmp_path / "witness") as (process, address):
            if grower.words:
                grower.take_up(address)
            enough = threading.Event()
            target = len(grower.cosigned) + 2 + turn
            growing = threading.Thread(target=grower.grow, args=(address, target, enough))
            growing.start()
            assert enough.wait(30)
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            growing.join(30)
    assert len(grower.cosigned) >= 6 * 2
    for note in grower.cosigned:
        assert verify_cosignatures(note, [address.witness], 1)
        checkpoint = read_checkpoint(note)
        assert checkpoint.root == log_of(grower.words).root(checkpoint.size)


# ---- witnesses that do not answer as they should ------------------------------------------------


@contextmanager
def answering(reply: Callable[[], tuple[int, str, bytes]]) -> Iterator[str]:
    """A server that answers everything alike."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, kind, body = reply()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the server looks for this name

        def log_message(self, *said: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(10)


def asking(url: str, quorum: int = 1, timeout_seconds: float = 2.0) -> HttpWitnesses:
    key = load_log_key(b"\x05" * 32)
    witness = TrustedWitness(name=NAME, public_key=log_public_key(key), operator="示例 TEST")
    return HttpWitnesses(
        [WitnessAddress(url=url, witness=witness)],
        quorum=quorum,
        log_key=LOG_PUBLIC,
        timeout_seconds=timeout_seconds,
    )


@pytest.mark.parametrize(
    ("status", "kind", "body", "reason"),
    [
        (200, "text/plain", b"", "no valid cosignature"),
        (200, "text/plain", b"\xff\xfe", "no valid cosignature"),
        (200, "text/plain", "\u2014 notary.test/witness AAAAAAAA\n".encode(), "no valid cosignature"),
        (409, "text/x.tlog.size", b"3\n", "names no size"),
        (409, "text/x.tlog.size", b"many\n", "names no size"),
        (409, "text/x.tlog.size", b"9" * 30, "names no size"),
        (409, "text/x.tlog.size", b"99\n", "99 leaves"),
        (409, "text/plain", b"fork!\n", "shows no older checkpoint"),
        (422, "text/plain", b"no\n", "shows no older checkpoint"),
        (500, "text/plain", b"oh\n", "status 500"),
        (200, "text/plain", b"x" * 70_000, "DecodingError"),
    ],
)
def test_a_witness_that_answers_nonsense_is_named_and_not_counted(
    status: int, kind: str, body: bytes, reason: str
) -> None:
    with answering(lambda: (status, kind, body)) as url:
        witnesses = asking(url)
        with pytest.raises(WitnessQuorumError, match=reason):
            cosigned(witnesses, LOG, 7)
        witnesses.stop()


def test_a_witness_that_refuses_what_it_could_verify_raises_no_alarm() -> None:
    answers = itertools.chain(
        [(422, "text/plain", b"no\n")], itertools.repeat((200, "", note_of(LOG, 5).encode()))
    )
    with answering(lambda: next(answers)) as url:
        witnesses = asking(url)
        with pytest.raises(WitnessQuorumError, match="refuses a proof that holds"):
            cosigned(witnesses, LOG, 7)
        witnesses.stop()


def test_a_checkpoint_that_our_key_never_signed_raises_no_alarm() -> None:
    false = sign_checkpoint(Checkpoint(origin=ORIGIN, size=5, root=OTHER.root(5)), load_log_key(b"\x03" * 32))
    answers = itertools.chain([(422, "text/plain", b"no\n")], itertools.repeat((200, "", false.encode())))
    with answering(lambda: next(answers)) as url:
        witnesses = asking(url)
        with pytest.raises(WitnessQuorumError, match="shows no older checkpoint"):
            cosigned(witnesses, LOG, 7)
        witnesses.stop()


def test_a_witness_that_never_answers_does_not_hold_up_the_quorum(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, running(tmp_path / "witness") as (_, address):
        silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        other = TrustedWitness(name="silent.test/witness", public_key=LOG_PUBLIC, operator="示例 TEST")
        addresses = [WitnessAddress(url=silent_url, witness=other), address]
        witnesses = HttpWitnesses(addresses, quorum=1, log_key=LOG_PUBLIC, timeout_seconds=1)
        started = time.monotonic()
        assert cosigned(witnesses, LOG, 7).count("\u2014") == 2
        assert time.monotonic() - started < 1
        both = HttpWitnesses(addresses, quorum=2, log_key=LOG_PUBLIC, timeout_seconds=0.3)
        with pytest.raises(WitnessQuorumError, match=r"silent\.test/witness: does not answer"):
            cosigned(both, LOG, 9)
        for each in (witnesses, both):
            each.stop()


def test_no_witnesses_leave_the_note_as_it_is() -> None:
    witnesses = HttpWitnesses([], quorum=0, log_key=LOG_PUBLIC, timeout_seconds=1)
    assert cosigned(witnesses, LOG, 7) == note_of(LOG, 7)
    witnesses.stop()


# ---- the three of the default run ---------------------------------------------------------------

BEGIN_THREE = """
import sys, time
from pathlib import Path
from api.house_witnesses import EmbeddedWitnesses
from kernel.sized_bytes import Bytes32
key = Bytes32.from_hex(sys.argv[3])
begun = EmbeddedWitnesses(Path(sys.argv[1]), sys.argv[2], key, quorum=2, timeout_seconds=5)
print(*[one.public_key.hex() for one in begun.ready()], flush=True)
time.sleep(600)
"""


def test_the_three_embedded_witnesses_come_back_when_killed_with_the_same_keys(tmp_path: Path) -> None:
    embedded = EmbeddedWitnesses(tmp_path / "witnesses", ORIGIN, LOG_PUBLIC, quorum=2, timeout_seconds=5)
    try:
        trusted = embedded.ready()
        assert [one.operator for one in trusted] == ["示例公证处 TEST", "示例法院 TEST", "示例认证机构 TEST"]
        verify_cosignatures(cosigned(embedded, LOG, 7), trusted, 2)
        for process in embedded.processes:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert len(verify_cosignatures(cosigned(embedded, LOG, 9), trusted, 3)) == 3
    finally:
        embedded.stop()
    again = EmbeddedWitnesses(tmp_path / "witnesses", ORIGIN, LOG_PUBLIC, quorum=2, timeout_seconds=5)
    try:
        assert again.ready() == trusted
    finally:
        again.stop()


def test_a_second_process_of_the_installation_asks_the_witnesses_that_run(tmp_path: Path) -> None:
    """A worker beside the service; and when the service goes, the worker begins them again."""

    def begun() -> EmbeddedWitnesses:
        return EmbeddedWitnesses(tmp_path / "witnesses", ORIGIN, LOG_PUBLIC, quorum=2, timeout_seconds=5)

    service = begun()
    trusted = service.ready()
    worker = begun()
    try:
        assert worker.ready() == trusted
        assert [process.pid for process in worker.processes] == [None] * 3
        verify_cosignatures(cosigned(worker, LOG, 7), trusted, 2)
        service.stop()
        assert len(verify_cosignatures(cosigned(worker, LOG, 9), trusted, 3)) == 3
        assert None not in [process.pid for process in worker.processes]
    finally:
        service.stop()
        worker.stop()


def test_witnesses_end_with_a_killed_parent_and_its_successor_takes_their_directories(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", BEGIN_THREE, str(tmp_path / "witnesses"), ORIGIN, LOG_PUBLIC.hex()],
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        keys = parent.stdout.readline().decode().split()
        parent.kill()
    again = EmbeddedWitnesses(tmp_path / "witnesses", ORIGIN, LOG_PUBLIC, quorum=2, timeout_seconds=5)
    try:
        assert [one.public_key.hex() for one in again.ready()] == keys
    finally:
        again.stop()


def test_a_quorum_that_cannot_be_reached_is_refused_at_the_settings() -> None:
    somebody = WitnessSetting(
        name=NAME, url="http://witness.test", public_key="11" * 32, operator="示例 TEST"
    )
    assert Settings(witnesses=(somebody,), witness_quorum=1).witness_quorum == 1
    for quorum in (0, 2):
        with pytest.raises(ValueError, match="witness_quorum"):
            Settings(witnesses=(somebody,), witness_quorum=quorum)
    with pytest.raises(ValueError, match="witness_quorum"):
        Settings(witness_quorum=4)
