"""The activation process itself: ``python -m api.activation_process ARGUMENTS``; ends with its parent.

Arguments are one JSON object: ``directory`` and ``founding``, the configuration that is written
if the directory has none yet and ignored otherwise. Prints one JSON line when it answers.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.activation_app import create_activation_app
from api.activation_authorities import Authorities
from api.activation_directory import (
    CONFIGURATION,
    SOCKET,
    ActivationDirectory,
    ActivationDirectoryLockedError,
)
from api.activation_imports import load_all
from api.activation_sms import gateway_of
from api.child_process import LOCKED
from api.child_server import ChildServer
from contracts_chain.activation.act_of_signing import SesMaker
from contracts_chain.activation.authority_desk import AuthorityDesk
from contracts_chain.activation.changed_setting import differing_members
from contracts_chain.activation.configuration import ActivationConfiguration, Issuing
from contracts_chain.activation.desk import ActivationDesk, Surroundings
from contracts_chain.activation.domestic_seal import DomesticSeals
from contracts_chain.activation.event_authority import TestAuthority
from contracts_chain.activation.lmdb_vault import LmdbVault
from contracts_chain.activation.will_wire import bytes_text
from kernel.atomic_file import write_atomically
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.clock import Clock, SystemClock
from kernel.errors import ContractsChainError
from signing.http_tsa import http_authorities
from signing.issuing_ca import TestCa
from signing.kek_source import open_kek
from signing.key_encryption import KeyEncryptionKey
from signing.model import RevocationSource, SignatureTrust, TimestampAuthority
from signing.rfc3161_authority import TestTsa
from signing.sm2_authority import Sm2Authority
from signing.sm2_libcrypto import Sm2UnavailableError

__all__ = ["main"]

_TSA_SECONDS: Final = 10.0


def main(arguments: str) -> int:
    """Run until standard input closes.

    Returns:
        0 after that; ``LOCKED`` if another process runs this directory; 1 if it cannot run, with both
        sentences on standard error.
    """
    asked = json.loads(arguments)
    try:
        founding = ActivationConfiguration.parse(json.dumps(asked["founding"]).encode())
        return _run(Path(asked["directory"]).resolve(), founding)
    except ActivationDirectoryLockedError:
        return LOCKED
    except ContractsChainError as problem:
        sys.stderr.write(f"{problem.code}  {problem.zh}\n{problem.en}\n")
        return 1


def _run(directory: Path, founding: ActivationConfiguration) -> int:
    logging.basicConfig(level=logging.WARNING)
    place = ActivationDirectory(directory, wait_for_orphan=True)
    with place.listen() as listening:
        load_all()
        place.go_apart()
        configuration = _configuration(founding)
        opened = _opened(configuration)
        about = opened.about() | {
            "configuration_differs": list(differing_members(configuration, founding)),
            "separation": place.separation.word,
            "user": os.geteuid(),
        }
        ready = json.dumps({"pid": os.getpid(), "socket": str(directory / SOCKET)})
        app = create_activation_app(opened.desk, opened.authority, about)
        try:
            ChildServer(app, ready).run(sockets=[listening])
        finally:
            place.close_door()
    return 0


def _configuration(founding: ActivationConfiguration) -> ActivationConfiguration:
    """The directory's own; the founding one only where there is none."""
    if not CONFIGURATION.exists():
        write_atomically(CONFIGURATION, canonical_bytes(founding.as_json()))
    return ActivationConfiguration.parse(CONFIGURATION.read_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    desk: ActivationDesk
    authority: AuthorityDesk
    trust: SignatureTrust
    licensed: tuple[bytes, ...]
    issuing: Issuing
    sm2: Sm2Authority | None

    def about(self) -> dict[str, JsonValue]:
        """What the service is told: public keys, roots, whose seals bear which names."""
        return {
            "public_key": self.desk.public_key.hex(),
            "certifies_own_keys": self.desk.certifies_own_keys,
            "roots": [bytes_text(root) for root in self.trust.ca_roots],
            "licensed_roots": [bytes_text(root) for root in self.licensed],
            "tsa_roots": [bytes_text(root) for root in self.trust.tsa_roots],
            "utility_uscc": self.issuing.utility_uscc,
            "authority": self.issuing.authority.as_json(),
            "sm2_roots": [bytes_text(root) for root in self.sm2.sm2_roots] if self.sm2 else [],
            "seal_maker_roots": [bytes_text(root) for root in self.sm2.seal_maker_roots] if self.sm2 else [],
        }


def _opened(configuration: ActivationConfiguration) -> _Opened:
    clock, issuing = SystemClock(), configuration.issuing
    kek = open_kek(configuration.kek, make=not Path("vault").exists())
    ca = TestCa.open(Path("test-ca"), kek, clock, base_url=issuing.base_url or None)
    sm2 = _sm2(kek, clock)
    tsa = TestTsa(ca.tsa_credential, clock)
    authorities = Authorities.of(issuing, ca)
    timestamps = _timestamps(issuing, tsa)
    desk = ActivationDesk(
        Surroundings(
            vault=LmdbVault(Path("vault"), kek),
            configuration=configuration,
            clock=clock,
            sms=gateway_of(configuration, Path("outbox"), clock),
            issuer=authorities.issuer,
            timestamps=timestamps,
            trust=authorities.trust,
            revocation=authorities.revocation,
            holders=authorities.holders,
            make_ses=_ses_maker(issuing, sm2, timestamps, authorities.revocation, clock),
        )
    )
    authority = AuthorityDesk(
        ca, tsa, timestamps, sm2, revocation=authorities.revocation, utility_uscc=issuing.utility_uscc
    )
    return _Opened(
        desk=desk,
        authority=authority,
        trust=authorities.trust,
        licensed=authorities.licensed,
        issuing=issuing,
        sm2=sm2,
    )


def _ses_maker(
    issuing: Issuing,
    sm2: Sm2Authority | None,
    timestamps: TimestampAuthority,
    revocation: RevocationSource,
    clock: Clock,
) -> SesMaker | None:
    """No TEST seal maker beside a certificate of somebody else's authority."""
    if sm2 is None or not isinstance(issuing.authority, TestAuthority):
        return None
    return DomesticSeals(sm2, timestamps, revocation, clock)


def _sm2(kek: KeyEncryptionKey, clock: Clock) -> Sm2Authority | None:
    """The domestic authorities, where this machine has SM2; the signature itself does not wait for them."""
    try:
        return Sm2Authority.open(Path("sm2"), kek, clock)
    except Sm2UnavailableError as problem:
        logging.getLogger("contracts_chain.activation").warning("%s: %s", problem.code, problem.en)
        return None


def _timestamps(issuing: Issuing, tsa: TestTsa) -> TimestampAuthority:
    if not issuing.tsa_urls:
        return tsa
    return http_authorities(issuing.tsa_urls, _TSA_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
