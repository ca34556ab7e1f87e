"""Requests, releases and the other values of the port as JSON, for socket and store alike.

Decides spelling only. Unlike the statement, a request on the wire names the signer's document:
it stays between the two processes.
"""

from __future__ import annotations

import base64
import binascii

from contracts_chain.activation.errors import MalformedOrderError
from contracts_chain.activation.port import (
    CodeFactor,
    CodeIssued,
    PasskeyFactor,
    SignatureOrder,
    SignedField,
    SignerStanding,
    TotpFactor,
    WillFactor,
)
from contracts_chain.evidence.strict_fields import Fields
from contracts_chain.evidence.will import DocumentToSign, Release, SignerRef, WillRequest
from kernel.canonical_json import JsonObject
from kernel.clock import parse_utc, utc_text
from kernel.sized_bytes import Bytes32
from signing.model import SoleControl

__all__ = [
    "bytes_from",
    "bytes_text",
    "factor_from",
    "factor_json",
    "issued_from",
    "issued_json",
    "order_from",
    "order_json",
    "release_from",
    "release_json",
    "request_from",
    "request_json",
    "signed_from",
    "signed_json",
    "signer_from",
    "signer_json",
    "standing_from",
    "standing_json",
]


def signer_json(signer: SignerRef) -> JsonObject:
    """A person by document."""
    return {"id_no": signer.id_no, "id_type": signer.id_type, "name": signer.name}


def signer_from(fields: Fields) -> SignerRef:
    """Read ``signer_json``."""
    return SignerRef(name=fields.text("name"), id_type=fields.text("id_type"), id_no=fields.text("id_no"))


def request_json(request: WillRequest) -> JsonObject:
    """A request with its signer's document."""
    return {
        "ceremony": request.ceremony,
        "documents": [one.as_json() for one in request.documents],
        "signer": signer_json(request.signer),
    }


def request_from(fields: Fields) -> WillRequest:
    """Read ``request_json``; the documents are at least one, each number and field once.

    Raises:
        MalformedOrderError: No document, or one twice.
    """
    request = WillRequest(
        ceremony=fields.text("ceremony"),
        documents=tuple(
            DocumentToSign.read(Fields.of(one, "document")) for one in fields.members("documents")
        ),
        signer=signer_from(fields.object("signer")),
    )
    numbers = {one.number for one in request.documents}
    if not request.ceremony or not numbers or len(numbers) != len(request.documents):
        raise MalformedOrderError("a ceremony with documents, each once, is due")
    return request


def release_json(release: Release) -> JsonObject:
    """A release."""
    return {
        "evidence": release.evidence,
        "level": release.level.value,
        "released_utc": utc_text(release.released_utc),
    }


def release_from(fields: Fields) -> Release:
    """Read ``release_json``."""
    return Release(
        level=SoleControl(fields.text("level")),
        released_utc=fields.utc("released_utc"),
        evidence=fields.object("evidence").rest(),
    )


def factor_json(factor: WillFactor) -> JsonObject:
    """A factor under its kind."""
    match factor:
        case CodeFactor():
            return {"code": factor.code, "kind": "code"}
        case TotpFactor():
            return {"code": factor.code, "kind": "totp"}
        case PasskeyFactor():
            return {"assertion": factor.assertion, "kind": "passkey"}


def factor_from(fields: Fields) -> WillFactor:
    """Read ``factor_json``.

    Raises:
        MalformedOrderError: No such kind.
    """
    kind = fields.text("kind")
    if kind == "code":
        return CodeFactor(code=fields.text("code"))
    if kind == "totp":
        return TotpFactor(code=fields.text("code"))
    if kind == "passkey":
        return PasskeyFactor(assertion=fields.object("assertion").rest())
    raise MalformedOrderError("factor")


def issued_json(issued: CodeIssued) -> JsonObject:
    """A code on its way; never the code."""
    return {
        "attempts_left": issued.attempts_left,
        "expires_utc": utc_text(issued.expires_utc),
        "phone": issued.phone,
    }


def issued_from(fields: Fields) -> CodeIssued:
    """Read ``issued_json``."""
    return CodeIssued(
        attempts_left=fields.natural("attempts_left"),
        expires_utc=fields.utc("expires_utc"),
        phone=fields.text("phone"),
    )


def standing_json(standing: SignerStanding) -> JsonObject:
    """What is known of a person."""
    digest, attested = standing.attestation_sha256, standing.attested_utc
    return {
        "attestation_sha256": None if digest is None else digest.hex(),
        "attested_utc": None if attested is None else utc_text(attested),
        "has_totp": standing.has_totp,
        "method": standing.method,
        "passkeys": standing.passkeys,
        "phone": standing.phone,
    }


def standing_from(fields: Fields) -> SignerStanding:
    """Read ``standing_json``."""
    digest, attested = fields.optional_text("attestation_sha256"), fields.optional_text("attested_utc")
    return SignerStanding(
        attestation_sha256=None if digest is None else Bytes32.from_hex(digest),
        attested_utc=None if attested is None else parse_utc(attested),
        has_totp=bool(fields.take("has_totp")),
        method=fields.text("method"),
        passkeys=fields.natural("passkeys"),
        phone=fields.text("phone"),
    )


def order_json(order: SignatureOrder) -> JsonObject:
    """An order with its files in base64."""
    return {
        "appearance": bytes_text(order.appearance),
        "base": bytes_text(order.base),
        "ceremony": order.ceremony,
        "certify": order.certify,
        "field": order.field,
        "location": order.location,
        "number": order.number,
        "reason": order.reason,
        "seams": list(order.seams),
    }


def order_from(fields: Fields) -> SignatureOrder:
    """Read ``order_json``."""
    return SignatureOrder(
        appearance=bytes_from(fields.text("appearance")),
        base=bytes_from(fields.text("base")),
        ceremony=fields.text("ceremony"),
        certify=fields.take("certify") is True,
        field=fields.text("field"),
        location=fields.text("location"),
        number=fields.text("number"),
        reason=fields.text("reason"),
        seams=tuple(str(name) for name in fields.members("seams")),
    )


def signed_json(signed: SignedField) -> JsonObject:
    """A signed field with its file in base64."""
    return {
        "pdf": bytes_text(signed.pdf),
        "pending": signed.pending,
        "ses": None if signed.ses is None else bytes_text(signed.ses),
    }


def signed_from(fields: Fields) -> SignedField:
    """Read ``signed_json``."""
    pdf, ses = bytes_from(fields.text("pdf")), fields.optional_text("ses")
    return SignedField(
        pdf=pdf, pending=fields.take("pending") is True, ses=None if ses is None else bytes_from(ses)
    )


def bytes_text(value: bytes) -> str:
    """Base64."""
    return base64.b64encode(value).decode("ascii")


def bytes_from(text: str) -> bytes:
    """Read base64.

    Raises:
        MalformedOrderError: It is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise MalformedOrderError("base64") from problem
