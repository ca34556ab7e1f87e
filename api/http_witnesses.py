"""Asks witnesses over HTTP (C2SP tlog-witness) and believes only what verifies under their keys.

All are asked at once; who answers with another size is asked again with the proof from there.
A refusal is looked into: if the witness holds a checkpoint signed by our own log that ours does
not extend, that is a fork and raises the alarm, whatever the others say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import httpx

from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    CheckpointSignatureError,
    CosignatureError,
    TooFewCosignaturesError,
    TrustedWitness,
    read_checkpoint,
    verify_cosignatures,
    verify_note,
)
from contracts_chain.evidence.merkle import ProofShapeError, RootMismatchError, verify_consistency
from contracts_chain.evidence.signed_note import read_note
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.witness_errors import MissingWitness, WitnessForkError, WitnessQuorumError
from contracts_chain.evidence.witness_submission import Submission
from kernel.sized_bytes import Bytes32

__all__ = ["HttpWitnesses", "WitnessAddress"]

_GREATEST_ANSWER = 64 * 1024
_GRACE_SECONDS = 0.25
_ROUNDS = 3
_SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAddress:
    """A trusted witness and where it is asked; ``add-checkpoint`` is appended to the URL."""

    url: str
    witness: TrustedWitness


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    kind: str
    text: str


@dataclass(slots=True, kw_only=True)
class _Request:
    """One checkpoint on its way: what has come, what is missing, who is still being asked."""

    note: str
    ours: Checkpoint
    consistency: Callable[[int], Sequence[Bytes32]]
    lines: list[str] = field(default_factory=list)
    missing: list[MissingWitness] = field(default_factory=list)
    asked: dict[Future[_Answer], WitnessAddress] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    paths: dict[int, tuple[Bytes32, ...]] = field(default_factory=dict)

    def lacks(self, address: WitnessAddress, en: str, zh: str) -> None:
        """Note why this witness does not cosign."""
        self.missing.append(MissingWitness(name=address.witness.name, en=en, zh=zh))

    def path(self, old_size: int) -> tuple[Bytes32, ...]:
        """Proof from an older size, worked out once for all who hold it."""
        if not 0 < old_size < self.ours.size:
            return ()
        if old_size not in self.paths:
            self.paths[old_size] = tuple(self.consistency(old_size))
        return self.paths[old_size]

    def submission(self, old_size: int) -> bytes:
        """What is posted to a witness that holds ``old_size`` leaves."""
        return Submission(old_size=old_size, path=self.path(old_size), note=self.note).body()


class HttpWitnesses:
    """Implements ``workflows.ports.Witnesses``; safe to call from several threads."""

    def __init__(
        self, addresses: Sequence[WitnessAddress], *, quorum: int, log_key: Bytes32, timeout_seconds: float
    ) -> None:
        """Ask nobody yet.

        Args:
            addresses: Whom to ask.
            quorum: How many must cosign; 0 with no addresses leaves notes as they are.
            log_key: Our log's public key, to judge what a witness says it holds.
            timeout_seconds: For one answer; the whole asking takes three times that at most.
        """
        self._addresses = tuple(addresses)
        self._quorum = quorum
        self._log_key = log_key
        self._timeout_seconds = timeout_seconds
        self._held: dict[str, int] = {}
        self._client = httpx.Client(timeout=timeout_seconds, trust_env=False)
        self._pool = ThreadPoolExecutor(max(1, 2 * len(self._addresses)), thread_name_prefix="witness")

    def ready(self) -> tuple[TrustedWitness, ...]:
        """Who is asked; others run them, so there is nothing to wait for."""
        return tuple(address.witness for address in self._addresses)

    def stop(self) -> None:
        """Ask nobody any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def cosign(self, note: str, size: int, consistency: Callable[[int], Sequence[Bytes32]]) -> str:
        """See ``workflows.ports.Witnesses``.

        Raises:
            WitnessQuorumError: Too few answered.
            WitnessForkError: A witness holds a checkpoint of ours that this one does not extend.
        """
        request = _Request(note=note, ours=read_checkpoint(note), consistency=consistency)
        for address in self._addresses:
            self._ask(request, address, min(self._held.get(address.witness.name, 0), size))
        self._collect(request)
        for address in request.asked.values():
            request.lacks(address, "does not answer in time", "未在时限内应答")
        if len(request.lines) < self._quorum:
            raise WitnessQuorumError(
                have=len(request.lines), need=self._quorum, missing=tuple(request.missing)
            )
        return read_note(note).with_lines("".join(request.lines))

    def _collect(self, request: _Request) -> None:
        """Judge answers until all have come; once the quorum stands, wait only a moment for the rest."""
        deadline = time.monotonic() + _ROUNDS * self._timeout_seconds
        while request.asked and time.monotonic() < deadline:
            answered, _ = wait(request.asked, deadline - time.monotonic(), FIRST_COMPLETED)
            for future in answered:
                self._judge(request, request.asked.pop(future), future)
            if len(request.lines) >= self._quorum:
                deadline = min(deadline, time.monotonic() + _GRACE_SECONDS)

    def _ask(self, request: _Request, address: WitnessAddress, old_size: int) -> None:
        request.rounds[address.witness.name] = request.rounds.get(address.witness.name, 0) + 1
        url = address.url.rstrip("/") + "/add-checkpoint"
        future = self._pool.submit(self._answer, "POST", url, content=request.submission(old_size))
        request.asked[future] = address

    def _answer(
        self, method: str, url: str, *, content: bytes | None = None, origin: str | None = None
    ) -> _Answer:
        params = None if origin is None else {"origin": origin}
        with self._client.stream(method, url, content=content, params=params) as response:
            text = bytearray()
            for part in response.iter_bytes():
                text += part
                if len(text) > _GREATEST_ANSWER:
                    raise httpx.DecodingError("the answer is too long for a witness")
            kind = response.headers.get("Content-Type", "")
            return _Answer(status=response.status_code, kind=kind, text=text.decode("utf-8", "replace"))

    def _judge(self, request: _Request, address: WitnessAddress, future: Future[_Answer]) -> None:
        try:
            answer = future.result()
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            kind = type(problem).__name__
            request.lacks(address, f"does not answer ({kind})", f"无应答（{kind}）")
            return
        if answer.status == 200:
            self._accept(request, address, answer.text)
        elif answer.status == 409 and answer.kind.partition(";")[0] == _SIZE_TYPE:
            self._ask_again(request, address, answer.text)
        elif answer.status in {409, 422}:
            self._look_into(request, address)
        else:
            request.lacks(address, f"answers with status {answer.status}", f"应答状态 {answer.status}")

    def _accept(self, request: _Request, address: WitnessAddress, lines: str) -> None:
        witness = address.witness
        try:
            signed = read_note(f"{request.ours.body()}\n{lines}")
            verify_cosignatures(f"{request.ours.body()}\n{lines}", (witness,), 1)
        except (MalformedEvidenceError, CosignatureError, TooFewCosignaturesError) as problem:
            request.lacks(
                address, f"gives no valid cosignature ({problem.code})", f"联署无效（{problem.code}）"
            )
            return
        self._held[witness.name] = request.ours.size
        own = [one for one in signed.signatures if (one.name, one.key_id) == (witness.name, witness.key_id)]
        request.lines.append(own[0].line())

    def _ask_again(self, request: _Request, address: WitnessAddress, text: str) -> None:
        digits = text.strip()
        held = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
        if held is None or request.rounds[address.witness.name] >= _ROUNDS:
            request.lacks(address, "names no size to start from", "未给出可用的起始大小")
        elif held > request.ours.size:
            request.lacks(
                address,
                f"cosigned {held} leaves already, this checkpoint has {request.ours.size}: "
                "was the database restored from an older copy?",
                f"已联署 {held} 个叶，本检查点只有 {request.ours.size} 个：数据库是否由旧备份恢复？",
            )
        else:
            self._ask(request, address, held)

    def _look_into(self, request: _Request, address: WitnessAddress) -> None:
        """A witness refuses a proof of ours: either it is faulty, or our log has two histories."""
        held = self._checkpoint_held_by(address, request.ours.origin)
        if held is None or not 0 < held.size <= request.ours.size:
            request.lacks(
                address, "refuses and shows no older checkpoint of ours", "拒绝联署，且未出示本日志的旧检查点"
            )
            return
        try:
            verify_consistency(
                old_size=held.size,
                old_root=held.root,
                new_size=request.ours.size,
                new_root=request.ours.root,
                path=request.path(held.size),
            )
        except (RootMismatchError, ProofShapeError) as problem:
            raise WitnessForkError(witness=address.witness.name, held=held, ours=request.ours) from problem
        request.lacks(address, "refuses a proof that holds", "证明成立而仍拒绝联署")

    def _checkpoint_held_by(self, address: WitnessAddress, origin: str) -> Checkpoint | None:
        try:
            answer = self._answer("GET", address.url.rstrip("/") + "/checkpoint", origin=origin)
            return verify_note(answer.text, self._log_key, origin) if answer.status == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL, MalformedEvidenceError, CheckpointSignatureError):
            return None
