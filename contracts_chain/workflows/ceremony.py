"""One party's way from the link to the signature, as the service itself saw it.

The link shows, a POST starts; every page is served by us and counted; a one-time code
bound to the document's digest is the will check; then person and seal are signed. The
browser's word counts for nothing. Neither token nor code is stored, only salted hashes.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from contracts_chain.agreements.signing_code import CODE_LIFETIME, fingerprint
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.authority_check import verify_authority
from contracts_chain.workflows.ceremony_code import attempts_after, new_code
from contracts_chain.workflows.ceremony_view import CeremonyView, CodeSent, Held, found, hold, view_of
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile
from contracts_chain.workflows.errors import PagesUnreadError, UnknownNumberError, WrongCodeError
from contracts_chain.workflows.lapse import verify_offer_stands
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.people import name_signers
from contracts_chain.workflows.sign import sign_slot
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.digests import sha256
from kernel.ids import new_id
from kernel.sized_bytes import Bytes32
from pdfgen.page_images import page_png

__all__ = [
    "CeremonyView",
    "CodeSent",
    "begin",
    "finish",
    "new_ceremony",
    "open_link",
    "page_image",
    "send_code",
    "sign_with_code",
]


def new_ceremony(dossier: AgreementDossier, role: str, now: datetime) -> tuple[CeremonyFile, str]:
    """A ceremony for one party over the approved bytes, and the secret token of its link.

    Raises:
        UnknownNumberError: Nothing is approved yet.
    """
    if dossier.approved_sha256 is None:
        raise UnknownNumberError(dossier.number)
    token = secrets.token_urlsafe(32)
    ceremony = CeremonyFile(
        id=new_id(),
        number=dossier.number,
        role=role,
        token_sha256=sha256(token.encode()),
        document_sha256=dossier.approved_sha256,
        state="open",
        opened_utc=now,
    )
    return ceremony, token


def open_link(office: Office, token: str) -> CeremonyView:
    """What the link leads to; changes nothing, since previewers fetch links.

    Raises:
        UnknownNumberError: No such link.
    """
    with office.work() as work:
        ceremony, dossier = found(work, token)
    return view_of(Held(work=work, ceremony=ceremony, dossier=dossier))


def begin(office: Office, token: str) -> CeremonyView:
    """Start: the holder of the link, to be confirmed by the code to the registered phone, goes ahead.

    Raises:
        UnknownNumberError: No such link.
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    return _noted(office, token, TrailEventKind.IDENTIFIED, {"method": "secret_link_and_phone_code"})


def page_image(office: Office, token: str, page: int, width_px: int) -> bytes:
    """One page of the document as PNG, and the fact that it was served.

    Raises:
        UnknownNumberError: No such link.
        PageMissingError: No such page.
    """
    with office.work() as work:
        ceremony, dossier = found(work, token)
    image = page_png(office.blobs.get(ceremony.document_sha256), page, width_px)
    if page in ceremony.pages_served or ceremony.state != "open":
        return image
    with office.work() as work:
        held = hold(work, token)
        if page not in held.ceremony.pages_served:
            served = (*held.ceremony.pages_served, page)
            work.ceremonies.save(replace(held.ceremony, pages_served=served))
            if len(served) == dossier.pages:
                details: JsonObject = {
                    "document_sha256": ceremony.document_sha256.hex(),
                    "pages": dossier.pages,
                }
                held.note(TrailEventKind.SHOWN, details, office.clock.now())
        work.commit()
    return image


def send_code(office: Office, token: str) -> CodeSent:
    """Take the consent and send the code; refused until every page was served.

    Raises:
        UnknownNumberError: No such link.
        PagesUnreadError: Some pages were never served.
        CodesUsedUpError: This link has had its ten codes.
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    now = office.clock.now()
    with office.work() as work:
        held = hold(work, token)
        verify_offer_stands(held.dossier, now)
        verify_authority(work, held.dossier, held.ceremony.role, now)
        missing = tuple(
            page for page in range(1, held.dossier.pages + 1) if page not in held.ceremony.pages_served
        )
        if missing:
            raise PagesUnreadError(missing)
        text, issued = new_code(held, now)
        work.ceremonies.save(issued)
        digest = issued.document_sha256
        held.note(TrailEventKind.CONSENTED, {"document_sha256": digest.hex()}, now)
        held.note(TrailEventKind.CODE_SENT, {"fingerprint": fingerprint(digest)}, now)
        message = canonical_bytes({"phone": held.phone, "text": text})
        work.outbox.put(SMS, issued.number, message, now)
        work.commit()
    return CodeSent(
        expires_utc=now + CODE_LIFETIME, fingerprint=fingerprint(digest), attempts_left=issued.attempts_left
    )


def sign_with_code(office: Office, token: str, code: str) -> AgreementDossier:
    """Check the code and sign all slots of this party: the person, then the seal.

    A ceremony whose code was confirmed before a crash goes on without a second code.

    Raises:
        UnknownNumberError: No such link.
        CodeExpiredError: No valid code is outstanding.
        WrongCodeError: Another code; says how many tries are left.
        OfferOverError: The last day for signing has passed.
        AuthorityExceededError: The signer's letter does not cover this agreement today.
        SignatureTurnError: Another party is to sign first, or this one has signed.
    """
    _redeem(office, token, code)
    return finish(office, sha256(token.encode()))


def finish(office: Office, token_sha256: Bytes32) -> AgreementDossier:
    """Sign what a confirmed ceremony still owes; called again by the sweep after a crash.

    Raises:
        UnknownNumberError: No such ceremony, or its code was never confirmed.
    """
    with office.work() as work:
        ceremony = work.ceremonies.find(token_sha256)
        if ceremony is None or ceremony.state not in {"confirmed", "signed"}:
            raise UnknownNumberError("–")
        dossier = work.agreements.load(ceremony.number)
    for slot in dossier.slots:
        if slot.role == ceremony.role:
            dossier = sign_slot(office, dossier.number, slot.field, actor=f"{slot.role}:{slot.signer_name}")
    with office.work() as work:
        held = work.ceremonies.find(token_sha256, lock=True)
        if held is not None:
            work.ceremonies.save(replace(held, state="signed"))
        work.commit()
    return dossier


def _redeem(office: Office, token: str, code: str) -> None:
    now = office.clock.now()
    with office.work() as work:
        ceremony, _ = found(work, token)
        if ceremony.state == "confirmed":  # also when all its slots are signed and only the state is behind
            return
        held = hold(work, token)
        verify_offer_stands(held.dossier, now)
        verify_authority(work, held.dossier, held.ceremony.role, now)
        name_signers(work, held.dossier.number, load_terms(held.dossier.terms))
        left = attempts_after(held, code, now)
        if left is None:
            confirmed = replace(
                held.ceremony, state="confirmed", code_hash=None, code_salt=None, attempts_left=0
            )
            work.ceremonies.save(confirmed)
            held.note(
                TrailEventKind.CODE_CONFIRMED, {"fingerprint": fingerprint(confirmed.document_sha256)}, now
            )
        else:
            work.ceremonies.save(replace(held.ceremony, attempts_left=left))
            held.note(TrailEventKind.CODE_REFUSED, {"attempts_left": left}, now)
        work.commit()
    if left is not None:
        raise WrongCodeError(left)


def _noted(office: Office, token: str, event: TrailEventKind, details: JsonObject) -> CeremonyView:
    with office.work() as work:
        held, now = hold(work, token), office.clock.now()
        verify_offer_stands(held.dossier, now)
        verify_authority(work, held.dossier, held.ceremony.role, now)
        held.note(event, details, now)
        work.commit()
    return view_of(held)
