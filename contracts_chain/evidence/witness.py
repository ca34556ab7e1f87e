"""A witness: cosigns a checkpoint only if it extends every one it ever cosigned (C2SP tlog-witness).

Decides whether to sign. What it signs is durable before the signature exists, so that no
crash at any moment makes it sign two histories. Two roots of one size under one log's
signature are kept, both notes, as evidence. It opens no socket and no file itself.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    CheckpointSignatureError,
    cosign,
    log_public_key,
    read_checkpoint,
    verify_note,
)
from contracts_chain.evidence.merkle import EMPTY_ROOT, ProofShapeError, RootMismatchError, verify_consistency
from contracts_chain.evidence.signed_note import is_key_name
from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from contracts_chain.evidence.witness_errors import (
    CheckpointForkError,
    InconsistentCheckpointError,
    MalformedSubmissionError,
    OldSizeError,
    UnknownLogError,
    WitnessMemoryError,
)
from contracts_chain.evidence.witness_submission import Submission
from kernel.clock import Clock
from kernel.sized_bytes import Bytes32

__all__ = ["Witness", "WitnessMemory"]


class WitnessMemory(Protocol):
    """What a witness must never forget."""

    def held(self, origin: str) -> str | None:
        """The newest note cosigned for this log; ``None`` only if there never was one.

        Raises:
            FaultError: It cannot be read.
        """
        ...

    def keep(self, origin: str, note: str) -> None:
        """Replace it; durable on return.

        Raises:
            FaultError: It cannot be stored; nothing changed.
        """
        ...

    def keep_fork(self, origin: str, held: str, shown: str) -> None:
        """Store two notes that contradict each other, for a court to see."""
        ...


class Witness:
    """One witness with one key; safe to call from several threads."""

    def __init__(
        self,
        *,
        name: str,
        key: Ed25519PrivateKey,
        logs: Mapping[str, tuple[Bytes32, ...]],
        memory: WitnessMemory,
        clock: Clock,
    ) -> None:
        """Watch some logs.

        Args:
            name: Key name; the key is used under no other.
            key: Ed25519, this witness's own.
            logs: Public keys trusted for each origin.
            memory: Belongs to this key alone: with an older copy it could sign a fork.
            clock: Whole seconds go into the cosignature.

        Raises:
            ValueError: No key may bear this name.
        """
        if not is_key_name(name):
            raise ValueError(f"{name!r} is no name for a key")
        self.name = name
        self.public_key = log_public_key(key)
        self._key = key
        self._logs = dict(logs)
        self._memory = memory
        self._clock = clock
        self._turn = threading.Lock()

    @property
    def origins(self) -> tuple[str, ...]:
        """Names of the logs it watches."""
        return tuple(self._logs)

    def held(self, origin: str) -> str | None:
        """The newest note it cosigned for a log, if any.

        Raises:
            UnknownLogError: It does not watch that log.
        """
        if origin not in self._logs:
            raise UnknownLogError(origin)
        return self._memory.held(origin)

    def add_checkpoint(self, submission: Submission) -> str:
        """Cosign the submitted checkpoint, after making it the newest one held.

        Returns:
            One signature line with its end.

        Raises:
            MalformedSubmissionError: The note is no checkpoint, or the old size exceeds its size.
            UnknownLogError: Another origin.
            CheckpointSignatureError: No key trusted for the origin signed it.
            CheckpointForkError: Another root of the same size was cosigned; both notes are kept.
            OldSizeError: The old size is not that of the newest checkpoint cosigned.
            InconsistentCheckpointError: The proof does not show that it extends that checkpoint.
            FaultError: The memory cannot be read or written; nothing was signed.
        """
        shown = self._believed(submission.note)
        if submission.old_size > shown.size:
            raise MalformedSubmissionError("the old size exceeds that of the checkpoint")
        with self._turn:
            held_note = self._memory.held(shown.origin)
            held = _held_checkpoint(held_note, shown.origin)
            forked = held_note is not None and held.size == shown.size and held.root != shown.root
            if held_note is not None and forked:
                self._memory.keep_fork(shown.origin, held_note, submission.note)
            if held.size != submission.old_size:
                raise OldSizeError(held=held.size)
            if forked:
                raise CheckpointForkError(held=held, shown=shown)
            _require_extension(held, shown, submission)
            if held_note is None or held != shown:
                self._memory.keep(shown.origin, submission.note)
            return cosign(shown, name=self.name, key=self._key, at=self._clock.now())

    def _believed(self, note: str) -> Checkpoint:
        try:
            origin = read_checkpoint(note).origin
        except MalformedEvidenceError as problem:
            raise MalformedSubmissionError(problem.problem) from problem
        if origin not in self._logs:
            raise UnknownLogError(origin)
        refusal = CheckpointSignatureError("no key is trusted for it")
        for key in self._logs[origin]:
            try:
                return verify_note(note, key, origin)
            except CheckpointSignatureError as problem:
                refusal = problem
        raise refusal


def _held_checkpoint(note: str | None, origin: str) -> Checkpoint:
    if note is None:
        return Checkpoint(origin=origin, size=0, root=EMPTY_ROOT)
    try:
        return read_checkpoint(note)
    except MalformedEvidenceError as problem:
        raise WitnessMemoryError(
            f"the stored checkpoint of {origin!r} is damaged ({problem.problem}); nothing is cosigned: "
            "retire this witness's key and begin a new one",
            f"日志 {origin!r} 的联署记录已损坏（{problem.problem}），不再联署；"
            "请停用本见证人密钥，另建新见证人",
        ) from problem


def _require_extension(held: Checkpoint, shown: Checkpoint, submission: Submission) -> None:
    try:
        _verify_extension(held, shown, submission)
    except (ProofShapeError, RootMismatchError) as problem:
        raise InconsistentCheckpointError(held=held, shown=shown, reason=problem) from problem


def _verify_extension(held: Checkpoint, shown: Checkpoint, submission: Submission) -> None:
    """RFC 9162 §2.1.4.2; every log extends the empty one, and takes no proof for it."""
    if held.size:
        verify_consistency(
            old_size=held.size,
            old_root=held.root,
            new_size=shown.size,
            new_root=shown.root,
            path=submission.path,
        )
    elif submission.path:
        raise ProofShapeError("the empty log takes an empty path")
    elif shown.size == 0 and shown.root != EMPTY_ROOT:
        raise RootMismatchError(anchored=EMPTY_ROOT, computed=shown.root)
