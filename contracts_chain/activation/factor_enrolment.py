"""Registers stronger factors: a passkey or an authenticator app, on a code to the attested phone.

A registration is told to the phone, so that nobody gains a factor unseen. What is begun and not
finished is in memory only.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from contracts_chain.activation import authenticator_app, passkeys
from contracts_chain.activation.codes import enrolment_message
from contracts_chain.activation.errors import AssertionRefusedError, MessageNotSentError, TotpRefusedError
from contracts_chain.activation.person import Person
from contracts_chain.activation.port import CodeIssued, SignerStanding
from contracts_chain.activation.workbench import Workbench
from contracts_chain.evidence.will import SignerRef
from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

__all__ = ["FactorEnrolment"]

_PENDING: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    challenge: Bytes32
    expires_utc: datetime


class FactorEnrolment:
    """Registers factors; the caller serialises calls."""

    def __init__(self, bench: Workbench) -> None:
        """Nothing is begun."""
        self._bench = bench
        self._begun: dict[str, _Begun] = {}

    def send_code(self, signer: SignerRef) -> CodeIssued:
        """Send a code that only registers a factor.

        Raises:
            NotEnrolledError: Not attested.
            CodesLockedError: Too many wrong digits.
            CodesUsedUpError: Too many codes within the hour.
            MessageNotSentError: The gateway did not take it.
        """
        now = self._bench.clock.now()
        person = self._bench.register.unlocked(signer, now)
        purpose, challenge = self._purpose(signer)
        return self._bench.sending.send(person, purpose, challenge, enrolment_message, now)

    def passkey_options(self, signer: SignerRef, code: str) -> JsonObject:
        """Spend the code and give options for ``navigator.credentials.create``."""
        person, now = self.redeemed(signer, code), self._bench.clock.now()
        handle, challenge = self._bench.register.key_of(signer), passkeys.new_challenge()
        self._begun[handle] = _Begun(challenge=challenge, expires_utc=now + _PENDING)
        return passkeys.registration_options(self._bench.configuration, person, handle, challenge)

    def add_passkey(self, signer: SignerRef, credential: JsonObject) -> SignerStanding:
        """Register what the browser made from those options, once; the very same again changes nothing.

        Raises:
            NotEnrolledError: Not attested.
            AssertionRefusedError: Nothing was begun, or the credential does not fit.
        """
        now = self._bench.clock.now()
        person = self._bench.register.attested(signer, now)
        begun = self._begun.pop(self._bench.register.key_of(signer), None)
        if begun is None and passkeys.is_kept(person, credential):
            return person.standing(now, self._bench.configuration.attestation_lifetime)
        if begun is None or now >= begun.expires_utc:
            raise AssertionRefusedError("no registration was begun, or too long ago")
        passkey = passkeys.registered(self._bench.configuration, credential, begun.challenge)
        if any(one.credential_id == passkey.credential_id for one in person.passkeys):
            raise AssertionRefusedError("this passkey is registered already")
        self.tell(person, "通行密钥")
        told = self._bench.register.attested(signer, now)
        return self._standing(told if passkeys.is_kept(told, credential) else told.with_passkey(passkey))

    def new_totp(self, signer: SignerRef, code: str) -> str:
        """Spend the code and give the address of a fresh secret, in force after its first digits."""
        person = self.redeemed(signer, code)
        fresh = authenticator_app.new_authenticator()
        self._bench.keep(replace(person, authenticator=fresh))
        name, issuer = person.signer.name, self._bench.configuration.rp_name
        return authenticator_app.provisioning_address(fresh, name=name, issuer=issuer)

    def confirm_totp(self, signer: SignerRef, code: str) -> SignerStanding:
        """Put the secret in force with its first digits.

        Raises:
            NotEnrolledError: Not attested, or none was begun.
            CodesLockedError: Too many wrong digits.
            TotpRefusedError: The digits do not fit now, or another app was begun meanwhile.
        """
        now = self._bench.clock.now()
        person = self._bench.counted(self._bench.register.unlocked(signer, now))
        app = authenticator_app.confirmed(person.authenticator, code, now, self._bench.begun_step)
        self.tell(person, "验证器")
        told = self._bench.register.attested(signer, now)
        if told.authenticator != person.authenticator:
            raise TotpRefusedError
        return self._standing(replace(self._bench.forgiven(told), authenticator=app))

    def redeemed(self, signer: SignerRef, code: str) -> Person:
        """Spend an enrolment code.

        Raises:
            NotEnrolledError: Not attested.
            CodesLockedError: Too many wrong digits.
            CodeExpiredError: None is outstanding.
            WrongCodeError: Other digits.
        """
        now = self._bench.clock.now()
        person = self._bench.register.unlocked(signer, now)
        purpose, challenge = self._purpose(signer)
        self._bench.codes.outstanding(purpose, self._bench.register.key_of(signer), challenge, now)
        tried = self._bench.counted(person)
        self._bench.codes.redeem(purpose, self._bench.register.key_of(signer), challenge, code, now)
        forgiven = self._bench.forgiven(tried)
        self._bench.keep(forgiven)
        return forgiven

    def tell(self, person: Person, factor: str) -> None:
        """Tell the phone of a new factor before it counts: a death between the two gives none unseen.

        Others may change the person while the message is on its way (``unlocked_sms``): read it again.
        """
        text = f"您已登记{factor}，可用于签署确认。如非本人操作，请立即联系供电企业。"
        with contextlib.suppress(MessageNotSentError):  # an outage keeps nobody from registering
            self._bench.sms.send(person.phone, text)

    def _standing(self, person: Person) -> SignerStanding:
        """Of a person with a new factor, once it is kept."""
        self._bench.keep(person)
        return person.standing(self._bench.clock.now(), self._bench.configuration.attestation_lifetime)

    def _purpose(self, signer: SignerRef) -> tuple[str, bytes]:
        key = self._bench.register.key_of(signer)
        return f"enrol:{key}", sha256(f"enrol\n{key}".encode())
