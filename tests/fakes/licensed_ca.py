"""Somebody else's certification authority for tests: a root, an issuing CA, lists served over HTTP.

It knows nothing of our policies: its certificates name no level of control and say TEST nowhere but
in the authority's own name. Keys of its customers lie with ``certomancer-csc-dummy``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from remote_signing_service import RemoteCredential

from kernel.clock import SystemClock
from signing.model import Credential
from signing.rfc3161_authority import TestTsa
from signing.software_key import SoftwareKey

__all__ = ["LicensedCa", "licensed_ca"]

_ORGANISATION_ID = x509.ObjectIdentifier("2.5.4.97")


def _name(common_name: str, organisation: str | None = None, identifier: str | None = None) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    if organisation is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    if identifier is not None:
        parts.append(x509.NameAttribute(_ORGANISATION_ID, f"USCCCN-{identifier}"))
    return x509.Name(parts)


@dataclass
class LicensedCa:
    """Certifies keys; ``lists_down`` answers no list, ``revoked`` holds serial numbers."""

    name: str
    root_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    url: str = ""
    lists_down: bool = False
    revoked: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        own, issuing = _name(f"{self.name} ROOT"), _name(f"{self.name} ISSUING")
        self.root = self._certificate(own, own, self.root_key.public_key(), self.root_key, ca=True)
        self.issuing: x509.Certificate | None = None
        self._issuing_name = issuing
        self._tsa: TestTsa | None = None

    @property
    def root_pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    @property
    def root_der(self) -> bytes:
        return self.root.public_bytes(Encoding.DER)

    def credential(
        self, common_name: str, organisation: str | None = None, identifier: str | None = None
    ) -> RemoteCredential:
        """A key and its chain for the remote service to keep."""
        issuing = self._issuer()
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._certificate(
            _name(common_name, organisation, identifier),
            self._issuing_name,
            key.public_key(),
            self.key,
            ca=False,
            points_to="issuing",
        )
        chain = tuple(one.public_bytes(Encoding.DER) for one in (leaf, issuing, self.root))
        return RemoteCredential(key=key, chain=chain)

    def certify(
        self,
        request: bytes,
        *,
        organisation: tuple[str, str] | None = None,
        days: tuple[int, int] = (-1, 365),
        points_to: str = "issuing",
        signs: bool = True,
    ) -> bytes:
        """PEM of certificate and issuer for a PKCS#10 request (DER), as asked or with a fault of ours."""
        asked = x509.load_der_x509_csr(request)
        key = asked.public_key()
        assert asked.is_signature_valid
        assert isinstance(key, ec.EllipticCurvePublicKey)
        subject = asked.subject if organisation is None else _name("公章", *organisation)
        leaf = self._certificate(
            subject,
            self._issuing_name,
            key,
            self.key,
            ca=False,
            points_to=points_to,
            days=days,
            usage=_usage(ca=False, signs=signs),
        )
        return leaf.public_bytes(Encoding.PEM) + self._issuer().public_bytes(Encoding.PEM)

    def _issuer(self) -> x509.Certificate:
        if self.issuing is None:
            subject, key = self._issuing_name, self.key.public_key()
            self.issuing = self._certificate(
                subject, self.root.subject, key, self.root_key, ca=True, points_to="root"
            )
        return self.issuing

    def stamping(self) -> TestTsa:
        """A time-stamping authority below the same root; answers POST at ``URL/tsa``."""
        if self._tsa is None:
            key = ec.generate_private_key(ec.SECP256R1())
            leaf = self._certificate(
                _name(f"{self.name} TSA"),
                self.root.subject,
                key.public_key(),
                self.root_key,
                ca=False,
                points_to="root",
                stamps=True,
            )
            chain = tuple(one.public_bytes(Encoding.DER) for one in (leaf, self.root))
            credential = Credential(certificate=chain[0], chain=chain, key=SoftwareKey(key))
            self._tsa = TestTsa(credential, SystemClock())
        return self._tsa

    def crl(self, name: str) -> bytes:
        key, issuer = (self.root_key, self.root.subject) if name == "root" else (self.key, self._issuing_name)
        now = datetime.now(UTC).replace(microsecond=0)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer)
            .last_update(now - timedelta(hours=2))
            .next_update(now + timedelta(days=1))
        )
        for serial in self.revoked if name == "issuing" else ():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _certificate(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: ec.EllipticCurvePublicKey,
        signer: ec.EllipticCurvePrivateKey,
        *,
        ca: bool,
        points_to: str = "",
        stamps: bool = False,
        days: tuple[int, int] = (-1, 365),
        usage: x509.KeyUsage | None = None,
    ) -> x509.Certificate:
        now = datetime.now(UTC).replace(microsecond=0)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage or _usage(ca=ca), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
        )
        if stamps:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(purpose, critical=True)
        if points_to:
            address = x509.UniformResourceIdentifier(f"{self.url}/{points_to}.crl")
            point = x509.DistributionPoint([address], relative_name=None, reasons=None, crl_issuer=None)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        return builder.sign(signer, hashes.SHA256())


def _usage(*, ca: bool, signs: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=signs and not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@contextmanager
def licensed_ca(name: str = "示例电子认证服务有限公司") -> Iterator[LicensedCa]:
    """An authority whose lists answer at ``URL/root.crl`` and ``URL/issuing.crl``, its TSA at ``URL/tsa``."""
    authority = LicensedCa(name=name)

    class _Lists(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            authority.asked.append(self.path)
            content = b"" if authority.lists_down else authority.crl(self.path[1:].removesuffix(".crl"))
            self.send_response(503 if authority.lists_down else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            content = authority.stamping().respond(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Lists)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
