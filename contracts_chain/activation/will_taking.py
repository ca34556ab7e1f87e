"""Takes the signer's will: one factor, checked against one request, released once.

A release is kept before it is told; asked again, it is told again. Of the three factors only a
passkey signs the request itself; digits are the lower, labelled level. Where no text message
showed the fingerprint, one does so afterwards.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts_chain.activation import authenticator_app, passkeys
from contracts_chain.activation.codes import signing_message
from contracts_chain.activation.errors import CodeExpiredError, MessageNotSentError
from contracts_chain.activation.person import Person
from contracts_chain.activation.port import CodeFactor, CodeIssued, PasskeyFactor, TotpFactor, WillFactor
from contracts_chain.activation.releases import Released, Releases, new_release
from contracts_chain.activation.workbench import Workbench
from contracts_chain.agreements.fingerprint import fingerprint
from contracts_chain.evidence.webauthn_assertion import PasskeyAssertion
from contracts_chain.evidence.will import Release, WillRequest
from kernel.canonical_json import JsonObject
from signing.model import SoleControl

__all__ = ["WillTaking"]


class WillTaking:
    """Checks factors and releases; the caller serialises calls."""

    def __init__(self, bench: Workbench, releases: Releases, key: Ed25519PrivateKey) -> None:
        """Take what was released before, and the key that signs releases."""
        self._bench = bench
        self._releases = releases
        self._key = key

    def send_code(self, request: WillRequest) -> CodeIssued:
        """Send a code bound to the request.

        Raises:
            NotEnrolledError: Not attested.
            CodesLockedError: Too many wrong digits.
            CodesUsedUpError: Enough codes were sent.
            MessageNotSentError: The gateway did not take it.
        """
        now = self._bench.clock.now()
        person = self._bench.register.unlocked(request.signer, now)
        return self._bench.sending.send(
            person,
            f"sign:{request.ceremony}",
            request.challenge,
            lambda code, expires_utc: signing_message(request, code, expires_utc),
            now,
        )

    def passkey_options(self, request: WillRequest) -> JsonObject:
        """Options for ``navigator.credentials.get`` over this request.

        Raises:
            NotEnrolledError: Not attested, or no passkey.
        """
        person = self._bench.register.attested(request.signer, self._bench.clock.now())
        return passkeys.assertion_options(self._bench.configuration, person, request.challenge)

    def release(self, request: WillRequest, factor: WillFactor) -> Release:
        """Check the factor against the very request; asked again after success, the same release.

        Raises:
            NotEnrolledError: Not attested, or no such factor.
            CodesLockedError: Too many wrong digits.
            WrongCodeError: Says how many tries are left.
            CodeExpiredError: No code for exactly this request; or the ceremony released another one.
            TotpRefusedError: The digits do not fit now.
            AssertionRefusedError: Not this person's passkey, or not over this request.
        """
        held = self._releases.find(request.ceremony)
        if held is not None:
            if held.request != request:
                raise CodeExpiredError
            return held.release
        now = self._bench.clock.now()
        match factor:
            case CodeFactor():
                person, level, proof = (
                    self._by_code(request, factor.code, now),
                    SoleControl.ONE_TIME_CODE,
                    None,
                )
            case TotpFactor():
                person, level, proof = self._by_app(request, factor.code, now), SoleControl.TOTP, None
            case PasskeyFactor():
                person, proof = self._by_passkey(request, factor.assertion, now)
                level = SoleControl.PASSKEY
        return self._release(request, person, level, proof, now)

    def _release(
        self,
        request: WillRequest,
        person: Person,
        level: SoleControl,
        proof: PasskeyAssertion | None,
        now: datetime,
    ) -> Release:
        release = new_release(request, person, level, proof, now=now, key=self._key)
        released = Releases.entry(Released(request=request, release=release))
        self._bench.vault.put([self._bench.register.entry(person), released])
        if level is not SoleControl.ONE_TIME_CODE:
            with contextlib.suppress(MessageNotSentError):  # the will stands; the notice is a courtesy
                self._bench.sms.send(person.phone, _notice(request, level))
        return release

    def _by_code(self, request: WillRequest, code: str, now: datetime) -> Person:
        person = self._bench.register.unlocked(request.signer, now)
        key, purpose = self._bench.register.key_of(request.signer), f"sign:{request.ceremony}"
        self._bench.codes.outstanding(purpose, key, request.challenge, now)
        tried = self._bench.counted(person)
        self._bench.codes.redeem(purpose, key, request.challenge, code, now)
        return self._bench.forgiven(tried)

    def _by_app(self, request: WillRequest, code: str, now: datetime) -> Person:
        person = self._bench.counted(self._bench.register.unlocked(request.signer, now))
        app = authenticator_app.used(person.authenticator, code, now, self._bench.begun_step)
        return replace(self._bench.forgiven(person), authenticator=app)

    def _by_passkey(
        self, request: WillRequest, assertion: JsonObject, now: datetime
    ) -> tuple[Person, PasskeyAssertion]:
        person = self._bench.register.attested(request.signer, now)
        proof, passkey = passkeys.verified_assertion(
            self._bench.configuration, person, assertion, request.challenge
        )
        return person.with_passkey(passkey), proof


def _notice(request: WillRequest, level: SoleControl) -> str:
    means = "通行密钥" if level is SoleControl.PASSKEY else "验证器"
    what = f"合同{request.documents[0].number}，指纹"
    if len(request.documents) > 1:
        what = f"{len(request.documents)}份合同，总指纹"
    return f"您已用{means}确认签署{what}{fingerprint(request.root)}。如非本人操作，请立即联系供电企业。"
