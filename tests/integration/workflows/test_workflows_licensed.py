"""A whole agreement on a house whose signers are certified, and whose signatures are stamped, elsewhere.

Settings alone decide it: a CSC service (``certomancer-csc-dummy``) and a time-stamping authority by
URL, each with its root. Our own verification proves the package under that root and no other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from licensed_ca import licensed_ca
from licensed_parties import LicensedHouse, credentials, settings_under
from remote_signing_service import csc_service
from workflows_desk import anchor_all, approved, completed, offered, reloaded, sign_as

from api.house import open_house
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.verify import verify_package
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.finish_confirmed import finish_confirmed
from contracts_chain.workflows.package import HandedOut, build_package
from kernel.clock import SystemClock
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf
from signing.refusals import RevocationUnavailableError

pytestmark = pytest.mark.long  # a house of its own; the short proof is test_activation_licensed


@pytest.fixture(scope="module")
def licensed() -> Iterator[LicensedHouse]:
    with tempfile.TemporaryDirectory(prefix="licensed-") as place, licensed_ca() as ca:
        room = Path(place)
        room.chmod(0o755)
        with (
            csc_service(room / "csc", credentials(ca)) as url,
            open_house(settings_under(room, url, ca)) as house,
        ):
            yield LicensedHouse(house=house, ca=ca, room=room)


@pytest.fixture(scope="module")
def executed(licensed: LicensedHouse) -> AgreementDossier:
    office = licensed.house.office
    waiting, before = approved(office), licensed.certified_here()
    done = completed(office, waiting)
    assert before, "the utility's own seals bear TEST certificates here"
    assert licensed.certified_here() == before  # of the TEST CA nobody got a certificate meanwhile
    return done


@pytest.fixture(scope="module")
def handed(licensed: LicensedHouse, executed: AgreementDossier) -> HandedOut:
    anchor_all(licensed.house.office)
    return build_package(licensed.house.office, executed.number)


def test_every_slot_but_the_utilitys_own_seal_bears_the_configured_authoritys_certificate(
    licensed: LicensedHouse, executed: AgreementDossier
) -> None:
    office = licensed.house.office
    assert executed.current_sha256 is not None
    findings = inspect_pdf(office.blobs.get(executed.current_sha256), office.trust.signatures)
    issuers = {one.field: one.signer.issuer for one in findings.signatures if one.signer is not None}
    own = issuers.pop("SupplierSeal")
    assert set(issuers.values()) == {f"{licensed.ca.name} ISSUING"}
    assert set(issuers) == {"ConsumerPerson", "ConsumerSeal", "SupplierPerson"}
    assert "TEST" in own


def test_while_the_authority_is_away_nothing_is_signed_and_the_deed_is_finished_later(
    licensed: LicensedHouse,
) -> None:
    office = licensed.house.office
    sent, before = offered(office), licensed.certified_here()
    licensed.ca.lists_down = True
    with pytest.raises(RevocationUnavailableError):
        sign_as(office, sent.tokens["consumer"])
    assert finish_confirmed(office, left_alone=timedelta(0)) == 0
    assert not any(slot.signed for slot in reloaded(office, sent.dossier.number).slots)
    licensed.ca.lists_down = False
    assert finish_confirmed(office, left_alone=timedelta(0)) == 1
    assert [slot.signed for slot in reloaded(office, sent.dossier.number).slots] == [True, True, False, False]
    assert licensed.certified_here() == before


def test_the_package_is_proven_and_the_level_is_that_of_the_release(handed: HandedOut) -> None:
    assert handed.report.verdict is Verdict.PROVEN
    steps = {check.step: check for check in handed.report.checks}
    assert "较低等级" not in steps[3].zh
    assert "证书未载明" in steps[6].zh
    assert "ConsumerPerson：短信签署码（较低等级）" in steps[6].zh


def test_without_the_configured_root_the_package_is_never_proven(
    licensed: LicensedHouse, handed: HandedOut
) -> None:
    trust = licensed.house.office.trust
    known = trust.signatures
    assert licensed.ca.root_der in known.ca_roots
    assert licensed.ca.root_der in known.tsa_roots
    test_only = replace(known, ca_roots=known.ca_roots[1:])
    with licensed_ca() as look_alike:
        forged = replace(known, ca_roots=(look_alike.root_der, *known.ca_roots[1:]))
    for signatures, verdict in ((test_only, Verdict.UNDECIDED), (forged, Verdict.REFUTED)):
        report = verify_package(handed.package, replace(trust, signatures=signatures), at=SystemClock().now())
        assert report.verdict is verdict


def test_the_trust_bundle_on_disk_names_the_configured_root(licensed: LicensedHouse, tmp_path: Path) -> None:
    licensed.house.office.trust.write(tmp_path)
    assert TrustBundle.load(tmp_path).signatures.ca_roots[0] == licensed.ca.root_der
    assert (tmp_path / "ca-root-1.pem").read_bytes().strip() == licensed.ca.root_pem.strip()
