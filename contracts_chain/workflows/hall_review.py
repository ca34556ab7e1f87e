"""Identity by two clerks of a business hall: both see the person, both sign the same claims.

Each clerk signs with a key of its own that never comes here; the activation process knows the
public keys from its own configuration, so the service cannot vouch for anybody by itself. One
person is never both clerks, whatever the accounts: different accounts and different keys.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from contracts_chain.agreements.identity.attestation import (
    HALL_METHOD,
    AttestationClaims,
    join_hall_signatures,
    read_claims,
)
from contracts_chain.workflows.acting_party import acting_party, signing_phone
from contracts_chain.workflows.annexes import keep_annex
from contracts_chain.workflows.ceremony_view import Held
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.identity_files import HallReview, HallSignature
from contracts_chain.workflows.identity_record import note_identified
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.withdraw import hold_with_links
from kernel.canonical_json import canonical_bytes, parse_json
from kernel.errors import RejectedError
from kernel.ids import new_id

__all__ = [
    "HallReviewClosedError",
    "HallSignatureRefusedError",
    "UnknownReviewError",
    "hall_review",
    "open_hall_review",
    "sign_hall_review",
]


class UnknownReviewError(RejectedError):
    """No review has this id."""

    code = "unknown_review"

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__(
            "no such hall review; open it from the contract's page", "没有这项营业厅核验；请从合同页面进入"
        )


class HallReviewClosedError(RejectedError):
    """The review has come to its end, or the link it was for has."""

    code = "hall_review_closed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "this review is finished, or the person's link was replaced; open a new review if one is due",
            "这项核验已办结，或者签署链接已更换；如仍需核验请重新发起",
        )


class HallSignatureRefusedError(RejectedError):
    """What was handed in is not a clerk's signature over these claims."""

    code = "hall_signature_refused"

    def __init__(self, reason: str, zh: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"this signature cannot be taken ({reason}); let another clerk sign what is shown with their key",
            f"该签名不能采用（{zh}）；请由另一名审核人员用本人密钥对所示内容签名",
        )
        self.reason = reason


def open_hall_review(office: Office, number: str, role: str, *, scan: bytes, by: str) -> HallReview:
    """Open a review of the signer of a party; both clerks sign within 15 minutes of it.

    Args:
        office: Where records and time come from.
        number: The agreement.
        role: Party whose signer stands in the hall.
        scan: The identity document as PDF, PNG or JPEG.
        by: Account of the clerk.

    Raises:
        UnknownNumberError: No such agreement, or no open link of this party.
        AnnexKindError: The scan is no whole PDF, PNG or JPEG.
        AnnexTooLargeError: Over 20 MB.
        PhoneMissingError: No mobile phone is agreed.
    """
    kept = keep_annex(office, scan, by=by)
    now = office.clock.now()
    with office.work() as work:
        ceremony = work.ceremonies.find_open(number, role)
        if ceremony is None:
            raise UnknownNumberError(number)
        party = acting_party(work, work.agreements.load(number), role)
        person, review = party.signer, new_id()
        claims = AttestationClaims(
            issuer="hall",
            method=HALL_METHOD,
            name=person.name,
            id_type=str(person.id_type.value),
            id_no=person.id_no.strip().upper(),
            phone=signing_phone(party),
            session=review,
            nonce=new_id(),
            issued_utc=now.replace(microsecond=0),
            sandbox=False,
        )
        opened = HallReview(
            id=review,
            ceremony=ceremony.id,
            number=number,
            role=role,
            claims=claims.canonical(),
            scan_sha256=kept.sha256,
            opened_by=by,
            opened_utc=now,
        )
        work.hall_reviews.add(opened)
        work.commit()
    return opened


def hall_review(office: Office, review: str) -> HallReview:
    """One review as it stands.

    Raises:
        UnknownReviewError: There is none.
    """
    with office.work() as work:
        return _found(work, review)


def sign_hall_review(office: Office, review: str, member: bytes, *, by: str) -> HallReview:
    """Take a clerk's signature; with the second one the person is identified.

    Args:
        office: Where records, activation process and time come from.
        review: Its id.
        member: ``{"protected", "signature"}`` as ``sign_hall_claims`` makes it.
        by: Account of the clerk.

    Raises:
        UnknownReviewError: There is none.
        HallReviewClosedError: It is finished, or the link was replaced.
        HallSignatureRefusedError: No signature by form, or this clerk signed already.
        AttestationRefusedError: The activation process does not take it: a wrong key, or too late.
    """
    taken, clerk = _read_member(member)
    with office.work() as work:
        held = _found(work, review, lock=True)
        if held.attestation_sha256 is not None:
            raise HallReviewClosedError
        if len(held.signatures) < 2:
            _verify_other(held, by, clerk)
            now = office.clock.now()
            work.hall_reviews.sign(
                review, HallSignature(account=by, clerk=clerk, member=taken, signed_utc=now)
            )
            work.commit()
        held = _found(work, review)
    return _finished(office, held) if len(held.signatures) == 2 else held


def _finished(office: Office, review: HallReview) -> HallReview:
    """Hand the joined attestation over, then record it once."""
    first, second = (signature.member for signature in review.signatures)
    attestation = join_hall_signatures(review.claims, (first, second))
    digest = office.blobs.put(attestation)
    office.activation.enrol(attestation)
    with office.work() as work:
        dossier = hold_with_links(work, review.number)
        ceremonies = work.ceremonies.of_agreement(review.number)
        ceremony = next((one for one in ceremonies if one.id == review.ceremony), None)
        held = _found(work, review.id, lock=True)
        if held.attestation_sha256 is not None or ceremony is None or ceremony.state != "open":
            raise HallReviewClosedError
        note_identified(
            Held(work=work, ceremony=ceremony, dossier=dossier),
            office.clock.now(),
            method=HALL_METHOD,
            attestation_sha256=digest,
            attestation=attestation,
            claims=read_claims(review.claims),
            more={"scan_sha256": review.scan_sha256.hex()},
        )
        work.hall_reviews.close(review.id, digest)
        work.commit()
        return _found(work, review.id)


def _read_member(member: bytes) -> tuple[bytes, str]:
    """The member in canonical form, and the clerk's name in its header."""
    try:
        value = parse_json(member)
        if not isinstance(value, Mapping) or set(value) != {"protected", "signature"}:
            raise HallSignatureRefusedError("another form", "格式不符")
        protected = str(value["protected"])
        header = parse_json(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))
    except (ValueError, RecursionError) as problem:
        raise HallSignatureRefusedError("another form", "格式不符") from problem
    clerk = header.get("kid") if isinstance(header, Mapping) else None
    if not isinstance(clerk, str) or not clerk:
        raise HallSignatureRefusedError("no clerk's name", "未载明审核人员")
    return canonical_bytes(value), clerk


def _verify_other(review: HallReview, account: str, clerk: str) -> None:
    for signature in review.signatures:
        if signature.account == account or signature.clerk == clerk:
            raise HallSignatureRefusedError("this clerk signed already", "同一人员不得两次签名")


def _found(work: UnitOfWork, review: str, *, lock: bool = False) -> HallReview:
    found = work.hall_reviews.find(review, lock=lock)
    if found is None:
        raise UnknownReviewError
    return found
