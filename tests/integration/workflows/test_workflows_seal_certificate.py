"""Papers not marked TEST: the utility's seals, in a token, bear certificates of an authority elsewhere.

Settings and the registry alone decide it. What is signed and handed out is proven under that
authority's root; the trust bundle names no TEST root of signers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from licensed_ca import LicensedCa, licensed_ca
from licensed_parties import LicensedHouse, credentials, settings_under
from remote_signing_service import csc_service
from soft_token import SoftToken
from workflows_desk import anchor_all, approved, completed

from api.house import open_house
from contracts_chain.agreements.seals.life import SealDeed
from contracts_chain.agreements.seals.seal import SUPPLY_CLASSES, SealKind
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.verify import verify_package
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.hand_out import EVIDENCE_SEAL
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import HandedOut, build_package
from contracts_chain.workflows.preflight import preflight
from contracts_chain.workflows.seal_ports import UnknownSealError
from contracts_chain.workflows.seal_registry import (
    CUSTODIAN,
    SealApplication,
    apply_seal,
    change_seal,
    make_seal,
    request_certificate,
)
from kernel.clock import BEIJING, SystemClock
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf

pytestmark = pytest.mark.long  # a house of its own; the short proof is test_api_seal_certificate


def put_in_use(office: Office, ca: LicensedCa, name: str, label: str) -> None:
    """Every step of a seal, its certificate from the authority."""
    today = office.clock.now().astimezone(BEIJING).date()
    application = SealApplication(
        name=name,
        kind=SealKind.CONTRACT,
        custodian=CUSTODIAN,
        classes=SUPPLY_CLASSES,
        key_ref=f"pkcs11:{label}",
        valid_from=today,
        valid_to=today + timedelta(days=3650),
    )
    seal = apply_seal(office, application, by="desk")
    change_seal(office, seal.id, SealDeed.APPROVE, by="reviewer")
    request = request_certificate(office, office.seal_keys, seal.id, by=CUSTODIAN)
    make_seal(office, office.seal_keys, seal.id, by=CUSTODIAN, certificate=ca.certify(request))
    change_seal(office, seal.id, SealDeed.FILE, by=CUSTODIAN, filing_no="浙公安备 2026-9")
    change_seal(office, seal.id, SealDeed.BEGIN_USE, by=CUSTODIAN)


@pytest.fixture(scope="module")
def unmarked() -> Iterator[LicensedHouse]:
    with tempfile.TemporaryDirectory(prefix="unmarked-") as place, licensed_ca() as ca:
        room = Path(place)
        room.chmod(0o755)
        token = SoftToken.made(room / "token", "utility")
        with csc_service(room / "csc", credentials(ca)) as url:
            named = {"mark": "", "stamp_mark": "", "seal_token": token.uri("seals")}
            settings = settings_under(room, url, ca).model_copy(update=named)
            with open_house(settings) as house:
                put_in_use(house.office, ca, "供用电合同专用章", "supply-contract")
                yield LicensedHouse(house=house, ca=ca, room=room)


@pytest.fixture(scope="module")
def executed(unmarked: LicensedHouse) -> AgreementDossier:
    return completed(unmarked.house.office, approved(unmarked.house.office))


@pytest.fixture(scope="module")
def handed(unmarked: LicensedHouse, executed: AgreementDossier) -> HandedOut:
    office = unmarked.house.office
    anchor_all(office)
    with pytest.raises(UnknownSealError, match=EVIDENCE_SEAL):
        build_package(office, executed.number)
    put_in_use(office, unmarked.ca, EVIDENCE_SEAL, "evidence")
    return build_package(office, executed.number)


def test_every_signature_bears_the_authoritys_certificate_and_the_test_ca_certified_nobody(
    unmarked: LicensedHouse, executed: AgreementDossier
) -> None:
    office = unmarked.house.office
    assert executed.current_sha256 is not None
    findings = inspect_pdf(office.blobs.get(executed.current_sha256), office.trust.signatures)
    issuers = {one.field: one.signer.issuer for one in findings.signatures if one.signer is not None}
    assert set(issuers) == {"ConsumerPerson", "ConsumerSeal", "SupplierPerson", "SupplierSeal"}
    assert set(issuers.values()) == {f"{unmarked.ca.name} ISSUING"}
    assert {one.chain for one in findings.signatures} == {Verdict.PROVEN}
    assert unmarked.certified_here() == []


def test_the_package_is_proven_under_the_authoritys_root_and_under_no_other(
    unmarked: LicensedHouse, handed: HandedOut
) -> None:
    assert handed.report.verdict is Verdict.PROVEN
    trust, now = unmarked.house.office.trust, SystemClock().now()
    with licensed_ca() as look_alike, licensed_ca("别家认证") as stranger:
        for other, verdict in ((look_alike, Verdict.REFUTED), (stranger, Verdict.UNDECIDED)):
            roots = replace(trust.signatures, ca_roots=(other.root_der,))
            report = verify_package(handed.package, replace(trust, signatures=roots), at=now)
            assert report.verdict is verdict


def test_the_trust_bundle_on_disk_names_no_test_root_of_signers(
    unmarked: LicensedHouse, tmp_path: Path
) -> None:
    unmarked.house.office.trust.write(tmp_path)
    (root,) = TrustBundle.load(tmp_path).signatures.ca_roots
    assert root == unmarked.ca.root_der
    assert "TEST" not in x509.load_der_x509_certificate(root).subject.rfc4514_string()


def test_an_offer_finds_certificates_and_seals_ready(unmarked: LicensedHouse) -> None:
    office = unmarked.house.office
    items = {item.name: item for item in preflight(office, approved(office).number)}
    assert items["certificates"].is_ready
    assert items["seals"].is_ready
