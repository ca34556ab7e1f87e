"""An office in memory for deeds before and at signing: drawing and signing are marked byte strings.

``paperless()`` replaces the slow crafts (typesetting, CMS) in the deeds' modules; what the
deeds decide, store and record is the real thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from ceremony_reader import prepare_to_sign
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fake_seals import FakeSealKeys
from fake_unit_of_work import FakeUnitOfWork, Tables
from plain_activation import PlainActivation

from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.terms import HvSupplyTerms, Terms
from contracts_chain.agreements.terms_json import load_order, terms_json
from contracts_chain.ledger.anchor_port import BlockRef
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import DrawnUp, draft_agreement
from contracts_chain.workflows.office import Office, UtilityProfile
from contracts_chain.workflows.will import confirm_will, send_code
from kernel.canonical_json import canonical_bytes
from kernel.clock import FixedClock
from kernel.digests import digests_of, sha256
from kernel.sized_bytes import BlockHash, Bytes32
from kernel.verdict import Verdict
from signing.model import (
    Modification,
    PadesLevel,
    PdfFindings,
    SignatureFinding,
    SignerIdentity,
    TimeSource,
)

__all__ = ["DESK", "MemoryOffice", "memory_office", "paperless", "sample"]

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
_MARK = b"\n%signed:"


@cache
def sample() -> HvSupplyTerms:
    """The supply contract of the sample order."""
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    terms = load_order(content).agreements[0]
    assert isinstance(terms, HvSupplyTerms)
    return terms


@dataclass
class _Blobs:
    kept: dict[Bytes32, bytes] = field(default_factory=dict)

    def put(self, content: bytes) -> Bytes32:
        self.kept[sha256(content)] = content
        return sha256(content)

    def get(self, digest: Bytes32) -> bytes:
        return self.kept[digest]


@dataclass
class _Chain:
    height: int = 7
    dead: bool = False

    def latest_block(self) -> BlockRef:
        if self.dead:
            raise ChainUnavailableError("no answer", "无应答")
        digest = BlockHash(sha256(b"%d" % self.height))
        return BlockRef(number=self.height, hash=digest, time_utc=MORNING)


@dataclass
class _Tsa:
    def token(self, message: bytes) -> bytes:
        return b"token"

    def token_over(self, digest: Bytes32) -> bytes:
        return b"token"


@cache
def _root() -> bytes:
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MORNING - timedelta(days=9))
        .not_valid_after(MORNING + timedelta(days=3650))
    )
    signed = built.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


class _Ca:
    roots = property(lambda self: (_root(),))
    tsa_roots = property(lambda self: (_root(),))

    def seal_common_name(self, *, organisation: str, seal_name: str) -> str:
        return f"{organisation} {seal_name}"

    def issue_person(self, **_: object) -> Any:
        return SimpleNamespace(key=SimpleNamespace(destroy=lambda: None))

    issue_seal = issue_person


DESK = UtilityProfile(
    unit="ZJMZ00",
    department="YX",
    mark="TEST",
    stamp_mark="TEST",
    verify_url="https://verify.example.test",
    name="示例供电公司",
    uscc="91110000600037341L",
    drawer="张三",
)


@dataclass
class MemoryOffice:
    """An office, and what a test may look at or break."""

    office: Office
    clock: FixedClock
    tables: Tables
    blobs: _Blobs
    chain: _Chain
    activation: PlainActivation

    def draft(self, terms: Terms | None = None, *, by: str = "li", order_no: str = "ORDER-1") -> str:
        drafted = draft_agreement(self.office, terms or sample(), order_no=order_no, drafted_by=by)
        return drafted.number

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def code(self, token: str) -> str:
        """Everything up to the code, and its digits as the phone shows them."""
        prepare_to_sign(self.office, token, self.wait)
        send_code(self.office, token)
        return self.activation.texts[-1]

    def release(self, token: str) -> None:
        """Everything up to the confirmed will; nothing is signed yet."""
        confirm_will(self.office, token, CodeFactor(code=self.code(token)))

    def sign(self, token: str) -> AgreementDossier:
        return sign_with_code(self.office, token, self.code(token))


def memory_office() -> MemoryOffice:
    clock, tables, blobs, chain = FixedClock(MORNING), Tables(), _Blobs(), _Chain()
    activation = PlainActivation(clock)
    signatures = SimpleNamespace(ca_roots=(_root(),), tsa_roots=(_root(),))
    parts: dict[str, Any] = {"witnesses": None, "trust": SimpleNamespace(signatures=signatures), "ca": _Ca()}
    parts |= {"seal_keys": FakeSealKeys(chain=(_root(),)), "identity": None}
    office = Office(
        clock=clock,
        work=lambda: FakeUnitOfWork(tables),
        blobs=blobs,
        chain=chain,
        timestamps=_Tsa(),
        log_key=Ed25519PrivateKey.generate(),
        utility=DESK,
        activation=activation,
        **parts,
    )
    return MemoryOffice(
        office=office, clock=clock, tables=tables, blobs=blobs, chain=chain, activation=activation
    )


@contextmanager
def paperless() -> Iterator[None]:
    """Draw and sign without typesetting and CMS."""
    with ExitStack() as stack:
        stack.enter_context(patch("contracts_chain.workflows.draft.draw_up", _draw))
        stack.enter_context(patch("contracts_chain.workflows.slot_signing.sign_pdf", _sign))
        stack.enter_context(patch("contracts_chain.workflows.slot_signing.look_of", lambda *_: b""))
        stack.enter_context(patch("contracts_chain.workflows.sign.inspect_pdf", _inspect))
        yield


def _draw(terms: Terms, **inputs: Any) -> DrawnUp:
    facts = {name: str(value) for name, value in sorted(inputs.items())}
    return DrawnUp(pdf=canonical_bytes([terms_json(terms), facts]), pages=2)


def _sign(base: bytes, *, field: str, **_: object) -> bytes:
    return base + _MARK + field.encode()


def _inspect(pdf: bytes, _: object) -> PdfFindings:
    names = [part.decode() for part in pdf.split(_MARK)[1:]]
    return PdfFindings(
        signatures=tuple(_finding(name, len(pdf)) for name in names),
        document_timestamps=(),
        fields=tuple(names),
        executed=digests_of(pdf),
        tail=Verdict.PROVEN,
        tail_code="ok",
        foreign=False,
    )


def _finding(name: str, length: int) -> SignatureFinding:
    signer = SignerIdentity(
        common_name=name,
        organisation=None,
        organisation_id=None,
        serial_number="1",
        issuer="TEST",
        certificate_sha256=sha256(name.encode()),
        not_before_utc=MORNING,
        not_after_utc=MORNING,
    )
    return SignatureFinding(
        field=name,
        signer=signer,
        integrity=Verdict.PROVEN,
        chain=Verdict.PROVEN,
        timestamp=Verdict.PROVEN,
        timestamp_utc=MORNING,
        time_source=TimeSource.SIGNATURE_TOKEN,
        level=PadesLevel.B_LTA,
        modification=Modification.SIGNATURES,
        covered_length=length,
        code="ok",
        detail="",
        integrity_code="ok",
        chain_code="ok",
        timestamp_code="ok",
    )
