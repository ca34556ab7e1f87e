"""Makes the next revision of an agreement: who signs a slot, with which key, and what it shows.

The utility's own seal is used here, by its registered key and after its use was approved;
everything else is signed by the activation process, on the will of the person who signs
(DESIGN decision 16). An authority that gives no token now stops no signature: it is made as
B-B and its timestamp is pending. Must never sign for a party itself.
"""

from __future__ import annotations

from contracts_chain.activation.port import SignatureOrder, SignedField
from contracts_chain.agreements.seals.use import SealUse
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, SlotFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.slot_looks import look_of
from signing.model import TimestampAuthority
from signing.pades import sign_pdf
from signing.rfc3161_authority import TimestampUnavailableError
from signing.seam_drawing import seam_names

__all__ = ["LOCATION", "reason_of", "roots_of", "sign_own_seal", "sign_released"]

LOCATION = "线上签署"


def sign_released(
    office: Office, dossier: AgreementDossier, slot: SlotFile, base: bytes, ceremony: CeremonyFile
) -> SignedField:
    """Have the activation process sign a field that its signer released.

    Raises:
        NotReleasedError: The signer never agreed to it.
        DocumentChangedError: The base is not the agreed document with signatures alone.
        ActivationUnavailableError: Nobody knows; the same order later gives the same revision.
    """
    return office.activation.sign(
        SignatureOrder(
            ceremony=ceremony.will_id,
            number=dossier.number,
            field=slot.field,
            base=base,
            appearance=look_of(office, slot, ceremony),
            seams=_seams(dossier, slot),
            reason=reason_of(dossier),
            location=LOCATION,
            certify=slot.ordinal == 0,
        )
    )


def sign_own_seal(
    office: Office, dossier: AgreementDossier, slot: SlotFile, base: bytes, use: SealUse
) -> SignedField:
    """Put the utility's own seal on a slot; its use is approved and numbered.

    Raises:
        FaultError: The seal's key cannot be reached.
        RevocationUnavailableError: The seal's certificate cannot be proven valid now.
        CannotSignError: No such empty field.
    """
    with office.work() as work:
        seal = work.seals.load(use.seal_id)
    credential, drawing = office.seal_keys.credential(seal), office.blobs.get(use.drawing_sha256)

    def sealed(authority: TimestampAuthority | None) -> bytes:
        return sign_pdf(
            base,
            field=slot.field,
            credential=credential,
            authority=authority,
            revocation=office.ca,
            roots=roots_of(office),
            appearance=drawing,
            signed_at=office.clock.now(),
            reason=reason_of(dossier),
            location=LOCATION,
            certify=slot.ordinal == 0,
            seams=_seams(dossier, slot),
        )

    try:
        return SignedField(pdf=sealed(office.timestamps), pending=False, ses=None)
    except TimestampUnavailableError:
        return SignedField(pdf=sealed(None), pending=True, ses=None)


def roots_of(office: Office) -> tuple[bytes, ...]:
    """Trusted roots of signers and of timestamps, DER."""
    return (*office.trust.signatures.ca_roots, *office.trust.signatures.tsa_roots)


def _seams(dossier: AgreementDossier, slot: SlotFile) -> tuple[str, ...]:
    """骑缝章: a slice of the seal on every page's edge."""
    return seam_names(slot.field, dossier.pages) if slot.kind == "seal" else ()


def reason_of(dossier: AgreementDossier) -> str:
    """What PDF viewers show as the reason of a signature."""
    return f"签订合同 {dossier.number}"
