"""A seal in a token with an authority's certificate: applied for, certified elsewhere, made, used, ended.

The registry is in memory; key, certificates, lists, signature and its verification are real.
"""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from licensed_ca import LicensedCa, licensed_ca
from memory_office import MemoryOffice, memory_office
from soft_token import SoftToken

from api.seal_keys import StandingSealKeys
from contracts_chain.agreements.seals.life import SealDeed, SealState
from contracts_chain.agreements.seals.seal import Seal, SealKind, SealNotInForceError, verify_seal_in_force
from contracts_chain.evidence.package_sealer import PackageSealer, PackageSealerError, verify_sealer
from contracts_chain.workflows.hand_out import EVIDENCE_SEAL, evidence_credential, package_sealers
from contracts_chain.workflows.seal_ports import UnknownSealError
from contracts_chain.workflows.seal_registry import (
    CUSTODIAN,
    SealApplication,
    SealCertificateDueError,
    apply_seal,
    change_seal,
    destroy_seal,
    make_seal,
    request_certificate,
)
from kernel.clock import FixedClock
from kernel.verdict import Verdict
from signing.cades import sign_detached, verify_detached
from signing.http_revocation import PublishedLists
from signing.inspection import inspect_pdf
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import Credential, PadesLevel, SignatureTrust, SignerIdentity
from signing.pades import sign_pdf
from signing.pkcs11_token import TokenKeyMissingError
from signing.refusals import RevocationUnavailableError
from signing.rfc3161_authority import TestTsa
from signing.seal_certificate import SealCertificateError
from signing.software_key import SoftwareKey
from tests.unit.signing.signed_samples import draft, one_page, with_fields

