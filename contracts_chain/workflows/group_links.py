"""All signing links of an offered set as one table, made once.

A link is a secret that is stored as its hash only: who has the table has the links, and
nobody can print it again. Every link given before is closed by it. All or nothing: if the
table cannot be made whole, the links given before stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.group_errors import LinksHandedOutError
from contracts_chain.workflows.group_held import held_set, require_state
from contracts_chain.workflows.group_ports import SetRow, SetState
from contracts_chain.workflows.offer import reopened_link
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.withdraw import hold_all_with_links
from kernel.clock import BEIJING

__all__ = ["SetLink", "hand_out_links"]

_OPEN = {AgreementState.OFFERED, AgreementState.PARTLY_SIGNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink:
    """One party's link: ``party`` is its registered name, ``role`` its title in the contract."""

    row: int
    party: str
    cust_no: str
    number: str
    role: str
    token: str


def hand_out_links(office: Office, set_id: str, *, by: str) -> tuple[SetLink, ...]:
    """A new link for every party that has still to sign, in the order of rows.

    Raises:
        SetStateError: The set is not offered.
        LinksHandedOutError: They were handed out before.
        UnknownGroupError: No such set.
    """
    now = office.clock.now()
    with office.work() as work:
        made = held_set(work, set_id, lock=True)
        require_state(made, SetState.OFFERED)
        if made.links_by is not None and made.links_utc is not None:
            given = made.links_utc.astimezone(BEIJING).date()
            raise LinksHandedOutError(by=made.links_by, on=given.isoformat())
        rows = work.groups.rows(set_id)
        held = hold_all_with_links(work, (row.number for row in rows if row.number is not None))
        links = tuple(link for row in rows for link in _links_of(office, work, row, held, by=by))
        work.groups.save_set(replace(made, links_by=by, links_utc=now))
        work.commit()
    return links


def _links_of(
    office: Office, work: UnitOfWork, row: SetRow, held: Mapping[str, AgreementDossier], *, by: str
) -> Iterator[SetLink]:
    """Links of the parties of one contract whose slots are not all signed."""
    if row.number is None:
        return
    dossier = held[row.number]
    if dossier.state not in _OPEN:
        return
    for one in load_terms(dossier.terms).parties():
        token = reopened_link(office, work, dossier, one.role, by=by)
        if token is not None:
            yield SetLink(
                row=row.row,
                party=one.party.name,
                cust_no=row.cust_no,
                number=row.number,
                role=one.title,
                token=token,
            )
