"""WebAuthn by ``webauthn`` (ADR 0021): registers passkeys and checks assertions over a request.

Decides nothing by itself: relying party and origins come from the configuration, the challenge
from the request, user verification is always required. What the library accepted is kept in a
form that needs no library (evidence/webauthn_assertion.py).
"""

from __future__ import annotations

import secrets
from typing import Final, cast

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import generate_authentication_options, generate_registration_options
from webauthn.authentication.verify_authentication_response import verify_authentication_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import verify_registration_response

from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.errors import AssertionRefusedError, NotEnrolledError
from contracts_chain.activation.person import Passkey, Person
from contracts_chain.evidence.webauthn_assertion import PasskeyAssertion
from kernel.canonical_json import JsonObject
from kernel.sized_bytes import Bytes32

__all__ = [
    "assertion_options",
    "is_kept",
    "new_challenge",
    "registered",
    "registration_options",
    "verified_assertion",
]

_TIMEOUT_MS: Final = 300_000


def new_challenge() -> Bytes32:
    """Random, for one registration."""
    return Bytes32(secrets.token_bytes(32))


def registration_options(
    configuration: ActivationConfiguration, person: Person, handle: str, challenge: Bytes32
) -> JsonObject:
    """Options for ``navigator.credentials.create``.

    Args:
        configuration: Relying party.
        person: Whose passkey; its earlier ones are excluded.
        handle: Opaque id of the person, in hex; never the document number.
        challenge: From ``new_challenge``.
    """
    options = generate_registration_options(
        rp_id=configuration.rp_id,
        rp_name=configuration.rp_name,
        user_name=person.signer.name,
        user_id=bytes.fromhex(handle),
        challenge=bytes(challenge),
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(person),
    )
    return cast("JsonObject", options_to_json_dict(options))


def registered(configuration: ActivationConfiguration, credential: JsonObject, challenge: Bytes32) -> Passkey:
    """The credential that the browser made from those options.

    Raises:
        AssertionRefusedError: Another challenge, origin or party, or the user was not verified.
    """
    try:
        found = verify_registration_response(
            credential=dict(credential),
            expected_challenge=bytes(challenge),
            expected_rp_id=configuration.rp_id,
            expected_origin=list(configuration.origins),
            require_user_verification=True,
        )
    except Exception as problem:
        raise AssertionRefusedError(_reason(problem)) from problem
    return Passkey(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
    )


def is_kept(person: Person, credential: JsonObject) -> bool:
    """Whether this very credential, id and key, is registered for the person already; proves nothing else.

    Raises:
        AssertionRefusedError: Unreadable.
    """
    try:
        given = parse_registration_credential_json(dict(credential))
        made = parse_attestation_object(given.response.attestation_object).auth_data.attested_credential_data
    except Exception as problem:  # whatever the CBOR of a stranger makes the library raise, it is refused
        raise AssertionRefusedError(_reason(problem)) from problem
    if made is None:
        return False
    held = {(one.credential_id, one.public_key) for one in person.passkeys}
    return (made.credential_id, made.credential_public_key) in held


def assertion_options(
    configuration: ActivationConfiguration, person: Person, challenge: Bytes32
) -> JsonObject:
    """Options for ``navigator.credentials.get``.

    Raises:
        NotEnrolledError: No passkey is registered.
    """
    if not person.passkeys:
        raise NotEnrolledError("passkey")
    options = generate_authentication_options(
        rp_id=configuration.rp_id,
        challenge=bytes(challenge),
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(person),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return cast("JsonObject", options_to_json_dict(options))


def verified_assertion(
    configuration: ActivationConfiguration, person: Person, assertion: JsonObject, challenge: Bytes32
) -> tuple[PasskeyAssertion, Passkey]:
    """Prove that one of the person's passkeys signed this challenge.

    Returns:
        What a stranger can check again, and the passkey with its new sign count.

    Raises:
        NotEnrolledError: No passkey is registered.
        AssertionRefusedError: Not theirs, another challenge, origin or party, user not verified, or replayed.
    """
    if not person.passkeys:
        raise NotEnrolledError("passkey")
    try:
        given = parse_authentication_credential_json(dict(assertion))
        passkey = _own(person, given.raw_id)
        verified = verify_authentication_response(
            credential=given,
            expected_challenge=bytes(challenge),
            expected_rp_id=configuration.rp_id,
            expected_origin=list(configuration.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except AssertionRefusedError:
        raise
    except Exception as problem:
        raise AssertionRefusedError(_reason(problem)) from problem
    proof = PasskeyAssertion(
        rp_id=configuration.rp_id,
        credential_id=passkey.credential_id,
        public_key=_subject_public_key(passkey.public_key),
        authenticator_data=given.response.authenticator_data,
        client_data=given.response.client_data_json,
        signature=given.response.signature,
    )
    counted = Passkey(
        credential_id=passkey.credential_id,
        public_key=passkey.public_key,
        sign_count=verified.new_sign_count,
    )
    return proof, counted


def _own(person: Person, credential_id: bytes) -> Passkey:
    for passkey in person.passkeys:
        if passkey.credential_id == credential_id:
            return passkey
    raise AssertionRefusedError("not a passkey of this person")


def _descriptors(person: Person) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in person.passkeys]


def _subject_public_key(cose: bytes) -> bytes:
    key = decoded_public_key_to_cryptography(decode_credential_public_key(cose))
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _reason(problem: Exception) -> str:
    return f"{problem}"[:200] or type(problem).__name__