KEK = KeyEncryptionKey.of(bytes(range(32)))
ASKER, APPROVER = "supplier-desk", "reviewer"
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An authority elsewhere, the TEST CA beside it, and keys in a token and in files."""

    licensed: LicensedCa
    test_ca: TestCa
    keys: StandingSealKeys
    folder: Path

    @property
    def trust(self) -> SignatureTrust:
        return SignatureTrust(ca_roots=(self.licensed.root_der,), tsa_roots=self.test_ca.tsa_roots)

    def closed_by(self, credential: Credential) -> SignerIdentity:
        """Who closed a package's manifest, as step 0 proves it under the authority's root."""
        lists = PublishedLists(self.test_ca, (self.licensed.root_der,), timeout_seconds=5)
        tsa = TestTsa(self.test_ca.tsa_credential, FixedClock(NOW))
        roots = (*self.trust.ca_roots, *self.trust.tsa_roots)
        signature = sign_detached(b"manifest", credential, tsa, lists, roots)
        return verify_detached(b"manifest", signature, self.trust)[0]

    def sealed(self, seal: Seal, at: datetime = NOW) -> bytes:
        """A paper under the seal, as ``sign_own_seal`` signs it."""
        return sign_pdf(
            with_fields(draft()),
            field="SupplierSeal",
            credential=self.keys.credential(seal),
            authority=TestTsa(self.test_ca.tsa_credential, FixedClock(at)),
            revocation=PublishedLists(self.test_ca, (self.licensed.root_der,), timeout_seconds=5),
            roots=(*self.trust.ca_roots, *self.trust.tsa_roots),
            appearance=one_page(119, 57, b"0.8 0 0 RG 4 w 6 6 107 45 re S"),
            signed_at=at,
            reason="签订合同",
            location="线上签署",
            certify=True,
        )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("seal-certificate")
    token = SoftToken.made(folder / "token", "utility")
    test_ca = TestCa.open(folder / "ca", KEK, FixedClock(NOW))
    with licensed_ca() as licensed:
        roots = (licensed.root_der,)
        keys = StandingSealKeys(folder / "seals", KEK, test_ca, token.address("any"), roots=roots)
        yield Bench(licensed=licensed, test_ca=test_ca, keys=keys, folder=folder)


@pytest.fixture
def world() -> MemoryOffice:
    """Today, and without a TEST mark on any paper."""
    world = memory_office()
    utility = replace(world.office.utility, stamp_mark="", mark="")
    world.office = replace(world.office, utility=utility, clock=FixedClock(NOW))
    return world


def approved_seal(world: MemoryOffice, key_ref: str = "", name: str = "供用电合同专用章") -> Seal:
    application = SealApplication(
        name=name,
        kind=SealKind.SUPPLY_CONTRACT,
        custodian=CUSTODIAN,
        classes=("HV_SUPPLY",),
        key_ref=key_ref,
        valid_from=date(2026, 1, 1),
        valid_to=date(2046, 1, 1),
    )
    seal = apply_seal(world.office, application, by=ASKER)
    return change_seal(world.office, seal.id, SealDeed.APPROVE, by=APPROVER)


def certified(world: MemoryOffice, bench: Bench, seal: Seal) -> Seal:
    request = request_certificate(world.office, bench.keys, seal.id, by=CUSTODIAN)
    pem = bench.licensed.certify(request)
    make_seal(world.office, bench.keys, seal.id, by=CUSTODIAN, certificate=pem)
    change_seal(world.office, seal.id, SealDeed.FILE, by=CUSTODIAN, filing_no="浙公安备 2026-9")
    return change_seal(world.office, seal.id, SealDeed.BEGIN_USE, by=CUSTODIAN)


def pdfsig(bench: Bench, pdf: bytes, root_pem: bytes, name: str) -> str:
    """What poppler says, under one root."""
    nss, root, file = (bench.folder / f"{name}{end}" for end in ("-nss", ".pem", ".pdf"))
    nss.mkdir()
    root.write_bytes(root_pem)
    file.write_bytes(pdf)
    for command in (
        ["certutil", "-N", "-d", f"sql:{nss}", "--empty-password"],
        ["certutil", "-A", "-d", f"sql:{nss}", "-n", "ROOT", "-t", "CT,C,C", "-i", str(root)],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    command = ["pdfsig", "-nssdir", f"sql:{nss}", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


@pytest.mark.parametrize("key_ref", ["pkcs11:seal-2026", ""])
def test_a_seal_signs_with_the_authoritys_certificate_and_is_proven_under_its_root_alone(
    key_ref: str, world: MemoryOffice, bench: Bench
) -> None:
    seal = certified(world, bench, approved_seal(world, key_ref))
    assert seal.chain[-1] == bench.licensed.root_der
    assert date(2027, 1, 1) < seal.valid_to < date(2046, 1, 1)
    pdf = bench.sealed(seal)
    (finding,) = inspect_pdf(pdf, bench.trust).signatures
    assert {finding.integrity, finding.chain, finding.timestamp} == {Verdict.PROVEN}
    assert (finding.level, finding.signer and finding.signer.issuer) == (
        PadesLevel.B_LTA,
        f"{bench.licensed.name} ISSUING",
    )
    with licensed_ca() as look_alike:
        for root, verdict in (
            (look_alike.root_der, Verdict.REFUTED),
            (bench.test_ca.roots[0], Verdict.UNDECIDED),
        ):
            other = SignatureTrust(ca_roots=(root,), tsa_roots=bench.test_ca.tsa_roots)
            assert inspect_pdf(pdf, other).signatures[0].chain is verdict


def test_poppler_trusts_the_seal_under_the_authoritys_root_and_under_no_other(
    world: MemoryOffice, bench: Bench
) -> None:
    pdf = bench.sealed(certified(world, bench, approved_seal(world, "pkcs11:poppler")))
    told = pdfsig(bench, pdf, bench.licensed.root_pem, "ours")
    assert "Signature is Valid." in told
    assert "Certificate is Trusted." in told
    with licensed_ca("别家认证") as other:
        assert "Certificate is Trusted." not in pdfsig(bench, pdf, other.root_pem, "theirs")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda ca, asked, other: ca.certify(other), "another key"),
        (
            lambda ca, asked, other: ca.certify(asked, organisation=("他人公司", "91330206MA2HT5E15X")),
            "他人公司",
        ),
        (lambda ca, asked, other: ca.certify(asked, days=(-30, -1)), "not valid today"),
        (lambda ca, asked, other: LicensedCa(name=ca.name).certify(asked), "no root"),
    ],
)
def test_a_certificate_that_does_not_fit_makes_no_seal_and_leaves_no_trace(
    fault: Callable[[LicensedCa, bytes, bytes], bytes], reason: str, world: MemoryOffice, bench: Bench
) -> None:
    seal, other = approved_seal(world), approved_seal(world, name="公章")
    asked, of_other = (
        request_certificate(world.office, bench.keys, one.id, by=CUSTODIAN) for one in (seal, other)
    )
    leaves, lines = len(world.tables.log_rows), len(world.tables.trails[seal.id])
    brought = fault(bench.licensed, asked, of_other)
    with pytest.raises(SealCertificateError, match=reason):
        make_seal(world.office, bench.keys, seal.id, by=CUSTODIAN, certificate=brought)
    kept = world.tables.seals.seals[seal.id]
    assert (kept.state, kept.chain) == (SealState.APPROVED, ())
    assert (len(world.tables.log_rows), len(world.tables.trails[seal.id])) == (leaves, lines)


def test_where_papers_are_not_marked_test_no_seal_takes_a_test_certificate(
    world: MemoryOffice, bench: Bench
) -> None:
    seal = approved_seal(world)
    with pytest.raises(SealCertificateDueError) as refused:
        make_seal(world.office, bench.keys, seal.id, by=CUSTODIAN)
    assert "不得使用测试证书" in refused.value.zh
    assert not (bench.folder / "seals" / f"{seal.id}.key").exists()


def test_lists_that_do_not_answer_or_name_the_seal_sign_nothing(world: MemoryOffice, bench: Bench) -> None:
    seal = certified(world, bench, approved_seal(world))
    bench.licensed.lists_down = True
    with pytest.raises(RevocationUnavailableError):
        bench.sealed(seal)
    gc.collect()  # a connection left open by the refusal would be told here
    bench.licensed.lists_down = False
    bench.licensed.revoked.add(x509.load_der_x509_certificate(seal.chain[0]).serial_number)
    with pytest.raises(RevocationUnavailableError):
        bench.sealed(seal, datetime.now(UTC) + timedelta(seconds=30))  # after what the list says
    bench.licensed.revoked.clear()
    assert inspect_pdf(bench.sealed(seal), bench.trust).signatures[0].chain is Verdict.PROVEN


def test_a_seal_whose_certificate_has_ended_is_not_used(world: MemoryOffice, bench: Bench) -> None:
    seal = certified(world, bench, approved_seal(world))
    verify_seal_in_force(seal, NOW + timedelta(days=363))
    with pytest.raises(SealNotInForceError):
        verify_seal_in_force(seal, NOW + timedelta(days=365))


def test_a_destroyed_seal_loses_its_key_and_asks_nothing_of_the_test_ca(
    world: MemoryOffice, bench: Bench
) -> None:
    seal = certified(world, bench, approved_seal(world, "pkcs11:ended"))
    gone = destroy_seal(world.office, bench.keys, seal.id, by=APPROVER, reason="换发")
    assert gone.state is SealState.DESTROYED
    with pytest.raises(TokenKeyMissingError):
        bench.keys.credential(gone)
    listed = x509.load_der_x509_crl(bench.test_ca.crl("issuing"))
    serial = x509.load_der_x509_certificate(seal.chain[0]).serial_number
    assert listed.get_revoked_certificate_by_serial_number(serial) is None


def test_packages_are_sealed_by_the_registrys_seal_and_never_fall_back_to_a_test_one(
    world: MemoryOffice, bench: Bench
) -> None:
    office = replace(world.office, seal_keys=bench.keys)
    world.office = office
    with pytest.raises(UnknownSealError, match=EVIDENCE_SEAL):
        evidence_credential(office)
    seal = certified(world, bench, approved_seal(world, "pkcs11:evidence", EVIDENCE_SEAL))
    assert evidence_credential(office).chain == seal.chain
    change_seal(office, seal.id, SealDeed.SUSPEND, by=CUSTODIAN, reason="核查")
    with pytest.raises(SealNotInForceError):
        evidence_credential(office)


def test_an_authoritys_certificate_closes_packages_for_the_utility_and_for_no_customer(
    world: MemoryOffice, bench: Bench
) -> None:
    office = world.office = replace(world.office, seal_keys=bench.keys)
    certified(world, bench, approved_seal(world, "pkcs11:packages", EVIDENCE_SEAL))
    sealers = package_sealers(office.utility, office.work)
    verify_sealer(bench.closed_by(evidence_credential(office)), sealers)
    remote = bench.licensed.credential("示例铸造公司", "示例铸造公司", "91330200MA2AGG6J7K")
    customer = Credential(certificate=remote.chain[0], chain=remote.chain, key=SoftwareKey(remote.key))
    with pytest.raises(PackageSealerError) as refused:
        verify_sealer(bench.closed_by(customer), sealers)
    assert refused.value.actual.organisation == "示例铸造公司"


def test_a_utility_that_changed_its_name_stays_a_sealer_under_the_old_one(world: MemoryOffice) -> None:
    approved_seal(world)
    before = world.office.utility
    after = replace(before, name="示例供电公司（更名后）")
    assert package_sealers(before, world.office.work) == (_sealer(before.name, before.uscc),)
    named = {_sealer(before.name, before.uscc), _sealer(after.name, before.uscc)}
    assert set(package_sealers(after, world.office.work)) == named
    other = replace(after, uscc="91330200MA2AGG6J7K")
    assert package_sealers(other, world.office.work) == (_sealer(other.name, other.uscc),)


def _sealer(name: str, uscc: str) -> PackageSealer:
    return PackageSealer(organisation=name, organisation_id=uscc)
