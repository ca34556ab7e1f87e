"""Operator and administrator try to sign for a customer, and fail (DESIGN decision 16, complaint 6).

The operator holds the service, its configuration and the socket; the administrator besides reads
and writes every file of any user but the activation process's own and root. What an owner of the
database could do is in test_activation_database_owner.py.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pyotp
import pytest
from activation_behaviour import DOCUMENT, MARK, Trial, order_for, wrong
from activation_people import CUSTOMER, CUSTOMER_USCC, UTILITY, Vouchers, request_for
from activation_trial import RunningActivation, running_activation
from signed_revisions import with_note, with_page

from api.activation_client import ActivationAuthority, ActivationStamping, HttpActivation
from contracts_chain.activation.errors import (
    AttestationRefusedError,
    CertificateRefusedError,
    CodeExpiredError,
    CodesLockedError,
    DocumentChangedError,
    NotReleasedError,
    TotpRefusedError,
    WrongCodeError,
)
from contracts_chain.activation.port import CodeFactor, TotpFactor
from contracts_chain.evidence.will import WillRefutedError, verify_release
from kernel.clock import SystemClock
from signing.pades import sign_pdf
from signing.software_key import SoftwareKey


@pytest.fixture
def trial(running: RunningActivation) -> Trial:
    return running.trial()


def sealed_by_the_utility(running: RunningActivation, trial: Trial, base: bytes) -> bytes:
    """What the operator can do with the utility's own key: a sound, certified, timestamped signature."""
    authority = ActivationAuthority(running.channel)
    credential = authority.issue_seal(
        organisation="示例供电公司", organisation_id=UTILITY, seal_name="供用电合同专用章"
    )
    return sign_pdf(
        base,
        field="SupplierSeal",
        credential=credential,
        authority=ActivationStamping(running.channel),
        revocation=authority,
        roots=(*trial.trust.ca_roots, *trial.trust.tsa_roots),
        appearance=MARK,
        signed_at=SystemClock().now(),
        reason="签订合同",
        location="线上",
        certify=True,
    )


