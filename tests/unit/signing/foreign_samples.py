"""PDFs signed by other people with other means: own authorities, RSA, stock pyHanko, other formats."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

from asn1crypto import cms, keys, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

RootKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PrivateKey = RootKey | ed25519.Ed25519PrivateKey


@cache
def stranger(name: str = "Jean Dupont", *, curve: bool = False) -> SimpleSigner:
    """A signer under a root of his own country; RSA-2048 unless a curve is asked for."""
    return _signer(name, _key(curve=curve), _key(curve=curve))


@cache
def edwards_stranger() -> SimpleSigner:
    """The same with an Ed25519 key under an RSA root (RFC 8419)."""
    return _signer("Jean Dupont", _key(curve=False), ed25519.Ed25519PrivateKey.generate())


def _signer(name: str, root_key: RootKey, key: PrivateKey) -> SimpleSigner:
    root = _certificate("Autorité étrangère", root_key, "Autorité étrangère", root_key)
    leaf = _certificate(name, key, "Autorité étrangère", root_key)
    store = SimpleCertificateStore()
    store.register_multiple([_parsed(root)])
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        signing_cert=_parsed(leaf), signing_key=keys.PrivateKeyInfo.load(plain), cert_registry=store
    )


def signed_abroad(
    pdf: bytes,
    field: str = "Signature1",
    *,
    signer: SimpleSigner | None = None,
    subfilter: SigSeedSubFilter = SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
    permission: MDPPerm | None = None,
    timestamper: TimeStamper | None = None,
    strict: bool = True,
    digest: str = "sha256",
) -> bytes:
    """A visible signature in a new field, as stock pyHanko makes it."""
    writer, output = IncrementalPdfFileWriter(BytesIO(pdf), strict=strict), BytesIO()
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=digest,
        subfilter=subfilter,
        certify=permission is not None,
        docmdp_permissions=permission or MDPPerm.FILL_FORMS,
    )
    number = sum(field.encode())
    box = SigFieldSpec(field, box=(40 + number % 400, 60, 120 + number % 400, 118))
    made = PdfSigner(meta, signer or stranger(), timestamper=timestamper, new_field_spec=box)
    made.sign_pdf(writer, output=output)
    return output.getvalue()


def with_message(pdf: bytes, change: Callable[[cms.ContentInfo], None]) -> bytes:
    """The last signature's CMS changed in its unsigned parts, within the room it has."""
    *_, found = re.finditer(rb"/Contents <([0-9A-Fa-f]+)>", pdf)
    message = cms.ContentInfo.load(bytes.fromhex(found[1].decode()))
    change(message)
    digits = message.dump().hex().upper().encode()
    assert len(digits) <= len(found[1])
    return pdf[: found.start(1)] + digits.ljust(len(found[1]), b"0") + pdf[found.end(1) :]


def _key(*, curve: bool) -> RootKey:
    return ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)


def _certificate(name: str, key: PrivateKey, issuer: str, issuer_key: RootKey) -> bytes:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    authority = name == issuer
    made = (
        pyca.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(pyca.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=700))
        .add_extension(pyca.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority=authority), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


def _usage(*, authority: bool) -> pyca.KeyUsage:
    return pyca.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> pyca.Name:
    return pyca.Name([pyca.NameAttribute(pyca.NameOID.COMMON_NAME, text)])


def _parsed(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)
