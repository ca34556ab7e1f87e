"""What a validator has sealed last, on disk before the seal leaves.

Decides whether a further seal is allowed: the same digest again, or a greater height.
Another digest at a height already sealed needs QBFT's round-change justification, which
this devnet does not have, so it is refused (reference chain.md §6, last paragraph).

File: two slots of 84 bytes, written in turn and flushed with fdatasync, so that a torn
write spoils only the older slot. Slot: sequence (8 bytes), height (8), round (4), digest
(32), all big-endian, then SHA-256 of these 52 bytes (32). A slot that the disk took in part
is not recorded: nothing is sealed then.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from devnet.errors import DoubleSealError
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["LastSeal", "SealRecord"]

_SLOT = 84
_BODY = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeal:
    """Height, round and commit digest of the newest seal; sequence counts the writes."""

    sequence: int
    height: int
    round: int
    digest: Bytes32


class SealRecord:
    """The durable record of one validator."""

    def __init__(self, path: Path) -> None:
        """Open or create the record.

        Raises:
            OSError: The file cannot be opened.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.last = self._read()

    def permit(self, *, height: int, round_: int, digest: Bytes32) -> None:
        """Record the intent to seal; only when this returns may the seal leave.

        Args:
            height: Block number.
            round_: Consensus round of the block.
            digest: Commit digest about to be signed.

        Raises:
            DoubleSealError: A different digest at this height, or a height already passed.
            OSError: Not recorded, the disk is full or broken; nothing may be sealed.
        """
        last = self.last
        if last is not None and (last.height, last.round, last.digest) == (height, round_, digest):
            return
        if last is not None and height <= last.height:
            raise DoubleSealError(
                f"height {height} is already sealed as {last.digest.hex()}, not {digest.hex()}; "
                "restore the newest copy of this chain directory",
                f"高度 {height} 已封印 {last.digest.hex()}，不能再封印 {digest.hex()}；请恢复最新副本",
            )
        sequence = 0 if last is None else last.sequence + 1
        self._write(LastSeal(sequence=sequence, height=height, round=round_, digest=digest))

    def close(self) -> None:
        """Release the file."""
        os.close(self._descriptor)

    def _write(self, seal: LastSeal) -> None:
        body = seal.sequence.to_bytes(8) + seal.height.to_bytes(8) + seal.round.to_bytes(4) + seal.digest
        written = os.pwrite(self._descriptor, body + sha256(body), seal.sequence % 2 * _SLOT)
        if written != _SLOT:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fdatasync(self._descriptor)
        self.last = seal

    def _read(self) -> LastSeal | None:
        slots = [_parsed(os.pread(self._descriptor, _SLOT, index * _SLOT)) for index in (0, 1)]
        return max((slot for slot in slots if slot), key=lambda slot: slot.sequence, default=None)


def _parsed(slot: bytes) -> LastSeal | None:
    body, checksum = slot[:_BODY], slot[_BODY:]
    if len(slot) != _SLOT or sha256(body) != checksum:
        return None
    return LastSeal(
        sequence=int.from_bytes(body[:8]),
        height=int.from_bytes(body[8:16]),
        round=int.from_bytes(body[16:20]),
        digest=Bytes32(body[20:]),
    )
