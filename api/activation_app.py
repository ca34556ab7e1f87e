"""The activation process over HTTP on its socket: one POST per method, JSON in and out.

Decides spelling and limits, never whom to believe. Files travel in base64. An error answers 422
with its code (api/activation_errors.py); one that nobody foresaw answers 500 and stays in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.activation_errors import error_json
from contracts_chain.activation.authority_desk import AuthorityDesk
from contracts_chain.activation.desk import ActivationDesk
from contracts_chain.activation.port import OwnKeyProof
from contracts_chain.activation.seal_wire import issued_seal_json, seal_order_from
from contracts_chain.activation.will_wire import (
    bytes_from,
    bytes_text,
    factor_from,
    issued_json,
    order_from,
    release_json,
    request_from,
    signed_json,
    signer_from,
    standing_json,
)
from contracts_chain.evidence.strict_fields import Fields, parse_object
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.errors import ContractsChainError, FaultError
from kernel.sized_bytes import Bytes32

__all__ = ["create_activation_app"]

_LOG = logging.getLogger("contracts_chain.activation")
_GREATEST_BODY: Final = 4 * 1024**2
_GREATEST_ORDER: Final = 160 * 1024**2
"""Two files of 64 MiB at most in base64, rounded down: inspection takes no larger one."""

Operation = Callable[[Fields], JsonValue]


def create_activation_app(desk: ActivationDesk, authority: AuthorityDesk, about: JsonValue) -> Starlette:
    """The ASGI application of one activation process.

    Args:
        desk: People, wills, signatures.
        authority: Certificates, lists, timestamps.
        about: What ``GET /about`` tells: keys, roots, separation.
    """
    operations = {**_operations(desk), **_authority_operations(authority)}
    known = canonical_bytes(about)

    async def tell(request: Request) -> Response:
        del request
        return _json(known)

    async def act(request: Request) -> Response:
        name = request.path_params["operation"]
        if name not in operations:
            raise HTTPException(404)
        body = await _body(request, _GREATEST_ORDER if name == "sign" else _GREATEST_BODY)
        return await run_in_threadpool(_answer, operations[name], body)

    return Starlette(
        routes=[Route("/about", tell, methods=["GET"]), Route("/{operation}", act, methods=["POST"])]
    )


def _operations(desk: ActivationDesk) -> dict[str, Operation]:
    def released(fields: Fields) -> JsonValue:
        found = desk.released(fields.text("ceremony"))
        return None if found is None else release_json(found)

    def settled(fields: Fields) -> JsonValue:
        desk.settled(fields.text("ceremony"), fields.text("number"))
        return None

    def signer(fields: Fields) -> Fields:
        return fields.object("signer")

    return {
        "standing": lambda fields: standing_json(desk.standing(signer_from(signer(fields)))),
        "enrol": lambda fields: standing_json(desk.enrol(bytes_from(fields.text("attestation")))),
        "send_code": lambda fields: issued_json(desk.send_code(request_from(fields.object("request")))),
        "passkey_options": lambda fields: desk.passkey_options(request_from(fields.object("request"))),
        "release": lambda fields: release_json(
            desk.release(request_from(fields.object("request")), factor_from(fields.object("factor")))
        ),
        "released": released,
        "settled": settled,
        "sign": lambda fields: signed_json(desk.sign(order_from(fields.object("order")))),
        "send_enrolment_code": lambda fields: issued_json(
            desk.send_enrolment_code(signer_from(signer(fields)))
        ),
        "new_passkey_options": lambda fields: desk.new_passkey_options(
            signer_from(signer(fields)), fields.text("code")
        ),
        "add_passkey": lambda fields: standing_json(
            desk.add_passkey(signer_from(signer(fields)), fields.object("credential").rest())
        ),
        "new_totp": lambda fields: desk.new_totp(signer_from(signer(fields)), fields.text("code")),
        "confirm_totp": lambda fields: standing_json(
            desk.confirm_totp(signer_from(signer(fields)), fields.text("code"))
        ),
        "certify_own_key": lambda fields: _certified(desk, fields),
    }


def _certified(desk: ActivationDesk, fields: Fields) -> JsonValue:
    proof = OwnKeyProof(code=fields.text("code"), signature=bytes_from(fields.text("signature")))
    signer, key = signer_from(fields.object("signer")), bytes_from(fields.text("public_key"))
    return [bytes_text(one) for one in desk.certify_own_key(signer, key, proof)]


def _authority_operations(authority: AuthorityDesk) -> dict[str, Operation]:
    def certified(fields: Fields) -> JsonValue:
        chain = authority.certify_seal(
            bytes_from(fields.text("public_key")),
            organisation=fields.text("organisation"),
            organisation_id=fields.text("organisation_id"),
            seal_name=fields.text("seal_name"),
        )
        return [bytes_text(certificate) for certificate in chain]

    def sealed(fields: Fields) -> JsonValue:
        order = seal_order_from(fields.object("order"))
        return issued_seal_json(authority.seal_for(bytes_from(fields.text("public_key")), order))

    def revoked(fields: Fields) -> JsonValue:
        authority.revoke(bytes_from(fields.text("certificate")))
        return None

    def lists(fields: Fields) -> JsonValue:
        chain = tuple(bytes_from(str(one)) for one in fields.members("chain"))
        return [bytes_text(one) for one in authority.crls_for(chain)]

    return {
        "certify_seal": certified,
        "revoke": revoked,
        "seal_for": sealed,
        "crls_for": lists,
        "token_over": lambda fields: bytes_text(authority.token_over(fields.sized("digest", Bytes32))),
        "timestamp_response": lambda fields: bytes_text(
            authority.timestamp_response(bytes_from(fields.text("request")))
        ),
        "ocsp_response": lambda fields: bytes_text(
            authority.ocsp_response(bytes_from(fields.text("request")))
        ),
        "crl": lambda fields: bytes_text(authority.crl(fields.text("name"))),
        "authority_certificate": lambda fields: bytes_text(
            authority.authority_certificate(fields.text("name"))
        ),
    }


async def _body(request: Request, limit: int) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > limit:
            raise HTTPException(413, f"at most {limit} bytes are taken")
    return bytes(content)


def _answer(operation: Operation, body: bytes) -> Response:
    try:
        return _json(canonical_bytes(operation(Fields(parse_object(body, "body"), "body"))))
    except ContractsChainError as problem:
        if isinstance(problem, FaultError):
            _LOG.error("%s: %s", problem.code, problem.en)
        return _json(canonical_bytes(error_json(problem)), 422)


def _json(content: bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")
