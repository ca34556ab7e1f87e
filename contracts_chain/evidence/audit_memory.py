"""What an audit remembers from one run to the next: one JSON file, written whole or not at all.

Decides its form (docs/formats/audit.md). It holds the last verified header itself, so that a
chain replaced later is not only noticed: both sealed headers can be laid side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contracts_chain.evidence.audit_errors import MemoryUnreadableError
from contracts_chain.evidence.audit_votes import Vote
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, Sized, parse_object
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from kernel.atomic_file import write_atomically
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.clock import utc_text
from kernel.sized_bytes import Address, BlockHash, RootHash, TransactionHash

__all__ = ["Memory", "load_memory", "store_memory"]

_PLACE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where an audit stands.

    Attributes:
        chain_id: EIP-155 id.
        genesis_hash: Hash of block 0.
        registry: The registry audited.
        first_block: Height the audit began at; 0 is the whole chain.
        header: RLP of the last verified header.
        validators: The set that seals the next block; empty where headers list nobody.
        votes: Votes still standing.
        anchorers: Accounts that ever held the ANCHOR role.
        checkpoints: All checkpoints seen, oldest first.
        twins: Sequence, algorithm and root of every twin seen.
    """

    chain_id: int
    genesis_hash: BlockHash
    registry: Address
    first_block: int
    header: bytes
    validators: tuple[Address, ...]
    votes: tuple[Vote, ...]
    anchorers: tuple[Address, ...]
    checkpoints: tuple[AnchoredCheckpoint, ...]
    twins: tuple[tuple[int, int, RootHash], ...]


def store_memory(memory: Memory, path: Path) -> None:
    """Write the file durably.

    Raises:
        DiskFullError: No space; what stood there before still stands.
        UnwritableError: The folder refuses.
    """
    written: dict[str, JsonValue] = {
        "schema": 1,
        "chain_id": memory.chain_id,
        "genesis_hash": memory.genesis_hash.hex0x(),
        "registry": memory.registry.hex0x(),
        "first_block": memory.first_block,
        "header": "0x" + memory.header.hex(),
        "validators": [one.hex0x() for one in memory.validators],
        "votes": [
            {"voter": voter.hex0x(), "candidate": candidate.hex0x(), "add": add}
            for voter, candidate, add in memory.votes
        ],
        "anchorers": [one.hex0x() for one in memory.anchorers],
        "checkpoints": [_checkpoint_json(one) for one in memory.checkpoints],
        "twins": [
            {"sequence": sequence, "algorithm": algorithm, "root": root.hex()}
            for sequence, algorithm, root in memory.twins
        ],
    }
    write_atomically(path, canonical_bytes(written) + b"\n")


def load_memory(path: Path) -> Memory | None:
    """Read the file; ``None`` where there is none yet.

    Raises:
        MemoryUnreadableError: It is there and of another form: never begun anew in silence.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise MemoryUnreadableError(str(problem.strerror)) from problem
    try:
        return _read(Fields(parse_object(content, _PLACE), _PLACE))
    except (MalformedEvidenceError, ValueError) as problem:
        raise MemoryUnreadableError(str(problem)) from problem


def _read(fields: Fields) -> Memory:
    fields.expect("schema", 1)
    memory = Memory(
        chain_id=fields.natural("chain_id"),
        genesis_hash=_hex0x(fields, "genesis_hash", BlockHash),
        registry=_hex0x(fields, "registry", Address),
        first_block=fields.natural("first_block"),
        header=_bytes(fields.text("header")),
        validators=tuple(_address(one) for one in fields.members("validators")),
        votes=tuple(_vote(Fields.of(one, f"{_PLACE}.votes")) for one in fields.members("votes")),
        anchorers=tuple(_address(one) for one in fields.members("anchorers")),
        checkpoints=tuple(
            _checkpoint(Fields.of(one, f"{_PLACE}.checkpoints")) for one in fields.members("checkpoints")
        ),
        twins=tuple(_twin(Fields.of(one, f"{_PLACE}.twins")) for one in fields.members("twins")),
    )
    fields.finish()
    return memory


def _checkpoint_json(checkpoint: AnchoredCheckpoint) -> dict[str, JsonValue]:
    known = checkpoint.transaction_hash
    return {
        "sequence": checkpoint.sequence,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "block_number": checkpoint.block_number,
        "block_hash": checkpoint.block_hash.hex0x(),
        "block_time_utc": utc_text(checkpoint.block_time_utc),
        "transaction_hash": None if known is None else known.hex0x(),
    }


def _checkpoint(fields: Fields) -> AnchoredCheckpoint:
    known = fields.optional_text("transaction_hash")
    checkpoint = AnchoredCheckpoint(
        sequence=fields.natural("sequence"),
        size=fields.natural("size"),
        root=fields.sized("root", RootHash),
        block_number=fields.natural("block_number"),
        block_hash=_hex0x(fields, "block_hash", BlockHash),
        block_time_utc=fields.utc("block_time_utc"),
        transaction_hash=None if known is None else TransactionHash(_bytes(known)),
    )
    fields.finish()
    return checkpoint


def _twin(fields: Fields) -> tuple[int, int, RootHash]:
    twin = (fields.natural("sequence"), fields.natural("algorithm"), fields.sized("root", RootHash))
    fields.finish()
    return twin


def _vote(fields: Fields) -> Vote:
    add = fields.take("add")
    if not isinstance(add, bool):
        raise MalformedEvidenceError(fields.at("add"), "true or false is due here")
    vote = (_hex0x(fields, "voter", Address), _hex0x(fields, "candidate", Address), add)
    fields.finish()
    return vote


def _address(value: JsonValue) -> Address:
    return Address(_bytes(value if isinstance(value, str) else ""))


def _hex0x(fields: Fields, key: str, kind: type[Sized]) -> Sized:
    return kind(_bytes(fields.text(key)))


def _bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError("0x is due in front")
    return bytes.fromhex(text[2:])
