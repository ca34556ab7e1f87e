"""Step 5: who signed is who was to sign.

The offer record names each slot's signer before anyone signed; the signing record names the
certificate that was used; both are in the log. The certificate in the PDF must agree with both
(电子签名法 art. 13(1): creation data exclusive to the signer). A slot without an organisation's
code is a natural person's: its certificate must name no organisation at all. A seal of the registry
was approved for this very use before it was used. A delegate signs in place of the person named
where a record of the delegation precedes the signature.
"""

from __future__ import annotations

from contracts_chain.evidence.evidence_json import EvidenceSlot
from contracts_chain.evidence.examination import Examination, proven
from contracts_chain.evidence.findings_error import PartyMismatchError
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.steps.delegates import signer_due
from contracts_chain.evidence.steps.judged import agreed_slots, signing_records
from contracts_chain.evidence.steps.seal_use import names_seal_use, verify_seal_use
from contracts_chain.evidence.strict_fields import Fields
from kernel.sized_bytes import Bytes32
from kernel.verdict import Check
from signing.model import SignatureFinding

__all__ = ["check"]


def check(examination: Examination) -> Check:
    """Compare every slot with its record and its certificate.

    Raises:
        EvidenceMismatchError: The slots are not those of the offer.
        PartyMismatchError: A signer is someone else, or a seal was used without its approval.
        DependsOnStepError: A seal of the registry was used and the trail is not readable.
    """
    examination.agreement()
    evidence = examination.evidence.need(0)
    by_field = {finding.field: finding for finding in examination.findings.get().signatures}
    records = signing_records(evidence)
    slots = agreed_slots(evidence)
    for slot in slots:
        name = signer_due(evidence, slot, records.get(slot.field))
        _check_slot(slot, name, by_field.get(slot.field), records.get(slot.field))
        _check_seal(examination, slot, records[slot.field])
    names = "、".join(dict.fromkeys(slot.organisation for slot in slots))
    return proven(5, f"The signers are the parties: {names}.", f"签署人即合同当事人：{names}。")


def _check_seal(examination: Examination, slot: EvidenceSlot, record: Record) -> None:
    if slot.kind == "seal" and names_seal_use(record):
        verify_seal_use(slot.field, record, examination.trail.need(6))


def _check_slot(
    slot: EvidenceSlot, name: str, finding: SignatureFinding | None, record: Record | None
) -> None:
    if finding is None or finding.signer is None or record is None:
        raise PartyMismatchError(
            f"nobody is known to have signed {slot.field}", f"{slot.field} 的签署人无从查明"
        )
    signer = finding.signer
    due = slot.organisation if slot.organisation_id else None
    recorded = Fields(record.details, f"{slot.field} record").sized("certificate_sha256", Bytes32)
    for what, expected, actual in (
        ("name", name, signer.common_name),
        ("organisation", due, signer.organisation),
        ("organisation id", slot.organisation_id or None, signer.organisation_id),
        ("certificate", slot.certificate_sha256.hex(), signer.certificate_sha256.hex()),
        ("recorded certificate", recorded.hex(), signer.certificate_sha256.hex()),
    ):
        if expected != actual:
            raise PartyMismatchError(
                f"{slot.field}: another {what} signed",
                f"{slot.field}：签署主体不符（{what}）",
                expected=expected or "no organisation",
                actual=actual or "no organisation",
            )
