"""A set under its lock: how every deed on sets finds it, asks for its state, and stores the change.

Decides nothing about contracts. The lock is the set's row; it is taken before any contract's.
"""

from __future__ import annotations

from collections.abc import Callable

from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.merkle_log import root_of
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.group_errors import SetStateError, UnknownGroupError
from contracts_chain.workflows.group_ports import SetFile, SetRow, SetState
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.sized_bytes import Bytes32

__all__ = ["changed_set", "held_set", "require_state", "set_root", "standing"]


def held_set(work: UnitOfWork, set_id: str, *, lock: bool = False) -> SetFile:
    """The set of an id.

    Raises:
        UnknownGroupError: There is none.
    """
    made = work.groups.find_set(set_id, lock=lock)
    if made is None:
        raise UnknownGroupError(set_id)
    return made


def changed_set(office: Office, set_id: str, change: Callable[[SetFile], SetFile]) -> SetFile:
    """Lock, change, store.

    Raises:
        UnknownGroupError: No such set.
    """
    with office.work() as work:
        made = change(held_set(work, set_id, lock=True))
        work.groups.save_set(made)
        work.commit()
    return made


def require_state(made: SetFile, *due: SetState) -> None:
    """Refuse a deed that does not begin in the set's state.

    Raises:
        SetStateError: The set is in none of these states.
    """
    if made.state not in due:
        raise SetStateError(
            state_en=made.state,
            state_zh=made.state.zh,
            due_en=" or ".join(due),
            due_zh="”或“".join(state.zh for state in due),
        )


def set_root(work: UnitOfWork, set_id: str) -> Bytes32:
    """Root over the digests, each the content of a leaf, in the order of rows (RFC 6962 §2.1)."""
    return Bytes32(root_of([hash_leaf(digest) for _, _, digest in work.groups.digests(set_id)]))


def standing(office: Office, row: SetRow) -> tuple[str, AgreementDossier]:
    """Number and dossier of a row's contract.

    Raises:
        UnknownGroupError: It has no contract yet.
    """
    if row.number is None:
        raise UnknownGroupError(f"{row.set_id}/{row.row}")
    with office.work() as work:
        return row.number, work.agreements.load(row.number)
