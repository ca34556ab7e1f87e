"""A whole notarised agreement made in memory: real PDF signatures, real log, fake chain.

``Case.package`` lets a test change any part and close the package honestly again, as a
dishonest operator could: only the step that must object is left to object.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pikepdf
from evidence_fake_chain import FakeChain

from contracts_chain.activation.person import Person
from contracts_chain.activation.releases import new_release, public_key_of
from contracts_chain.evidence import trail as trails
from contracts_chain.evidence.checkpoint import (
    Checkpoint,
    TrustedWitness,
    cosign,
    load_log_key,
    log_public_key,
    sign_checkpoint,
)
from contracts_chain.evidence.evidence_json import (
    Evidence,
    EvidenceCheckpoint,
    EvidenceKind,
    EvidenceSlot,
    LoggedRecord,
    evidence_bytes,
)
from contracts_chain.evidence.merkle import hash_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.package import AgreementContents, PackageContents, write_package
from contracts_chain.evidence.package_sealer import PackageSealer
from contracts_chain.evidence.reading_plan import ClauseDue, ReadingPlan
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.trail import Trail, TrailEventKind
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.will import DocumentToSign, FieldToSign, SignerRef, WillRequest
from kernel.canonical_json import JsonObject, JsonValue
from kernel.clock import FixedClock, utc_text
from kernel.digests import Digests, digests_of, sha256
from kernel.sized_bytes import Bytes32, LeafHash, Salt
from signing.cades import sign_detached
from signing.inspection import inspect_pdf
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import Credential, PdfFindings, SignatureField, SignatureTrust, SoleControl
from signing.pades import sign_pdf
from signing.rfc3161_authority import TestTsa
from signing.signature_fields import add_signature_fields

START = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
ANCHOR_TIME = START + timedelta(minutes=10)
NOW = START + timedelta(minutes=15)
NUMBER = "ZD-YX-GY-2026-000017"
ORIGIN = "contracts-chain.test/log"
LOG_KEY = load_log_key(hashlib.sha256(b"log key").digest())
WITNESS_KEYS = {
    f"{operator}.test/witness": load_log_key(hashlib.sha256(operator.encode()).digest())
    for operator in ("notary", "court", "ca")
}
WITNESSES = tuple(
    TrustedWitness(name=name, public_key=log_public_key(key), operator=operator)
    for (name, key), operator in zip(
        WITNESS_KEYS.items(), ("示例公证处 TEST", "示例法院 TEST", "示例认证机构 TEST"), strict=True
    )
)
SUPPLIER = ("示例供电公司", "91330200MA2AGG5H2T")
CONSUMER = ("示例铸造公司", "91330200MA2AGG6J7K")
SEQUENCE, BLOCK = 7, 412
ACTIVATION = load_log_key(hashlib.sha256(b"activation").digest())
ACTIVATION_KEY = Bytes32(public_key_of(ACTIVATION))
ATTESTATION = sha256(b"attestation")
PLAN = ReadingPlan(
    pages=1,
    clauses=(
        ClauseDue(clause="第一条 电价", sha256=sha256(b"clause one"), seconds=5),
        ClauseDue(clause="第二条 违约金", sha256=sha256(b"clause two"), seconds=4),
    ),
)


def will_of(slot: EvidenceSlot, ceremony: str, approved: bytes) -> WillRequest:
    """What the person of a slot is asked to agree to."""
    field = FieldToSign(
        field=slot.field,
        kind="person",
        organisation=slot.organisation,
        organisation_id=slot.organisation_id,
        seal_name="",
    )
    document = DocumentToSign(
        number=NUMBER,
        role=slot.role,
        document_sha256=digests_of(approved).sha256,
        document_length=len(approved),
        fields=(field,),
    )
    signer = SignerRef(name=slot.signer_name, id_type="RESIDENT_ID", id_no="330200199001010010")
    return WillRequest(ceremony=ceremony, signer=signer, documents=(document,))


def release_of(request: WillRequest, level: SoleControl, now: datetime) -> JsonObject:
    """The evidence that the true activation process would give."""
    person = Person(
        signer=request.signer,
        phone="13800000000",
        attested_utc=START,
        method="hall_review",
        attestation_sha256=ATTESTATION,
    )
    return new_release(request, person, level, None, now=now, key=ACTIVATION).evidence


def one_page() -> bytes:
    stream = io.BytesIO()
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.save(stream, static_id=True)
    return stream.getvalue()


@lru_cache(maxsize=64)
def inspect_once(pdf: bytes, trust: SignatureTrust, *, skew: timedelta) -> PdfFindings:
    """The real inspection, remembered: many attacks leave the PDF as it was."""
    return inspect_pdf(pdf, trust, skew=skew)


@dataclass(frozen=True, kw_only=True)
class Case:
    """An honest package and everything needed to forge it."""

    ca: TestCa
    tsa: TestTsa
    packager: Credential
    chain: FakeChain
    trust: TrustBundle
    pdf: bytes
    trail: Trail
    evidence: Evidence
    log: MerkleLog
    report_pdf: bytes = b"%PDF-1.7 report"

    def contents(self) -> AgreementContents:
        return AgreementContents(
            agreement_pdf=self.pdf,
            trail=trails.write_trail(self.trail),
            evidence=evidence_bytes(self.evidence),
            report_pdf=self.report_pdf,
        )

    def sign(self, manifest: bytes) -> bytes:
        return sign_detached(manifest, self.packager, self.tsa, self.ca, (*self.ca.roots, *self.ca.tsa_roots))

    def close(self, contents: PackageContents) -> bytes:
        return write_package(contents, self.sign)

    def package(self) -> bytes:
        return self.close(self.contents())

    def with_evidence(self, **changes: object) -> Case:
        return replace(self, evidence=replace(self.evidence, **changes))  # type: ignore[arg-type]

    def relogged(self, records: list[Record], chain: FakeChain | None = None) -> Case:
        """The same case with other records, logged and anchored anew by the true chain."""
        return replace(self, evidence=anchor(records, self.evidence, chain or self.chain)[0])


def build(directory: Path) -> Case:
    clock = FixedClock(START)
    ca = TestCa.open(directory / "ca", KeyEncryptionKey.of(b"k" * 32), clock)
    tsa = TestTsa(ca.tsa_credential, clock)
    chain = FakeChain()
    not_before = chain.header(number=380, at=START - timedelta(minutes=5))
    maker = _Maker(clock, ca, tsa, chain)
    pdf, records, slots, trail = maker.agreement(not_before)
    empty = Evidence(
        kind=EvidenceKind.AGREEMENT,
        number=NUMBER,
        slots=slots,
        records=(),
        checkpoint=EvidenceCheckpoint(note="", size=0, root=MerkleLog().root(), sequence=0),
        anchor=chain.anchor(1, 1, MerkleLog().root(), number=1, at=START),
        status=None,
        executed=records[-1].document,
        not_before_header=not_before,
    )
    chain.words[records[-1].leaf()] = b"\x01"
    evidence, log = anchor(records, empty, chain)
    trust = TrustBundle(
        label="TEST 测试环境，不具法律效力",
        signatures=SignatureTrust(ca_roots=ca.roots, tsa_roots=ca.tsa_roots),
        package_sealers=(PackageSealer(organisation=SUPPLIER[0], organisation_id=SUPPLIER[1]),),
        chain=chain.trust(),
        log_origin=ORIGIN,
        log_key=log_public_key(LOG_KEY),
        witnesses=WITNESSES,
        witness_quorum=2,
        skew=timedelta(seconds=60),
        greatest_status_age=timedelta(days=1),
        activation_keys=(ACTIVATION_KEY,),
    )
    packager = ca.issue_seal(organisation=SUPPLIER[0], organisation_id=SUPPLIER[1], seal_name="出证专用章")
    return Case(
        ca=ca,
        tsa=tsa,
        packager=packager,
        chain=chain,
        trust=trust,
        pdf=pdf,
        trail=trail,
        evidence=evidence,
        log=log,
    )


def anchor(records: list[Record], evidence: Evidence, chain: FakeChain) -> tuple[Evidence, MerkleLog]:
    """Put records into a log among strangers' leaves, checkpoint it, anchor it, prove the status."""
    log, places = MerkleLog(), []
    for number, record in enumerate(records):
        for stranger in range(number + 1):
            log.append(hash_leaf(bytes([number, stranger])))
        places.append(log.append(record.leaf()))
    size, root = len(log), log.root()
    logged = tuple(
        LoggedRecord(record=record, index=index, inclusion=log.inclusion(index, size).path)
        for record, index in zip(records, places, strict=True)
    )
    note = cosigned_note(Checkpoint(origin=ORIGIN, size=size, root=root))
    key = records[-1].leaf() if records else LeafHash(bytes(32))
    return replace(
        evidence,
        records=logged,
        checkpoint=EvidenceCheckpoint(note=note, size=size, root=root, sequence=SEQUENCE),
        anchor=chain.anchor(SEQUENCE, size, root, number=BLOCK, at=ANCHOR_TIME),
        status=chain.status_proof(key, number=BLOCK + 1, at=ANCHOR_TIME + timedelta(minutes=1)),
    ), log