class TestTheOperator:
    def test_gets_no_certificate_in_a_customers_name(self, running: RunningActivation) -> None:
        authority = ActivationAuthority(running.channel)
        with pytest.raises(CertificateRefusedError):
            authority.certify_seal(
                SoftwareKey.generate().public_key_der,
                organisation=CUSTOMER,
                organisation_id=CUSTOMER_USCC,
                seal_name="公章",
            )

    @pytest.mark.parametrize(
        "operation",
        ["issue_person", "certify_person", "issue_seal", "credential", "code", "vault", "people", "key"],
    )
    def test_finds_no_way_to_a_persons_certificate_or_a_code(
        self, running: RunningActivation, operation: str
    ) -> None:
        transport = httpx.HTTPTransport(uds=str(running.process.socket))
        with httpx.Client(transport=transport, base_url="http://activation") as client:
            assert client.post(f"/{operation}", content=b"{}").status_code == 404

    def test_forges_no_release(self, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        release = trial.activation.released(request.ceremony)
        assert release is not None
        forgeries = (
            dict(release.evidence) | {"level": "passkey"},
            dict(release.evidence) | {"statement": request_for(trial.li, DOCUMENT).statement().decode()},
            dict(release.evidence) | {"signature": "00" * 64},
        )
        for forged in forgeries:
            with pytest.raises(WillRefutedError):
                verify_release(forged, trial.public_key)

    def test_adds_no_page_before_the_first_signature(self, running: RunningActivation, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        honest = sealed_by_the_utility(running, trial, DOCUMENT)
        for changed in (with_page(DOCUMENT), with_note(DOCUMENT)):
            forged = sealed_by_the_utility(running, trial, changed)
            with pytest.raises(DocumentChangedError):
                trial.activation.sign(replace(order_for(request, forged), certify=False))
        assert trial.activation.sign(replace(order_for(request, honest), certify=False)).pdf.startswith(
            honest
        )

    def test_appends_nothing_after_a_signature(self, running: RunningActivation, trial: Trial) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        signed = sealed_by_the_utility(running, trial, DOCUMENT)
        mine = trial.activation.sign(replace(order_for(request, signed), certify=False)).pdf
        for base, field in ((signed, "ConsumerPerson"), (mine, "ConsumerSeal")):
            for changed in (with_page(base), with_note(base), base + b"\n% more"):
                with pytest.raises(DocumentChangedError):
                    trial.activation.sign(
                        replace(order_for(request, changed, field_name=field), certify=False)
                    )

    def test_uses_no_release_for_another_contract(self, trial: Trial) -> None:
        trial.enrol()
        agreed, other = request_for(trial.zhang, DOCUMENT), request_for(trial.zhang, DOCUMENT, number="other")
        trial.released(agreed)
        with pytest.raises(NotReleasedError):
            trial.activation.sign(replace(order_for(agreed), number="other"))
        with pytest.raises(NotReleasedError):
            trial.activation.sign(order_for(other))

    def test_names_no_phone(self, trial: Trial, running: RunningActivation) -> None:
        """No request has a member for it: codes go where the attestation says, whatever the terms say."""
        trial.enrol()
        before = len(_messages(running))
        trial.activation.send_code(request_for(trial.zhang, DOCUMENT))
        assert {told["phone"] for told in _messages(running)[before:]} == {trial.phone}

    def test_forges_no_attestation(self, trial: Trial) -> None:
        stranger, now = Vouchers(), trial.now()
        genuine = trial.vouchers.attest(trial.zhang, now)
        head, _, tail = genuine.partition(b".")
        forgeries = (
            stranger.attest(trial.zhang, now),
            stranger.attest_at_hall(trial.zhang, now),
            trial.vouchers.attest_at_hall(trial.zhang, now, clerks=(1, 1)),
            trial.vouchers.attest(trial.zhang, now, issuer="another"),
            trial.vouchers.attest(trial.zhang, now, method="hall_review"),
            head + b".e30." + tail.rpartition(b".")[2],
            b"eyJhbGciOiJub25lIn0." + tail.rpartition(b".")[0] + b".",
            b"{}",
            b"",
        )
        for forged in forgeries:
            with pytest.raises(AttestationRefusedError):
                trial.activation.enrol(forged)
        assert trial.activation.standing(trial.zhang).attested_utc is None

    def test_replays_no_session_with_another_phone(self, trial: Trial) -> None:
        now, session = trial.now(), {"session": "one", "nonce": "0123456789abcdef"}
        trial.activation.enrol(trial.vouchers.attest(trial.zhang, now, phone=trial.phone, **session))
        with pytest.raises(AttestationRefusedError):
            trial.activation.enrol(trial.vouchers.attest(trial.zhang, now, phone="13911112222", **session))
        assert trial.activation.standing(trial.zhang).phone == trial.masked


class TestGuessing:
    def test_restarts_give_no_further_tries(self, tmp_path: Path) -> None:
        with running_activation(tmp_path / "activation", Vouchers()) as own:
            trial = own.trial()
            trial.enrol()
            for time in range(6):
                _guess_five_times(trial)
                if time % 2:
                    own.kill()
            with pytest.raises(CodesLockedError):
                trial.activation.send_code(request_for(trial.zhang, DOCUMENT))

    def test_an_older_copy_of_the_store_brings_back_no_code_and_no_digits(self, tmp_path: Path) -> None:
        with running_activation(tmp_path / "activation", Vouchers()) as own:
            trial = own.trial()
            trial.enrol()
            trial.activation.send_enrolment_code(trial.zhang)
            app = pyotp.parse_uri(trial.activation.new_totp(trial.zhang, trial.newest_code(trial.phone)))
            assert isinstance(app, pyotp.TOTP)
            request = request_for(trial.zhang, DOCUMENT)
            trial.activation.send_code(request)
            code, digits = trial.newest_code(trial.phone), app.at(trial.now(), counter_offset=1)
            shutil.copytree(own.private / "vault", tmp_path / "older")
            trial.activation.confirm_totp(trial.zhang, digits)
            own.kill()
            for name in ("data.mdb", "lock.mdb"):
                (own.private / "vault" / name).write_bytes((tmp_path / "older" / name).read_bytes())
            with pytest.raises(CodeExpiredError):
                trial.activation.release(request, CodeFactor(code=code))
            stale = app.at(trial.now(), counter_offset=0)
            with pytest.raises(TotpRefusedError):
                trial.activation.confirm_totp(trial.zhang, stale)
            assert trial.activation.released(request.ceremony) is None

    def test_a_totp_of_a_moment_before_the_run_is_void(self, tmp_path: Path) -> None:
        with running_activation(tmp_path / "activation", Vouchers()) as own:
            trial = own.trial()
            trial.enrol()
            trial.activation.send_enrolment_code(trial.zhang)
            app = pyotp.parse_uri(trial.activation.new_totp(trial.zhang, trial.newest_code(trial.phone)))
            assert isinstance(app, pyotp.TOTP)
            trial.activation.confirm_totp(trial.zhang, app.at(trial.now(), counter_offset=1))
            own.kill()
            with pytest.raises(TotpRefusedError):
                trial.activation.release(
                    request_for(trial.zhang, DOCUMENT),
                    TotpFactor(code=app.at(trial.now(), counter_offset=-1)),
                )


class TestTheAdministrator:
    """As root starts it, the process has a user of its own; started by another user, it says it has not."""

    def test_reads_neither_directory_nor_key_nor_memory(self, running: RunningActivation) -> None:
        pid = running.process.pid
        assert pid is not None
        if os.geteuid() != 0:
            assert running.channel.about().text("separation") == "none"
            assert not _succeeds(lambda: Path(f"/proc/{pid}/mem").open("rb").close())
            return
        assert running.channel.about().text("separation") == "own_user"
        targets = {
            "list": lambda: list(running.private.iterdir()),
            "kek": (running.private / "kek.secret").read_bytes,
            "store": (running.private / "vault" / "data.mdb").read_bytes,
            "outbox": (running.private / "outbox" / "sms.jsonl").read_bytes,
            "configuration": (running.private / "activation.json").read_bytes,
            "rewrite": lambda: (running.private / "activation.json").write_bytes(b"{}"),
            "plant": lambda: (running.process.directory / "planted").write_bytes(b""),
            "memory": lambda: Path(f"/proc/{pid}/mem").open("rb").close(),
            "environment": lambda: Path(f"/proc/{pid}/environ").read_bytes(),
            "descriptors": lambda: list(Path(f"/proc/{pid}/fd").iterdir()),
            "trace": lambda: _trace(pid),
            "kill": lambda: os.kill(pid, 0),
            "connect": lambda: _connect(running.process.socket),
        }
        assert _as_user(12_345, targets) == []
        harmless = targets.keys() - {"rewrite", "plant", "trace"}
        assert _as_user(0, {name: targets[name] for name in sorted(harmless)}) == sorted(harmless)
        assert _as_user(running.private.stat().st_uid + 1, {"list": targets["list"]}) == []

    def test_the_process_runs_as_a_user_that_is_neither_root_nor_ours(
        self, running: RunningActivation
    ) -> None:
        if os.geteuid() == 0:
            status = Path(f"/proc/{running.process.pid}/status").read_text("utf-8")
            own = str(running.private.stat().st_uid)
            users = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
            assert users == [own] * 4
            assert own != "0"
            assert "NoNewPrivs:\t1" in status
            assert oct(running.private.stat().st_mode & 0o777) == "0o700"

    def test_a_later_start_changes_nobody_the_process_believes(self, tmp_path: Path) -> None:
        founded, intruder = Vouchers(), Vouchers()
        with running_activation(tmp_path / "activation", founded) as own:
            key = own.trial().public_key
        with running_activation(tmp_path / "activation", intruder) as own:
            trial = own.trial()
            assert trial.public_key == key
            assert HttpActivation(own.channel).configuration_differs == ("hall_clerks", "providers")
            with pytest.raises(AttestationRefusedError):
                trial.enrol()
            trial.activation.enrol(founded.attest(trial.zhang, trial.now()))

    def test_a_stolen_store_tells_nothing(self, trial: Trial, running: RunningActivation) -> None:
        trial.enrol()
        request = request_for(trial.zhang, DOCUMENT)
        trial.released(request)
        held = b"".join(path.read_bytes() for path in (running.private / "vault").iterdir())
        secrets = (
            trial.zhang.id_no,
            trial.zhang.name,
            trial.phone,
            request.ceremony,
            "one_time_code",
        )
        assert [one for one in secrets if one.encode() in held] == []


def _guess_five_times(trial: Trial) -> None:
    request = request_for(trial.zhang, DOCUMENT)
    trial.activation.send_code(request)
    guess = CodeFactor(code=wrong(trial.newest_code(trial.phone)))
    for _ in range(5):
        with pytest.raises(WrongCodeError):
            trial.activation.release(request, guess)


def _messages(running: RunningActivation) -> list[dict[str, str]]:
    lines = (running.private / "outbox" / "sms.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _connect(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.connect(str(path))


def _trace(pid: int) -> None:
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.ptrace(16, pid, 0, 0) != 0:  # PTRACE_ATTACH
        raise PermissionError(ctypes.get_errno(), "ptrace")


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _as_user(user: int, attempts: dict[str, Callable[[], object]]) -> list[str]:
    """Which attempts succeed in a child under this user id."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            done = [name for name, attempt in attempts.items() if _succeeds(attempt)]
            os.write(writing, json.dumps(done).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    found: list[str] = json.loads(told)
    return found
