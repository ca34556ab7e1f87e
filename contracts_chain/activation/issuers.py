"""Who certifies the key of one act: the TEST CA of this directory, or the configured authority elsewhere.

Decides that a certificate is used only if it names the very person or organisation that the release
names, and that an authority elsewhere is never replaced by the TEST CA: while it is away nothing is
signed. The caller has checked the release before it asks here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from contracts_chain.activation.errors import CredentialMismatchError
from contracts_chain.activation.event_authority import CscAuthority
from contracts_chain.evidence.will import FieldToSign, SignerRef
from signing.certificates import identity_of
from signing.http_csc_key import CscKey, CscService
from signing.issuing_ca import TestCa
from signing.model import Credential, SignerIdentity, SoleControl
from signing.sm2_chain import load_certificate

__all__ = ["CscIssuer", "EventIssuer", "TestCaIssuer"]


class EventIssuer(Protocol):
    """Gives a key with its certificate for one act; both of a signer the caller knows to agree."""

    def credential(
        self, signer: SignerRef, field: FieldToSign, level: SoleControl, lifetime: timedelta
    ) -> Credential:
        """A key for this field alone; the caller destroys it.

        Args:
            signer: Whose will was released.
            field: What is signed, and for whom.
            level: How the will was released; the certificate says so where the authority can.
            lifetime: How long a certificate of one event is to hold.

        Raises:
            FaultError: The authority refuses, or its certificate is another's.
            UndecidedError: It does not answer now.
        """
        ...


class TestCaIssuer:
    """Implements ``EventIssuer``: a fresh key and a certificate of minutes from the TEST CA."""

    __test__ = False

    def __init__(self, ca: TestCa) -> None:
        """Take the TEST CA of this directory."""
        self._ca = ca

    def credential(
        self, signer: SignerRef, field: FieldToSign, level: SoleControl, lifetime: timedelta
    ) -> Credential:
        """See ``EventIssuer``.

        Raises:
            NameTooLongError: A name beyond X.509's 64 characters.
        """
        if field.kind == "seal":
            return self._ca.issue_seal(
                organisation=field.organisation,
                organisation_id=field.organisation_id,
                seal_name=field.seal_name,
                sole_control=level,
                lifetime=lifetime,
            )
        for_organisation = bool(field.organisation_id)  # a natural person signs in its own name
        return self._ca.issue_person(
            name=signer.name,
            organisation=field.organisation if for_organisation else None,
            organisation_id=field.organisation_id if for_organisation else None,
            sole_control=level,
            lifetime=lifetime,
        )


class CscIssuer:
    """Implements ``EventIssuer``: the signer's credential at a remote signing service."""

    def __init__(self, authority: CscAuthority) -> None:
        """Ask nothing yet."""
        self._authority = authority
        self._service = CscService(url=authority.url, token=authority.token, pin=authority.pin)

    def credential(
        self, signer: SignerRef, field: FieldToSign, level: SoleControl, lifetime: timedelta
    ) -> Credential:
        """See ``EventIssuer``; its certificate holds as long as the authority gave it, whatever ``lifetime``.

        Raises:
            CscUnavailableError: The service does not answer now.
            CscRefusedError: No such credential, or an unusable answer.
            UnsuitableKeyError: Neither P-256 nor RSA.
            CredentialMismatchError: The certificate is not this signer's.
        """
        del lifetime
        key = CscKey(self._service, self._authority.credential_id(signer, field))
        try:
            holder = identity_of(load_certificate(key.chain[0]))
        except (ValueError, TypeError, KeyError) as problem:
            raise CredentialMismatchError("certificate", field.field, "unreadable") from problem
        self._verify_holder(holder, signer, field, level)
        return Credential(certificate=key.chain[0], chain=key.chain, key=key)

    def _verify_holder(
        self, holder: SignerIdentity, signer: SignerRef, field: FieldToSign, level: SoleControl
    ) -> None:
        """As step 5 and step 6 of the recipe will ask, before anything is signed."""
        name = signer.name
        if field.kind == "seal":
            name = self._authority.seal_name_of(organisation=field.organisation, seal_name=field.seal_name)
        named = holder.sole_control
        pairs = (
            ("name", name, holder.common_name),
            ("organisation", field.organisation if field.organisation_id else None, holder.organisation),
            ("organisation id", field.organisation_id or None, holder.organisation_id),
            ("level", level.value, level.value if named is None else named.value),
        )
        for what, expected, found in pairs:
            if expected != found:
                raise CredentialMismatchError(what, expected or "none", found or "none")
