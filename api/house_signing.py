"""What a house signs with: the activation process, the identity provider, and the keys of its own seals.

Begins the sandbox provider and the activation process where the settings name none of their own.
The activation process is founded with the provider's key and believes nobody else afterwards;
the service holds a socket to it and no secret of it (DESIGN decision 16).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api.activation_client import ActivationAuthority, ActivationChannel, ActivationStamping, HttpActivation
from api.activation_launch import ActivationProcess
from api.http_identity_provider import HttpIdentityProvider
from api.identity_launch import IdentitySandboxProcess, ProviderAddress
from api.settings import Settings
from contracts_chain.activation.configuration import ActivationConfiguration, Issuing
from contracts_chain.activation.event_authority import BUILT_IN, CscAuthority, EventAuthority
from kernel.sized_bytes import Bytes32

__all__ = ["SigningHouse", "activation_directory", "begin_provider", "begin_signing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningHouse:
    """The activation process and the ways to it and to the provider."""

    process: ActivationProcess
    channel: ActivationChannel
    identity: HttpIdentityProvider

    @property
    def activation(self) -> HttpActivation:
        """Wills, codes, passkeys and signatures."""
        return HttpActivation(self.channel)

    @property
    def authority(self) -> ActivationAuthority:
        """Certificates for the utility's seals, lists, OCSP."""
        return ActivationAuthority(self.channel)

    @property
    def stamping(self) -> ActivationStamping:
        """Timestamps."""
        return ActivationStamping(self.channel)

    def ready(self) -> None:
        """Wait until the activation process answers.

        Raises:
            ActivationStartError: It does not start.
        """
        self.process.ready()

    def stop(self) -> None:
        """End the activation process."""
        self.process.ask_to_stop()
        self.channel.close()
        self.process.stop()


@contextmanager
def begin_provider(settings: Settings) -> Iterator[IdentitySandboxProcess | None]:
    """Begin the sandbox provider, without waiting; ``None`` where the settings name another."""
    if settings.identity_provider_url is not None:
        yield None
        return
    sandbox = IdentitySandboxProcess(settings.data_dir / "identity-sandbox")
    try:
        sandbox.begin()
        yield sandbox
    finally:
        sandbox.stop()


def begin_signing(settings: Settings, sandbox: IdentitySandboxProcess | None) -> SigningHouse:
    """Begin the activation process, which may still be starting when this returns.

    Raises:
        IdentitySandboxStartError: The sandbox provider does not start.
    """
    identity = HttpIdentityProvider(sandbox.address if sandbox is not None else lambda: _provider(settings))
    process = ActivationProcess(activation_directory(settings), _founding(settings, identity))
    process.begin()
    return SigningHouse(
        process=process, channel=ActivationChannel(process.socket, process.revive), identity=identity
    )


def activation_directory(settings: Settings) -> Path:
    """The activation process's own directory."""
    return settings.data_dir / "activation"


def _provider(settings: Settings) -> ProviderAddress:
    url, key = settings.identity_provider_url, settings.identity_provider_key
    if url is None or key is None:
        raise TypeError("the settings name a provider and its key, or neither")
    return ProviderAddress(name=settings.identity_provider_name, url=url, public_key=Bytes32.from_hex(key))


def _founding(settings: Settings, identity: HttpIdentityProvider) -> ActivationConfiguration:
    host, origins = _relying_party(settings.public_url)
    clerks = {name: Bytes32.from_hex(key) for name, key in settings.hall_clerks.items()}
    return ActivationConfiguration(
        providers={identity.name: Bytes32(identity.public_key)},
        hall_clerks=clerks,
        rp_id=host,
        rp_name=settings.utility_name,
        origins=origins,
        issuing=Issuing(
            utility_uscc=settings.utility_uscc,
            base_url=f"{settings.public_url.rstrip('/')}/pki",
            tsa_urls=settings.tsa_urls,
            tsa_roots=settings.tsa_roots,
            authority=_authority(settings),
        ),
        sms_url=settings.sms_url or "",
        codes_an_hour=settings.codes_an_hour,
    )


def _authority(settings: Settings) -> EventAuthority:
    named = settings.certificate_authority
    return BUILT_IN if named is None else CscAuthority(**named.model_dump())


def _relying_party(public_url: str) -> tuple[str, tuple[str, ...]]:
    """The host that passkeys belong to, and the origins that may ask; an address has no passkeys."""
    parts = urlsplit(public_url)
    host, origin = parts.hostname or "localhost", f"{parts.scheme}://{parts.netloc}"
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host, (origin,)
    port = f":{parts.port}" if parts.port else ""
    return ("localhost", (f"{parts.scheme}://localhost{port}",)) if loopback else (host, (origin,))