def cosigned_note(
    checkpoint: Checkpoint, names: Sequence[str] = ("notary.test/witness", "court.test/witness")
) -> str:
    """Signed by the log and, a minute before the block, by exactly the quorum of witnesses."""
    at = ANCHOR_TIME - timedelta(minutes=1)
    lines = [cosign(checkpoint, name=name, key=WITNESS_KEYS[name], at=at) for name in names]
    return sign_checkpoint(checkpoint, LOG_KEY) + "".join(lines)


class _Maker:
    def __init__(self, clock: FixedClock, ca: TestCa, tsa: TestTsa, chain: FakeChain) -> None:
        self.clock, self.ca, self.tsa, self.chain = clock, ca, tsa, chain
        self.records: list[Record] = []
        self.trail: Trail = ()

    def agreement(self, not_before: bytes) -> tuple[bytes, list[Record], tuple[EvidenceSlot, ...], Trail]:
        plan = self._plan()
        pdf = one_page()
        self._event(TrailEventKind.APPROVED, {})
        self._record(RecordKind.AGREEMENT_APPROVED, digests_of(pdf), {})
        pdf = add_signature_fields(
            pdf,
            [
                SignatureField(name=slot.field, page=1, box=(60, 120 * n + 60, 200, 120 * n + 160))
                for n, (slot, _) in enumerate(plan)
            ],
        )
        self._event(TrailEventKind.OFFERED, {})
        self.approved, plan_json = pdf, PLAN.as_json()
        offer: dict[str, JsonValue] = {
            "reading": plan_json,
            "slots": [slot.identity_json() for slot, _ in plan],
            "not_before": {
                "number": 380,
                "hash": self.chain.hash_of(not_before).hex0x(),
                "time_utc": utc_text(START - timedelta(minutes=5)),
            },
        }
        self._record(RecordKind.AGREEMENT_OFFERED, digests_of(pdf), offer)
        for number, (slot, credential) in enumerate(plan):
            pdf = self._sign(pdf, slot, credential, first=number == 0)
        length = inspect_pdf(
            pdf, SignatureTrust(ca_roots=self.ca.roots, tsa_roots=self.ca.tsa_roots)
        ).executed
        assert length is not None
        self._record(RecordKind.AGREEMENT_EXECUTED, length, {"trail": trails.final_hash(self.trail).hex()})
        return pdf, self.records, tuple(slot for slot, _ in plan), self.trail

    def _plan(self) -> list[tuple[EvidenceSlot, Credential]]:
        plan = []
        for role, (name, identity), person in (
            ("consumer", CONSUMER, "李示例"),
            ("supplier", SUPPLIER, "王示例"),
        ):
            credential = self.ca.issue_person(
                name=person,
                organisation=name,
                organisation_id=identity,
                sole_control=SoleControl.ONE_TIME_CODE,
            )
            plan.append((_slot(role, "Person", person, name, identity, credential), credential))
            seal = self.ca.issue_seal(organisation=name, organisation_id=identity, seal_name="合同专用章")
            plan.append((_slot(role, "Seal", f"{name} 合同专用章 TEST", name, identity, seal), seal))
        return plan

    def _sign(self, pdf: bytes, slot: EvidenceSlot, credential: Credential, *, first: bool) -> bytes:
        if slot.kind == "person":
            self._ceremony(slot)
        signed = sign_pdf(
            pdf, field=slot.field, credential=credential, authority=self.tsa, revocation=self.ca,
            roots=(*self.ca.roots, *self.ca.tsa_roots), appearance=one_page(), signed_at=self.clock.now(),
            reason="签署", location="宁波", certify=first,
        )  # fmt: skip
        person = slot.kind == "person"
        self._event(TrailEventKind.SIGNED if person else TrailEventKind.SEALED, {"field": slot.field})
        self._record(
            RecordKind.AGREEMENT_SIGNED if person else RecordKind.AGREEMENT_SEALED,
            digests_of(signed),
            {"field": slot.field, "certificate_sha256": slot.certificate_sha256.hex()},
        )
        return signed

    def _ceremony(self, slot: EvidenceSlot) -> None:
        """Identified, read, asked, consented, confirmed by a code; each event five seconds after the last."""
        ceremony, role = f"ceremony-{slot.role}", slot.role
        about: dict[str, JsonValue] = {"ceremony": ceremony, "role": role}
        digest = digests_of(self.approved).sha256
        document: dict[str, JsonValue] = {**about, "document_sha256": digest.hex()}
        self._event(
            TrailEventKind.IDENTIFIED,
            {**about, "attestation_sha256": ATTESTATION.hex(), "method": "hall_review"},
        )
        self._event(TrailEventKind.SHOWN, document)
        for clause in PLAN.clauses:
            read: dict[str, JsonValue] = {**about, "clause_sha256": clause.sha256.hex()}
            self._event(TrailEventKind.CLAUSE_SHOWN, read)
            self._event(TrailEventKind.CLAUSE_CONFIRMED, read)
        for kind in ("question_asked", "question_answered", "question_cleared"):
            self._event(TrailEventKind(kind), {**about, "question": f"q-{role}", "words": "什么是违约金"})
        self._event(TrailEventKind.CONSENTED, {**document, "text_sha256": digest.hex()})
        request = will_of(slot, ceremony, self.approved)
        evidence = release_of(request, SoleControl.ONE_TIME_CODE, self.clock.now())
        confirmed: dict[str, JsonValue] = {**about, "level": "one_time_code", "release": evidence}
        self._event(TrailEventKind.WILL_CONFIRMED, confirmed)

    def _event(self, kind: TrailEventKind, details: dict[str, JsonValue]) -> None:
        self.clock.advance(timedelta(seconds=5))
        self.trail = trails.append(
            self.trail, kind, occurred_utc=self.clock.now(), actor="person:01", details=details
        )

    def _record(self, kind: RecordKind, document: Digests, details: dict[str, JsonValue]) -> None:
        self.records.append(
            Record(
                kind=kind,
                subject=NUMBER,
                document=document,
                occurred_utc=self.clock.now(),
                actor="person:01",
                previous=self.records[-1].leaf() if self.records else None,
                details=details,
                salt=Salt(hashlib.sha256(bytes([len(self.records)])).digest()),
            )
        )


def _slot(
    role: str, kind: str, signer: str, name: str, identity: str, credential: Credential
) -> EvidenceSlot:
    return EvidenceSlot(
        field=f"{role.capitalize()}{kind}",
        role=role,
        kind="person" if kind == "Person" else "seal",
        signer_name=signer,
        organisation=name,
        organisation_id=identity,
        certificate_sha256=Bytes32(hashlib.sha256(credential.certificate).digest()),
    )
