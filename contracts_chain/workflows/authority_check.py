"""Whether who signs may sign this, today: letters of authority at the moment of signing, and their end.

Drafting proves a letter for the last day for signing (R-AUTH-1); between drafting and
signing it may be revoked, and the day is another. A delegate's letter counts as the party's, and
the letter it is passed on from must hold as well. Must be asked before anything is
signed; where the party acts itself there is nothing to ask.
"""

from __future__ import annotations

from datetime import date, datetime

from contracts_chain.agreements.authority import AuthorityExceededError, Shortfall, act_of, shortfalls
from contracts_chain.agreements.terms.party import AuthorizationLetter, Party
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.acting_party import acting_party, agent_of
from contracts_chain.workflows.authority_ports import LetterRevocation
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.ports import UnitOfWork
from kernel.clock import BEIJING
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = ["LetterUnknownError", "revoke_letter", "verify_authority"]


class LetterUnknownError(RejectedError):
    """The agreement has no letter of this number."""

    code = "letter_unknown"

    def __init__(self, number: str, letter: str) -> None:
        """Keep which letter was looked for."""
        super().__init__(
            f"no party of {number} acts by letter {letter}; take the letter's number from the contract",
            f"合同 {number} 的各方均未使用授权委托书 {letter}；请按合同核对授权委托书编号",
        )
        self.letter = letter


def verify_authority(work: UnitOfWork, dossier: AgreementDossier, role: str, now: datetime) -> None:
    """Prove that the signer of a party may sign this agreement at this moment.

    Args:
        work: Where revocations are; nothing is changed.
        dossier: The agreement.
        role: Party that is to sign.
        now: Moment of signing.

    Raises:
        AuthorityExceededError: Its letter covers another party, kind, capacity or day, or
            was revoked: 「授权到 500 kVA，合同 630 kVA」.
    """
    terms = load_terms(dossier.terms)
    act = act_of(terms, now.astimezone(BEIJING).date())
    for party in _chain_of(terms.party(role), acting_party(work, dossier, role)):
        if party.agent is None:
            continue
        letter = party.agent.letter
        found = (*shortfalls(party, act), *_revoked(work, letter, act.day))
        if found:
            raise AuthorityExceededError(signer=party.signer.name, letter=letter.number, found=found)


def revoke_letter(
    work: UnitOfWork, number: str, letter_no: str, *, on: date, reason: str, by: str, at: datetime
) -> LetterRevocation:
    """Record that a principal took back a letter by which it acts in an agreement.

    From that day the letter covers nothing, in this agreement and in any other; what was
    signed before stands (民法典 art. 173). Repeating it returns what was recorded first.

    Args:
        work: Where records are; the caller commits.
        number: An agreement that names the letter.
        letter_no: Number printed on the letter.
        on: First day on which it covers nothing, in Beijing.
        reason: Words of the principal.
        by: Account of the staff member.
        at: Moment of recording.

    Raises:
        UnknownNumberError: No such agreement.
        LetterUnknownError: Nobody acts by this letter there.
    """
    principal, letter = _letter(work, work.agreements.load(number), letter_no)
    return work.revocations.add(
        LetterRevocation(
            letter_sha256=Bytes32.fromhex(letter.sha256),
            number=letter.number,
            principal=principal,
            revoked_on=on,
            reason=reason,
            recorded_by=by,
            recorded_utc=at,
        )
    )


def _chain_of(agreed: Party, acting: Party) -> tuple[Party, ...]:
    """The party as it acts, and as agreed where the one's letter is passed on from the other's."""
    if agreed.agent is None or acting.agent is None or acting.agent == agreed.agent:
        return (acting,)
    passed_on = acting.agent.letter.delegated_by == agreed.agent.letter.number
    return (agreed, acting) if passed_on else (acting,)


def _letter(work: UnitOfWork, dossier: AgreementDossier, letter_no: str) -> tuple[str, AuthorizationLetter]:
    """Principal and letter of this number: of the agreed text, else of a delegation since."""
    agents = [held.party.agent for held in load_terms(dossier.terms).parties()]
    agents += [agent_of(one) for one in work.delegations.of_agreement(dossier.number)]
    for agent in agents:
        if agent is not None and agent.letter.number == letter_no:
            return agent.letter.principal, agent.letter
    raise LetterUnknownError(dossier.number, letter_no)


def _revoked(work: UnitOfWork, letter: AuthorizationLetter, day: date) -> tuple[Shortfall, ...]:
    revocation = work.revocations.find(Bytes32.fromhex(letter.sha256))
    if revocation is None or day < revocation.revoked_on:
        return ()
    return (
        Shortfall(
            field="number",
            en=f"the letter was revoked from {revocation.revoked_on} ({revocation.reason})",
            zh=f"授权委托书已自 {revocation.revoked_on} 起撤销（{revocation.reason}）",
        ),
    )
