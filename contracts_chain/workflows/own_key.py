"""A natural person signs with a key of its own: prepared here, signed elsewhere, finished here.

The signature over the document is the will (level ``own_key``): no factor is asked for and no
activation process releases anything. Identity, reading, questions, mark and consent are due all
the same, before preparing and again in the transaction that counts the signature: will, state and
leaf are committed together or not at all. A party with a seal, and a set, sign the other way: a
seal is released by its signer through the activation process, never by this service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts_chain.activation.port import OwnKeyProof, SignedField
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.agreements.lifecycle import Deed, advance_agreement
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.own_key_will import own_key_evidence
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.acting_party import signer_ref
from contracts_chain.workflows.ceremony import finish
from contracts_chain.workflows.ceremony_errors import ConsentMissingError, IdentityMissingError
from contracts_chain.workflows.ceremony_view import Held, found, hold
from contracts_chain.workflows.dossier import AgreementDossier, IntentRow, SlotFile
from contracts_chain.workflows.errors import SignatureTurnError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.own_key_errors import OwnKeyUnfitError, PreparationOverError
from contracts_chain.workflows.people import name_signers
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.sign import commit_revision
from contracts_chain.workflows.slot_looks import look_of
from contracts_chain.workflows.slot_signing import LOCATION, reason_of, roots_of
from contracts_chain.workflows.will import Act, verify_ready, will_request
from kernel.canonical_json import JsonObject, canonical_bytes, parse_json
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32
from signing.deferred import finish_deferred, prepare_deferred
from signing.deferred_state import DeferredSignature, DeferredStateError
from signing.holder_certificate import HolderCertificateError, read_holder
from signing.model import SignerIdentity, SoleControl
from signing.rfc3161_authority import TimestampUnavailableError

__all__ = [
    "PreparedOwnKey",
    "begin_own_key",
    "certify_own_key",
    "find_own_key_obstacle",
    "finish_own_key",
    "prepared_own_key",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedOwnKey:
    """What waits for one certificate's key.

    Attributes:
        holder: Whom the certificate names.
        certificate: The holder's certificate, DER.
        to_sign: What its key signs with SHA-256, as ``begin_own_key`` gave it.
    """

    holder: SignerIdentity
    certificate: bytes
    to_sign: bytes


def find_own_key_obstacle(office: Office, token: str) -> OwnKeyUnfitError | None:
    """Why this party does not sign with a key of its own; ``None`` if it may. Locks and changes nothing.

    Raises:
        UnknownNumberError: No such link.
    """
    with office.work() as work:
        ceremony, dossier = found(work, token)
        try:
            _own_slot(Held(work=work, ceremony=ceremony, dossier=dossier))
        except OwnKeyUnfitError as problem:
            return problem
    return None


def certify_own_key(
    office: Office, token: str, public_key_der: bytes, proof: OwnKeyProof
) -> tuple[bytes, ...]:
    """Have the activation process certify a key of the signer's own (TEST CA), leaf first, DER.

    Args:
        office: Where the activation process is reached.
        token: Of the link.
        public_key_der: SubjectPublicKeyInfo of the signer's key.
        proof: Enrolment code, and the key's signature over ``own_keys.own_key_request``.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        OwnKeyUnfitError: A party that does not sign with a key of its own.
        IdentityMissingError: Nobody vouched for the person in this ceremony.
        RejectedError: As ``Activation.certify_own_key``.
    """
    with office.work() as work:
        held = hold(work, token)
        _own_slot(held)
        _identified(held)
        signer = signer_ref(held.person)
    return office.activation.certify_own_key(signer, public_key_der, proof)


def begin_own_key(office: Office, token: str, chain: Sequence[bytes]) -> bytes:
    """Lay the agreement out for the signer's own key; the same call gives the same bytes.

    Args:
        office: Where records, trust and time come from.
        token: Of the link.
        chain: The signer's certificate and those above it, leaf first, DER.

    Returns:
        What the key signs with SHA-256: the signed attributes, DER.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        OwnKeyUnfitError: A party with a seal, a set, or a will that is confirmed already.
        HolderCertificateError: Another's certificate, or one that does not sign here.
        RevocationUnavailableError: The certificate cannot be proven unrevoked now.
        RejectedError: Something is unread, unasked or not consented to (``will.verify_ready``).
    """
    now = office.clock.now()
    with office.work() as work:
        held, slot = _ready(work, token, now)
        _verify_holder(office, held, chain, now)
        name_signers(work, held.dossier.number, load_terms(held.dossier.terms))
        work.ceremonies.save(replace(held.ceremony, asked_utc=now))
        key = _key(held, sha256(chain[0]))
        kept = work.intents.find(key)
        work.commit()
    if kept is None:
        deferred = _prepared(office, held, slot, chain, now)
        kept = _keep(office, key, held.dossier.number, deferred, now)
    return _restored(office, kept).to_sign


def prepared_own_key(office: Office, token: str, certificate_sha256: Bytes32) -> PreparedOwnKey:
    """What ``begin_own_key`` prepared for a certificate, if it can still be finished; changes nothing.

    Raises:
        PreparationOverError: Nothing is prepared for that certificate over what stands now.
        DeferredStateError: What was kept meanwhile was changed.
        ContractsChainError: As ``begin_own_key``.
    """
    now = office.clock.now()
    with office.work() as work:
        held, _ = _ready(work, token, now)
        deferred = _waiting(office, work, _key(held, certificate_sha256))[1]
        holder = _verify_holder(office, held, deferred.chain, now)
    return PreparedOwnKey(holder=holder, certificate=deferred.chain[0], to_sign=deferred.to_sign)


def finish_own_key(
    office: Office, token: str, signature: bytes, certificate_sha256: Bytes32
) -> AgreementDossier:
    """Embed the signature that came back, and count it; repeating the call after success changes nothing.

    Args:
        office: Where records, trust and time come from.
        token: Of the link.
        signature: Over the bytes of ``begin_own_key``: ECDSA in DER or 64 plain bytes, or RSA.
        certificate_sha256: Digest of the certificate that it was begun with.

    Raises:
        PreparationOverError: Nothing is prepared for that certificate over what stands now.
        WrongSignatureError: Not by this certificate's key; nothing was signed.
        DeferredStateError: What was kept meanwhile was changed.
        UnsoundSignatureError: The new revision did not pass the re-check; nothing changed.
        ContractsChainError: As ``begin_own_key``.
    """
    now = office.clock.now()
    with office.work() as work:
        ceremony, _ = found(work, token)
    if ceremony.state in {"confirmed", "signed"}:
        return finish(office, ceremony.id)
    with office.work() as work:
        held, slot = _ready(work, token, now)
        kept, deferred = _waiting(office, work, _key(held, certificate_sha256))
        actor = held.actor
        _verify_holder(office, held, deferred.chain, now)
    made = _signed(office, deferred, signature, now)
    will = _will_shown(office, token, kept, certificate_sha256, now)
    commit_revision(office, held.dossier, slot.field, made, use=None, actor=actor, will=will)
    return finish(office, held.ceremony.id)


def _will_shown(
    office: Office, token: str, kept: IntentRow, certificate_sha256: Bytes32, now: datetime
) -> Callable[[UnitOfWork], None]:
    """Notes the will in the transaction that counts the signature, if all stands as it was prepared."""

    def note(work: UnitOfWork) -> None:
        held, _ = _ready(work, token, now)
        if _key(held, certificate_sha256) != kept.key:
            raise PreparationOverError
        _note_will(office, held, certificate_sha256, now)
        work.intents.close(kept.key, canonical_bytes({"certificate_sha256": certificate_sha256.hex()}))

    return note


def _ready(work: UnitOfWork, token: str, now: datetime) -> tuple[Held, SlotFile]:
    """The ceremony, locked, with everything before the will done, and the one field it signs."""
    held = hold(work, token)
    slot = _own_slot(held)
    verify_ready(held, now)
    if held.ceremony.consented_utc is None:
        raise ConsentMissingError
    advance_agreement(held.dossier.state, Deed.SIGN)
    return held, slot


def _own_slot(held: Held) -> SlotFile:
    slot, *others = (one for one in held.dossier.slots if one.role == held.ceremony.role)
    if others or slot.kind != "person" or slot.organisation_id:
        raise OwnKeyUnfitError("it takes a seal or is for an organisation", "须加盖印章或为单位签署")
    if held.ceremony.set_id is not None:
        raise OwnKeyUnfitError("it is signed in a set", "该合同属于一次签署的一组合同")
    if held.ceremony.state != "open":
        raise OwnKeyUnfitError("you have confirmed it in another way", "您已以其他方式确认")
    return slot


def _verify_holder(office: Office, held: Held, chain: Sequence[bytes], now: datetime) -> SignerIdentity:
    holder = read_holder(chain, office.trust.signatures.ca_roots, now)
    if holder.common_name != held.person.name:
        raise HolderCertificateError("it names another person", "证书载明的姓名不是本合同的签署人")
    if holder.organisation is not None or holder.organisation_id is not None:
        raise HolderCertificateError("it names an organisation", "证书载明了单位，不是本人证书")
    return holder


def _key(held: Held, certificate_sha256: Bytes32) -> str:
    """Of one preparation: other bytes, another look, or a consent given anew make it another."""
    ceremony, base = held.ceremony, held.dossier.current_sha256
    stands: JsonObject = {
        "base_sha256": base.hex() if base is not None else None,
        "certificate_sha256": certificate_sha256.hex(),
        "consented_utc": ceremony.consented_utc.isoformat() if ceremony.consented_utc else None,
        "mark_sha256": ceremony.mark_sha256.hex() if ceremony.mark_sha256 is not None else None,
    }
    return f"own_key:{ceremony.id}:{sha256(canonical_bytes(stands)).hex()}"


def _prepared(
    office: Office, held: Held, slot: SlotFile, chain: Sequence[bytes], now: datetime
) -> DeferredSignature:
    base = held.dossier.current_sha256
    if base is None:
        raise SignatureTurnError(slot.field, None)
    return prepare_deferred(
        office.blobs.get(base),
        field=slot.field,
        certificate_chain=chain,
        revocation=office.ca,
        roots=roots_of(office),
        appearance=look_of(office, slot, held.ceremony),
        signed_at=now,
        reason=reason_of(held.dossier),
        location=LOCATION,
        certify=slot.ordinal == 0,
    )


def _keep(office: Office, key: str, number: str, deferred: DeferredSignature, now: datetime) -> IntentRow:
    """The prepared file as a blob and the rest as a row; of two at once the first counts."""
    office.blobs.put(deferred.prepared)
    payload = canonical_bytes(deferred.as_json())
    row = IntentRow(key=key, kind="own_key", subject=number, payload=payload, opened_utc=now)
    with office.work() as work:
        kept = work.intents.open(row)
        work.commit()
    return kept


def _waiting(office: Office, work: UnitOfWork, key: str) -> tuple[IntentRow, DeferredSignature]:
    kept = work.intents.find(key)
    if kept is None or kept.done:
        raise PreparationOverError
    return kept, _restored(office, kept)


def _restored(office: Office, kept: IntentRow) -> DeferredSignature:
    told = parse_json(kept.payload)
    digest = told.get("prepared_sha256") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(digest, str):
        raise DeferredStateError("schema")
    return DeferredSignature.from_json(told, office.blobs.get(Bytes32.from_hex(digest)))


def _signed(office: Office, deferred: DeferredSignature, signature: bytes, now: datetime) -> SignedField:
    """The next revision; where no authority gives a token now, its timestamp is pending."""
    try:
        pdf = finish_deferred(
            deferred,
            signature,
            authority=office.timestamps,
            revocation=office.ca,
            roots=roots_of(office),
            moment=now,
        )
    except TimestampUnavailableError:
        pdf = finish_deferred(
            deferred,
            signature,
            authority=None,
            revocation=office.ca,
            roots=roots_of(office),
            moment=now,
        )
        return SignedField(pdf=pdf, pending=True, ses=None)
    return SignedField(pdf=pdf, pending=False, ses=None)


def _note_will(office: Office, held: Held, certificate_sha256: Bytes32, now: datetime) -> None:
    request = will_request(office, Act(id=held.ceremony.will_id, held=(held,)))
    attestation, method = _identified(held)
    evidence = own_key_evidence(
        request,
        certificate_sha256=certificate_sha256,
        attestation_sha256=attestation,
        identity_method=method,
        signed_utc=now,
    )
    held.work.ceremonies.save(replace(held.ceremony, state="confirmed"))
    details: JsonObject = {
        "certificate_sha256": certificate_sha256.hex(),
        "fingerprint": fingerprint(request.root),
        "level": SoleControl.OWN_KEY.value,
        "release": evidence,
        "statement_sha256": request.challenge.hex(),
    }
    held.note(TrailEventKind.WILL_CONFIRMED, details, now)


def _identified(held: Held) -> tuple[str, str]:
    """Digest of the newest attestation of this ceremony, and how the person was identified."""
    for event in reversed(held.trail()):
        of_this = event.details.get("ceremony") == held.ceremony.id
        if of_this and event.event is TrailEventKind.IDENTIFIED:
            return str(event.details["attestation_sha256"]), str(event.details["method"])
    raise IdentityMissingError
