"""Tokens and lists that a trusted authority's keys could be made to bear out, and that prove nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, core, crl, ocsp, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as x509_ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from signing.cades import DetachedSignatureRefutedError, sign_detached, verify_detached
from signing.certificates import ValidationMaterial, judge_chain
from signing.offline_loop import run_offline
from signing.pyhanko_adapters import CredentialSigner
from signing.timestamp_tokens import judge_token
from tests.unit.signing.signed_samples import PARTIES, Office, bare_signature

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
SIGNS = frozenset({"digital_signature", "content_commitment"})
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
MESSAGE = b"stamped"


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A key and its certificate, DER."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    @property
    def parsed(self) -> asn1.Certificate:
        return asn1.Certificate.load(self.certificate)


def _certified(
    name: str,
    issuer: tuple[str, ec.EllipticCurvePrivateKey] | None = None,
    *,
    usages: frozenset[str] = SIGNS,
    purposes: tuple[x509.ObjectIdentifier, ...] = (),
    critical: bool = True,
    lasts: timedelta = timedelta(days=1),
) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    by, signing = issuer or (name, key)
    builder = (
        x509.CertificateBuilder(_name(by), _name(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(NOON - timedelta(days=1))
        .not_valid_after(NOON + lasts)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{one: one in usages for one in USAGES}), critical=True)
    )
    if issuer is not None:
        where = x509.UniformResourceIdentifier("http://ocsp.example/")
        told = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)
        builder = builder.add_extension(x509.AuthorityInformationAccess([told]), critical=False)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    return Holder(key=key, certificate=builder.sign(signing, hashes.SHA256()).public_bytes(Encoding.DER))


ROOT = _certified("Root TEST", usages=frozenset({"key_cert_sign", "crl_sign"}))
ISSUER = ("Root TEST", ROOT.key)


def _list(this_update: datetime, revoked: tuple[tuple[int, datetime], ...] = ()) -> crl.CertificateList:
    builder = x509.CertificateRevocationListBuilder(
        _name("Root TEST"), this_update, this_update + timedelta(days=7)
    ).add_extension(x509.CRLNumber(1), critical=False)
    for serial, when in revoked:
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, when).build())
    signed = builder.sign(ROOT.key, hashes.SHA256()).public_bytes(Encoding.DER)
    return crl.CertificateList.load(signed)


def _signer(holder: Holder, content: bytes, without: frozenset[str]) -> dict[str, object]:
    """Who signed ``content``, with all signed attributes but those left out."""
    named = {
        "hash_algorithm": {"algorithm": "sha256"},
        "cert_hash": hashlib.sha256(holder.certificate).digest(),
    }
    attributes = {
        "content_type": "tst_info",
        "message_digest": hashlib.sha256(content).digest(),
        "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [named]}),
    }
    signed = cms.CMSAttributes(
        [{"type": key, "values": [value]} for key, value in attributes.items() if key not in without]
    )
    signer: dict[str, object] = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            {"issuer": holder.parsed.issuer, "serial_number": holder.parsed.serial_number},
        ),
        "digest_algorithm": {"algorithm": "sha256"},
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": holder.key.sign(signed.dump() if len(signed) else content, ec.ECDSA(hashes.SHA256())),
    }
    if len(signed):
        signer["signed_attrs"] = signed
    return signer


def _token(
    holder: Holder, *, without: frozenset[str] = frozenset(), accuracy: dict[str, int] | None = None
) -> cms.SignedData:
    """A token over ``MESSAGE`` whose signature is always sound."""
    statement = {
        "version": "v1",
        "policy": "2.999.1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": hashlib.sha256(MESSAGE).digest(),
        },
        "serial_number": 1,
        "gen_time": NOON,
    }
    content = tsp.TSTInfo({**statement, "accuracy": accuracy} if accuracy else statement).dump()
    signer = _signer(holder, content, without)
    whole = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": cms.EncapsulatedContentInfo(
                {"content_type": "tst_info", "content": core.ParsableOctetString(content)}
            ),
            "certificates": [cms.CertificateChoices("certificate", holder.parsed)],
            "signer_infos": [signer],
        }
    )
    return cms.SignedData.load(whole.dump())


def _judged(token: cms.SignedData) -> str:
    lists = (_list(NOON - timedelta(hours=1)),)
    found = run_offline(
        judge_token(
            token,
            lambda algorithm: hashlib.new(algorithm, MESSAGE).digest(),
            ValidationMaterial(certificates=(), crls=lists, ocsps=()),
            roots=[ROOT.parsed],
            skew=timedelta(0),
        )
    )
    return found.judgement.code


def test_a_token_by_a_certificate_for_stamping_alone_is_sound() -> None:
    holder = _certified("TSA TEST", ISSUER, purposes=(STAMPING,))
    assert _judged(_token(holder)) == "ok"
    assert _judged(_token(holder, accuracy={"seconds": 1})) == "ok"


@pytest.mark.parametrize(
    ("purposes", "critical", "usages"),
    [
        ((STAMPING,), False, SIGNS),
        ((STAMPING, ExtendedKeyUsageOID.CODE_SIGNING), True, SIGNS),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True, SIGNS),
        ((), True, SIGNS),
        ((STAMPING,), True, frozenset({"key_agreement"})),
    ],
    ids=["not critical", "and code", "any", "none", "key that may not sign"],
)
def test_a_token_by_a_certificate_for_other_things_too_is_refuted(
    purposes: tuple[x509.ObjectIdentifier, ...], critical: bool, usages: frozenset[str]
) -> None:
    holder = _certified("TSA TEST", ISSUER, purposes=purposes, critical=critical, usages=usages)
    assert _judged(_token(holder)) == "wrong_key_usage"


@pytest.mark.parametrize(
    "without",
    [
        frozenset({"signing_certificate_v2"}),
        frozenset({"signing_certificate_v2", "content_type", "message_digest"}),
    ],
    ids=["certificate not named", "no signed attributes at all"],
)
def test_a_token_that_leaves_its_certificate_open_is_refuted(without: frozenset[str]) -> None:
    """Another certificate of the same key could be put beside it."""
    holder = _certified("TSA TEST", ISSUER, purposes=(STAMPING,))
    assert _judged(_token(holder, without=without)) == "malformed_timestamp"


@pytest.mark.parametrize("accuracy", [{"seconds": 61}, {"seconds": 60, "millis": 1}])
def test_a_token_that_may_be_far_off_proves_no_time(accuracy: dict[str, int]) -> None:
    holder = _certified("TSA TEST", ISSUER, purposes=(STAMPING,))
    assert _judged(_token(holder, accuracy=accuracy)) == "timestamp_inaccurate"


def test_a_list_made_after_a_certificate_ended_does_not_clear_it() -> None:
    """RFC 5280 §3.3: a list need not name a revoked certificate once that has ended."""
    holder = _certified("Signer TEST", ISSUER, lasts=timedelta(minutes=10))
    revoked = ((holder.parsed.serial_number, NOON - timedelta(minutes=1)),)
    codes = []
    for lists in (
        [_list(NOON + timedelta(minutes=5))],
        [_list(NOON + timedelta(minutes=15))],
        [_list(NOON - timedelta(minutes=1), revoked), _list(NOON + timedelta(minutes=15))],
    ):
        judged = judge_chain(
            holder.parsed,
            ValidationMaterial(certificates=(), crls=tuple(lists), ocsps=()),
            roots=[ROOT.parsed],
            moment=NOON,
            skew=timedelta(0),
            key_usage=frozenset({"non_repudiation"}),
        )
        codes.append(run_offline(judged).code)
    assert codes == ["ok", "no_revocation_data", "revoked_signer"]


def _answer(holder: Holder, this_update: datetime) -> ocsp.OCSPResponse:
    """ "Good", by the issuer itself."""
    certificate, issuer = (x509.load_der_x509_certificate(one.certificate) for one in (holder, ROOT))
    builder = (
        x509_ocsp.OCSPResponseBuilder()
        .add_response(
            *(certificate, issuer, hashes.SHA1(), x509_ocsp.OCSPCertStatus.GOOD),
            *(this_update, this_update + timedelta(hours=1), None, None),
        )
        .responder_id(x509_ocsp.OCSPResponderEncoding.HASH, issuer)
    )
    signed = builder.sign(ROOT.key, hashes.SHA256()).public_bytes(Encoding.DER)
    return ocsp.OCSPResponse.load(signed)


@pytest.mark.parametrize(("minutes", "code"), [(-5, "ok"), (5, "ok"), (15, "no_revocation_data")])
def test_an_answer_made_after_a_certificate_ended_does_not_clear_it(minutes: int, code: str) -> None:
    """RFC 6960 §4.4.4: a responder may know nothing of an ended certificate any more."""
    holder = _certified("Signer TEST", ISSUER, lasts=timedelta(minutes=10))
    answer = _answer(holder, NOON + timedelta(minutes=minutes))
    judged = judge_chain(
        holder.parsed,
        ValidationMaterial(certificates=(), crls=(), ocsps=(answer,)),
        roots=[ROOT.parsed],
        moment=NOON,
        skew=timedelta(0),
        key_usage=frozenset({"non_repudiation"}),
    )
    assert run_offline(judged).code == code


class _Nameless(CredentialSigner):
    """Signs without saying which certificate is meant."""

    async def signed_attrs(self, *args: object, **kwargs: object) -> cms.CMSAttributes:
        found = await super().signed_attrs(*args, **kwargs)
        return cms.CMSAttributes([one for one in found if not one["type"].native.startswith("signing_cert")])


def test_a_signature_that_leaves_its_certificate_open_is_refuted(office: Office, prepared: bytes) -> None:
    signer = _Nameless(office.person())
    pdf = bare_signature(prepared, PARTIES[0], signer, moment=office.clock.now(), authority=office.tsa)
    (finding,) = office.inspect(pdf).signatures
    assert finding.integrity_code == "unnamed_certificate"


def test_a_package_signature_that_leaves_its_certificate_open_is_refuted(office: Office) -> None:
    roots = (*office.ca.roots, *office.ca.tsa_roots)
    finished = sign_detached(b"manifest", office.seal(), office.tsa, office.ca, roots)
    verify_detached(b"manifest", finished, office.trust)
    signer = _Nameless(office.seal())
    nameless = run_offline(signer.async_sign_general_data(b"manifest", "sha256", use_cades=False))
    with pytest.raises(DetachedSignatureRefutedError) as refusal:
        verify_detached(b"manifest", nameless.dump(), office.trust)
    assert refusal.value.finding == "unnamed_certificate"
