"""Signing with a key of the signer's own, on a token or in a program (JSON in and out).

The link's token is the only bearer, as on the signing pages. What is to be signed goes out, the
signature comes in; a private key never does.
"""

from __future__ import annotations

import base64
import binascii

from fastapi import APIRouter

from api.routes.desk import AtDesk, RawBody
from contracts_chain.activation.port import OwnKeyProof
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, parse_object
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.own_key import begin_own_key, certify_own_key, finish_own_key
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["router"]

router = APIRouter()


@router.post("/s/{token}/own-key/certificate", summary="A TEST certificate over a key of the signer's own")
def certificate(desk: AtDesk, token: str, body: RawBody) -> dict[str, list[str]]:
    """Body: ``public_key`` and ``signature`` in base64, and the ``code`` of ``device/code``."""
    fields = Fields.of(parse_object(body, "own_key"), "own_key")
    public_key = _octets(fields.text("public_key"), "public_key")
    signature = _octets(fields.text("signature"), "signature")
    proof = OwnKeyProof(code=fields.text("code"), signature=signature)
    fields.finish()
    chain = certify_own_key(desk.office, token, public_key, proof)
    return {"chain": [base64.b64encode(one).decode() for one in chain]}


@router.post("/s/{token}/own-key", summary="What a key of the signer's own is to sign")
def begin(desk: AtDesk, token: str, body: RawBody) -> dict[str, str]:
    """Body: ``{"chain": [base64 of DER, leaf first]}``; sign ``to_sign`` with SHA-256."""
    fields = Fields.of(parse_object(body, "own_key"), "own_key")
    chain = tuple(_octets(one, "chain") for one in fields.members("chain"))
    fields.finish()
    to_sign = begin_own_key(desk.office, token, chain)
    return {
        "certificate_sha256": sha256(chain[0]).hex(),
        "fingerprint": open_link(desk.office, token).fingerprint,
        "to_sign": base64.b64encode(to_sign).decode(),
    }


@router.post("/s/{token}/own-key/finish", summary="Sign with the signature that the own key made")
def finish(desk: AtDesk, token: str, body: RawBody) -> dict[str, str]:
    """Body: ``certificate_sha256`` as given, and ``signature`` in base64; answers where to go."""
    fields = Fields.of(parse_object(body, "own_key"), "own_key")
    certificate = fields.sized("certificate_sha256", Bytes32)
    signature = _octets(fields.text("signature"), "signature")
    fields.finish()
    finish_own_key(desk.office, token, signature, certificate)
    return {"next": f"/s/{token}/done"}


def _octets(text: object, name: str) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise MalformedEvidenceError(f"own_key.{name}", "base64 is due here") from problem
