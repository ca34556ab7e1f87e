"""A will that is shown by the signer's own key: its signature over the document is the will itself.

Decides what is kept of such a will (docs/formats/will.md) and when it counts: the statement names
the document and the field, and the certificate in the PDF is the one that is named, says that the
holder keeps its key, and bears the signer's name. No activation process vouches for it; the
signature itself is proven in step 2 and its certificate in step 3. A key that was used here for a
signer, whatever the trail calls it, has a certificate of another level and is refuted.
"""

from __future__ import annotations

from datetime import datetime

from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError
from contracts_chain.evidence.will import ConfirmedWill, WillRefutedError, WillRequest, read_statement
from kernel.canonical_json import JsonObject
from kernel.clock import utc_text
from kernel.sized_bytes import Bytes32
from signing.model import SignerIdentity, SoleControl

__all__ = ["own_key_evidence", "verify_own_key"]

_SCHEMA = 1


def own_key_evidence(
    request: WillRequest,
    *,
    certificate_sha256: Bytes32,
    attestation_sha256: str,
    identity_method: str,
    signed_utc: datetime,
) -> JsonObject:
    """What the trail keeps of a will shown by an own key.

    Args:
        request: What was agreed to.
        certificate_sha256: Digest of the holder's certificate, DER.
        attestation_sha256: Of the attestation of identity, hex, as the trail names it.
        identity_method: How the person had been identified.
        signed_utc: When the signature came back.
    """
    return {
        "attestation_sha256": attestation_sha256,
        "certificate_sha256": certificate_sha256.hex(),
        "identity_method": identity_method,
        "level": SoleControl.OWN_KEY.value,
        "released_utc": utc_text(signed_utc),
        "schema": _SCHEMA,
        "statement": request.statement().decode(),
    }


def verify_own_key(evidence: JsonObject, signer: SignerIdentity | None) -> ConfirmedWill:
    """Prove that the certificate in the PDF is the own key by which the will was shown.

    Args:
        evidence: As ``own_key_evidence`` makes it.
        signer: What the certificate in the PDF says; ``None`` if it cannot be read.

    Raises:
        WillRefutedError: Another certificate, one that does not say its holder keeps the key, or
            evidence of another form.
    """
    try:
        fields = Fields.of(evidence, "own_key")
        fields.expect("schema", _SCHEMA)
        fields.expect("level", SoleControl.OWN_KEY.value)
        certificate = fields.sized("certificate_sha256", Bytes32)
        statement = read_statement(fields.text("statement"))
        will = ConfirmedWill(
            level=SoleControl.OWN_KEY,
            released_utc=fields.utc("released_utc"),
            ceremony=statement.ceremony,
            signer=statement.signer,
            documents=statement.documents,
            root=statement.root,
            identity_method=fields.text("identity_method"),
            attestation_sha256=fields.sized("attestation_sha256", Bytes32),
        )
        fields.finish()
    except MalformedEvidenceError as problem:
        raise WillRefutedError(f"{problem.place}: {problem.problem}") from problem
    if signer is None or signer.certificate_sha256 != certificate:
        raise WillRefutedError("the signature is not by the own key that was named")
    if signer.sole_control is not SoleControl.OWN_KEY:
        raise WillRefutedError("its certificate does not say that the holder keeps the key")
    return will
