"""What the deeds need to have a person's identity checked by somebody else: the port to a provider.

A provider is asked over a port: start a check, send the person there, learn the outcome by its
callback or by asking. The callback only says that there is something to ask; it never decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from contracts_chain.agreements.identity.attestation import AttestationClaims, AttestedOrganisation
from kernel.errors import RejectedError, UndecidedError

__all__ = [
    "CallbackRefusedError",
    "IdentityOutcome",
    "IdentityProviderDownError",
    "IdentityRequest",
    "IdentityVerifier",
    "ProviderSession",
]


class IdentityProviderDownError(UndecidedError):
    """The provider gives no answer, or none that holds; nobody was refused."""

    code = "identity_provider_down"

    def __init__(self, provider: str, reason: str) -> None:
        """Name the provider and what was wrong."""
        super().__init__(
            f"{provider} does not answer ({reason}); nothing is lost, try again or choose another way",
            f"{provider} 暂无应答（{reason}）；已填内容没有丢失，请稍后重试或换一种核验方式",
            retry_after=30,
        )


class CallbackRefusedError(RejectedError):
    """The message is not the provider's."""

    code = "identity_callback_refused"

    def __init__(self) -> None:
        """Say that nothing happened."""
        super().__init__(
            "this message is not signed by the identity provider and nothing was done; check the sender",
            "该消息没有身份核验机构的有效签名，未作任何处理；请核对发送方",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRequest:
    """Whom to check, how, and where to send person and news afterwards.

    Attributes:
        key: Idempotency key, 32 hex digits: the same key opens the same session again.
        nonce: 32 hex digits that the attestation must repeat.
        method: ``IdentityMethod`` value.
        return_url: Where the provider's page leads the browser back to.
        callback_url: Where the provider sends its signed news.
    """

    key: str
    nonce: str
    method: str
    name: str
    id_type: str
    id_no: str
    phone: str
    organisation: AttestedOrganisation | None
    return_url: str
    callback_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSession:
    """A check under way at the provider, and the page where the person does it."""

    id: str
    redirect_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityOutcome:
    """What the provider says of a session now.

    Attributes:
        state: ``lost`` where the provider knows no such session any more.
        reason: Code of a refusal or of what to do again, e.g. ``no_match``, ``glare_lower_left``.
        tries_left: In this session.
        attestation: Signed, with ``passed`` only.
    """

    state: Literal["pending", "passed", "refused", "retake", "lost"]
    reason: str = ""
    tries_left: int = 0
    attestation: bytes | None = None


class IdentityVerifier(Protocol):
    """A provider of identity checks. Asking may raise ``IdentityProviderDownError``: ask again."""

    @property
    def name(self) -> str:
        """As attestations name it, and pages print it."""
        ...

    def start(self, request: IdentityRequest) -> ProviderSession:
        """Open a session; the same key gives the same one."""
        ...

    def settle(self, session: str) -> IdentityOutcome:
        """Ask how a session stands."""
        ...

    def verify_callback(self, body: bytes) -> str:
        """The session that a callback is about.

        Raises:
            CallbackRefusedError: The provider did not sign it.
        """
        ...

    def verify_attestation(self, content: bytes, *, now: datetime) -> AttestationClaims:
        """The claims of an attestation of this provider.

        Raises:
            AttestationUnsoundError: It is not the provider's, or not of this time.
        """
        ...
