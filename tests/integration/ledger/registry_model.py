"""What the registry must do, told a second time in Python: a model to run beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger_rfc9162 import consistency, root
from registry_changes import ALLOWED, NONE, SUPERSEDED, Change

from contracts_chain.evidence.merkle import (
    InclusionProof,
    ProofShapeError,
    RootMismatchError,
    verify_consistency,
    verify_inclusion,
)
from kernel.sized_bytes import Bytes32, LeafHash, RootHash

ANCHOR, STATUS = 1, 2


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """An accepted head: what was claimed and the leaves that are really below the root."""

    size: int
    leaves: tuple[bytes, ...]

    @property
    def root(self) -> RootHash:
        return root(self.leaves)


@dataclass(kw_only=True)
class RegistryModel:
    """Roles, head, twin and statuses as the rules say; ``accepted`` keeps every head."""

    roles: dict[str, int] = field(default_factory=lambda: {"anchorer": ANCHOR, "keeper": STATUS})
    admin: str = "admin"
    pending: str | None = None
    is_paused: bool = False
    is_twinned: bool = False
    accepted: list[Checkpoint] = field(default_factory=list)
    words: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)

    @property
    def head(self) -> tuple[int, int, bytes]:
        if not self.accepted:
            return 0, 0, bytes(32)
        return len(self.accepted), self.accepted[-1].size, self.accepted[-1].root

    def may_write(self, name: str, role: int) -> bool:
        return bool(self.roles.get(name, 0) & role) and not self.is_paused

    def takes(self, sequence: int, size: int, new_root: RootHash, path: Sequence[Bytes32]) -> bool:
        """Whether a checkpoint follows from the head, by our own verifier."""
        held_sequence, held_size, held_root = self.head
        if sequence != held_sequence + 1 or size <= held_size:
            return False
        if held_size == 0:
            return not path
        try:
            verify_consistency(
                old_size=held_size,
                old_root=RootHash(held_root),
                new_size=size,
                new_root=new_root,
                path=path,
            )
        except (ProofShapeError, RootMismatchError):
            return False
        return True

    def after(self, changes: Sequence[Change]) -> dict[bytes, tuple[int, bytes]] | None:
        """The statuses after a batch, or nothing where one change is refused."""
        words = dict(self.words)
        for one in changes:
            held, _ = words.get(one.key, (NONE, bytes(32)))
            if (held, one.status) not in ALLOWED or not self._is_sound(one):
                return None
            words[one.key] = (one.status, one.successor)
        return words if changes else None

    def _is_sound(self, one: Change) -> bool:
        if not self._holds(one.key, one.index, one.path):
            return False
        if one.status != SUPERSEDED:
            return not (any(one.successor) or one.successor_index or one.successor_path)
        is_other = one.successor != one.key and int.from_bytes(one.successor) > 255
        return is_other and self._holds(one.successor, one.successor_index, one.successor_path)

    def _holds(self, leaf: bytes, index: int, path: Sequence[Bytes32]) -> bool:
        _, size, held = self.head
        proof = InclusionProof(index=index, size=size, path=tuple(path))
        try:
            verify_inclusion(LeafHash(leaf), proof, RootHash(held))
        except (ProofShapeError, RootMismatchError):
            return False
        return True

    def check_history(self) -> None:
        """No head dropped, moved or replaced a leaf of any head before it."""
        newest = self.accepted[-1]
        for earlier in self.accepted:
            assert newest.leaves[: len(earlier.leaves)] == earlier.leaves
            assert newest.size >= earlier.size
            if earlier.size == len(earlier.leaves) < newest.size == len(newest.leaves):
                verify_consistency(
                    old_size=earlier.size,
                    old_root=earlier.root,
                    new_size=newest.size,
                    new_root=newest.root,
                    path=consistency(earlier.size, newest.leaves),
                )
