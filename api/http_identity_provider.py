"""An identity provider over HTTP, as the deeds see one (docs/formats/attestation.md).

``POST URL/sessions`` with an Idempotency-Key, the person's browser to the page it names, its
signed callback to us, ``GET URL/sessions/ID`` for the outcome. An answer that is late, broken or
not signed by the key we know is no answer: nobody is refused for it, and it is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from api.identity_launch import ProviderAddress
from contracts_chain.agreements.identity.attestation import AttestationClaims, verify_provider_attestation
from contracts_chain.agreements.identity.signed_message import AttestationUnsoundError, verify_compact
from contracts_chain.workflows.identity_ports import (
    CallbackRefusedError,
    IdentityOutcome,
    IdentityProviderDownError,
    IdentityRequest,
    ProviderSession,
)
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes, parse_json
from signing.http_exchange import HttpAnswer, NoHttpAnswerError, exchange

__all__ = ["ATTESTATION_AGE", "HttpIdentityProvider"]

ATTESTATION_AGE: Final = timedelta(minutes=15)
_TIMEOUT_SECONDS: Final = 10.0
_GREATEST_ANSWER: Final = 64 * 1024
_STATES: Final[Mapping[str, Literal["pending", "passed", "refused", "retake"]]] = {
    "pending": "pending",
    "passed": "passed",
    "refused": "refused",
    "retake": "retake",
}


class HttpIdentityProvider:
    """Implements ``workflows.identity_ports.IdentityVerifier``."""

    def __init__(self, where: Callable[[], ProviderAddress]) -> None:
        """Ask nothing yet; ``where`` is asked before each call, so that a revived sandbox is found."""
        self._where = where

    @property
    def name(self) -> str:
        """As attestations name it."""
        return self._where().name

    @property
    def public_key(self) -> bytes:
        """32 bytes, for the configuration of the activation process."""
        return self._where().public_key

    def start(self, request: IdentityRequest) -> ProviderSession:
        """Open a session; the same key gives the same one.

        Raises:
            IdentityProviderDownError: No answer, or none that holds.
        """
        answer = self._asked("POST", "/sessions", _request_json(request), request.key)
        session, page = answer.get("session"), answer.get("redirect_url")
        if not isinstance(session, str) or not isinstance(page, str) or not _is_page(page):
            raise IdentityProviderDownError(self.name, "an answer of another form")
        return ProviderSession(id=session, redirect_url=page)

    def settle(self, session: str) -> IdentityOutcome:
        """Ask how a session stands.

        Raises:
            IdentityProviderDownError: No answer, or none that holds.
        """
        try:
            answer = self._asked("GET", f"/sessions/{quote(session, safe='')}", None, "")
        except _UnknownSessionError:
            return IdentityOutcome(state="lost")
        state, attestation = _STATES.get(str(answer.get("state"))), answer.get("attestation")
        tries, reason = answer.get("tries_left"), answer.get("reason")
        if state is None or (state == "passed") != isinstance(attestation, str):
            raise IdentityProviderDownError(self.name, "an answer of another form")
        return IdentityOutcome(
            state=state,
            reason=reason if isinstance(reason, str) else "",
            tries_left=tries if isinstance(tries, int) else 0,
            attestation=attestation.encode() if isinstance(attestation, str) else None,
        )

    def verify_callback(self, body: bytes) -> str:
        """The session that a callback is about.

        Raises:
            CallbackRefusedError: The provider did not sign it.
        """
        where = self._where()
        try:
            told = parse_json(verify_compact(body.strip(), {where.name: where.public_key}).payload)
        except (AttestationUnsoundError, ValueError, RecursionError) as problem:
            raise CallbackRefusedError from problem
        session = told.get("session") if isinstance(told, Mapping) else None
        if not isinstance(session, str):
            raise CallbackRefusedError
        return session

    def verify_attestation(self, content: bytes, *, now: datetime) -> AttestationClaims:
        """The claims of an attestation of this provider.

        Raises:
            AttestationUnsoundError: It is not the provider's, or not of this time.
        """
        where = self._where()
        keys = {where.name: bytes(where.public_key)}
        return verify_provider_attestation(content, keys, now=now, greatest_age=ATTESTATION_AGE)

    def _asked(self, method: str, path: str, body: JsonObject | None, key: str) -> Mapping[str, JsonValue]:
        where = self._where()
        answer = _exchanged(where, method, path, body, key)
        if answer.status == HTTPStatus.NOT_FOUND and body is None:
            raise _UnknownSessionError(where.name, "no such session")
        if not 200 <= answer.status < 300:
            raise IdentityProviderDownError(where.name, f"HTTP {answer.status}")
        try:
            told = parse_json(answer.content)
        except (ValueError, RecursionError) as problem:
            raise IdentityProviderDownError(where.name, "not JSON") from problem
        if not isinstance(told, Mapping):
            raise IdentityProviderDownError(where.name, "an answer of another form")
        return told


class _UnknownSessionError(IdentityProviderDownError):
    """The provider forgot the session: begin another."""


def _exchanged(
    where: ProviderAddress, method: str, path: str, body: JsonObject | None, key: str
) -> HttpAnswer:
    try:
        return exchange(
            method,
            f"{where.url.rstrip('/')}{path}",
            seconds=_TIMEOUT_SECONDS,
            greatest=_GREATEST_ANSWER,
            content=None if body is None else canonical_bytes(body),
            headers={"Idempotency-Key": key} if key else {},
        )
    except NoHttpAnswerError as problem:
        raise IdentityProviderDownError(where.name, problem.reason) from problem


def _request_json(request: IdentityRequest) -> JsonObject:
    members: dict[str, JsonValue] = {
        "nonce": request.nonce,
        "method": request.method,
        "name": request.name,
        "id_type": request.id_type,
        "id_no": request.id_no,
        "phone": request.phone,
        "return_url": request.return_url,
        "callback_url": request.callback_url,
    }
    if request.organisation is not None:
        members["organisation"] = {"name": request.organisation.name, "uscc": request.organisation.uscc}
    return members


def _is_page(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).netloc)
    except ValueError:
        return False
