"""An office in memory for deeds before and at signing: drawing and signing are marked byte strings.

``paperless()`` replaces the slow crafts (typesetting, CMS) in the modules of the deeds and of the
activation process; what they decide, store and record is the real thing. Whoever a draft names as
a signer has been attested, unless the office is told otherwise (``attests``).
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from activation_people import Vouchers
from ceremony_reader import prepare_to_sign
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fake_activation import FakeActivation
from fake_blobs import FakeBlobs
from fake_seals import FakeSealKeys
from fake_unit_of_work import FakeUnitOfWork, Tables

from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.terms import HvSupplyTerms, Terms
from contracts_chain.agreements.terms_json import load_order, terms_json
from contracts_chain.ledger.anchor_port import BlockRef
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.workflows.acting_party import signer_ref
from contracts_chain.workflows.ceremony import sign_with_code
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import DrawnUp, draft_agreement
from contracts_chain.workflows.office import Office, UtilityProfile
from contracts_chain.workflows.will import confirm_will, send_code
from kernel.canonical_json import canonical_bytes
from kernel.clock import FixedClock
from kernel.digests import digests_of, sha256
from kernel.sized_bytes import BlockHash
from kernel.verdict import Verdict
from signing.agreed_revision import ChangedSinceAgreedError
from signing.issuing_ca import TestCa
from signing.model import (
    Modification,
    PadesLevel,
    PdfFindings,
    SignatureFinding,
    SignatureTrust,
    SignerIdentity,
    TimeSource,
)

__all__ = ["DESK", "MemoryOffice", "ca_directory", "memory_office", "paperless", "sample"]

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
class _Chain:
    height: int = 7
    dead: bool = False

    def latest_block(self) -> BlockRef:
        if self.dead:
            raise ChainUnavailableError("no answer", "无应答")
        digest = BlockHash(sha256(b"%d" % self.height))
        return BlockRef(number=self.height, hash=digest, time_utc=MORNING)


@dataclass
class _Authority:
    """What deeds ask of the authority: its roots, and the names it will write."""

    ca: TestCa

    @property
    def roots(self) -> tuple[bytes, ...]:
        return self.ca.roots

    @property
    def tsa_roots(self) -> tuple[bytes, ...]:
        return self.ca.tsa_roots

    def seal_common_name(self, *, organisation: str, organisation_id: str, seal_name: str) -> str:
        return self.ca.seal_common_name(organisation=organisation, seal_name=seal_name)


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


@cache
def ca_directory() -> Path:
    """Where the activation processes of this run keep their TEST CA; gone when the run ends."""
    directory = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Path(directory) / "ca"


@dataclass
class MemoryOffice:
    """An office, and what a test may look at or break.

    ``attests``: whether the signers of a draft are people whom a provider has vouched for.
    """

    office: Office
    clock: FixedClock
    tables: Tables
    blobs: FakeBlobs
    chain: _Chain
    activation: FakeActivation
    attests: bool = True

    def draft(self, terms: Terms | None = None, *, by: str = "li", order_no: str = "ORDER-1") -> str:
        terms = terms or sample()
        drafted = draft_agreement(self.office, terms, order_no=order_no, drafted_by=by)
        if self.attests:
            for one in terms.parties():
                self.activation.attest(signer_ref(one.party.signer))
        return drafted.number

    @property
    def codes_sent(self) -> int:
        """How many messages have gone out."""
        return len(self.activation.phone.sent)

    @property
    def newest_code(self) -> str:
        """The digits of the last message, on whichever phone."""
        phone, _ = self.activation.phone.sent[-1]
        return self.activation.phone.newest_code(phone)

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def code(self, token: str) -> str:
        """Everything up to the code, and its digits as the phone shows them."""
        prepare_to_sign(self.office, token, self.wait)
        send_code(self.office, token)
        return self.newest_code

    def release(self, token: str) -> None:
        """Everything up to the confirmed will; nothing is signed yet."""
        confirm_will(self.office, token, CodeFactor(code=self.code(token)))

    def sign(self, token: str) -> AgreementDossier:
        return sign_with_code(self.office, token, self.code(token))


def _founded(clock: FixedClock) -> FakeActivation:
    return FakeActivation(ca_directory(), clock, Vouchers())


def memory_office(founded: Callable[[FixedClock], FakeActivation] = _founded) -> MemoryOffice:
    """An office, and the activation process beside it that is founded on the same clock."""
    clock, tables, blobs, chain = FixedClock(MORNING), Tables(), FakeBlobs(), _Chain()
    activation = founded(clock)
    ca = activation.ca
    signatures = SignatureTrust(ca_roots=ca.roots, tsa_roots=ca.tsa_roots)
    parts: dict[str, Any] = {
        "witnesses": None,
        "trust": SimpleNamespace(signatures=signatures),
        "ca": _Authority(ca),
    }
    parts |= {"seal_keys": FakeSealKeys(chain=ca.roots), "identity": None}
    office = Office(
        clock=clock,
        work=lambda: FakeUnitOfWork(tables),
        blobs=blobs,
        chain=chain,
        timestamps=activation.tsa,
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
        for crafting in (
            "contracts_chain.workflows.slot_signing",
            "contracts_chain.activation.act_of_signing",
        ):
            stack.enter_context(patch(f"{crafting}.sign_pdf", _sign))
        following = "contracts_chain.activation.act_of_signing.verify_only_signatures_since"
        stack.enter_context(patch(following, _only_signatures))
        stack.enter_context(patch("contracts_chain.workflows.slot_signing.look_of", lambda *_: b""))
        stack.enter_context(patch("contracts_chain.workflows.sign.inspect_pdf", _inspect))
        yield


def _draw(terms: Terms, **inputs: Any) -> DrawnUp:
    facts = {name: str(value) for name, value in sorted(inputs.items())}
    return DrawnUp(pdf=canonical_bytes([terms_json(terms), facts]), pages=2)


def _sign(base: bytes, *, field: str, **_: object) -> bytes:
    return base + _MARK + field.encode()


def _only_signatures(base: bytes, agreed_length: int, _: object) -> None:
    first, *_fields = base[agreed_length:].split(_MARK)
    if first:
        raise ChangedSinceAgreedError("changed")


def _inspect(pdf: bytes, _: object) -> PdfFindings:
    names = [part.decode() for part in pdf.split(_MARK)[1:]]
    return PdfFindings(
        signatures=tuple(_finding(name, len(pdf)) for name in names),
        document_timestamps=(),
        fields=tuple(names),
        executed=digests_of(pdf),
        tail=Verdict.PROVEN,
        tail_code="ok",
        opening=None,
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
