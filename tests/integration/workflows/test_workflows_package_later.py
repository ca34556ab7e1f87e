"""On a real house: what came after the checkpoint is in the package, its report and its archive."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from workflows_desk import anchor_all, wait_final

from api.archive_export import ArchiveFolderTakenError, write_verified
from api.file_cross_anchor import FilePlace
from contracts_chain.evidence.archive import PACKAGE_NAME, read_archive, verify_archive
from contracts_chain.evidence.evidence_json import read_evidence
from contracts_chain.evidence.package import AgreementContents, read_package
from contracts_chain.evidence.report_extraction import extraction_steps
from contracts_chain.evidence.report_facts import ReportFacts
from contracts_chain.evidence.trail import read_trail
from contracts_chain.workflows.archive import build_archive
from contracts_chain.workflows.cross_anchor import TsaPlace, cross_anchor
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import HandedOut, build_package
from contracts_chain.workflows.renew import renew
from kernel.verdict import Verdict

PROGRAM = Path(__file__).parents[3] / "docs/verify_anchor.py"


@pytest.fixture(scope="module")
def handed(house: object, signed: AgreementDossier, tmp_path_factory: pytest.TempPathFactory) -> HandedOut:
    """The package of an agreement whose log was renewed and whose block was cross-anchored."""
    office: Office = house.office  # type: ignore[attr-defined]
    anchor_all(office)
    renew(office)
    wait_final(office)
    file = tmp_path_factory.mktemp("second-place") / "headers.jsonl"
    cross_anchor(
        office, [TsaPlace("时间戳机构 TEST", office.timestamps), FilePlace("追加式文件", file, office.clock)]
    )
    return build_package(office, signed.number)


def test_the_package_carries_renewal_and_cross_anchors_and_is_proven(handed: HandedOut) -> None:
    evidence = read_evidence(read_package(handed.package).contents.evidence)
    assert evidence.renewal is not None
    assert {one.place for one in evidence.cross_anchors} >= {"时间戳机构 TEST", "追加式文件"}
    assert handed.report.verdict is Verdict.PROVEN
    assert "SM3" in handed.report.checks[7].zh
    assert "时间戳机构 TEST" in handed.report.checks[10].zh


def test_every_command_printed_in_a_real_report_gives_the_printed_answer(
    office: Office, handed: HandedOut, tmp_path: Path
) -> None:
    contents = read_package(handed.package).contents
    assert isinstance(contents, AgreementContents)
    files = {name: body for name, body in contents.files().items() if name != "report.pdf"}
    facts = ReportFacts.prove(
        read_evidence(contents.evidence),
        trail=read_trail(contents.trail),
        files=files,
        trust=office.trust,
        issued_utc=office.clock.now(),
    )
    (tmp_path / PACKAGE_NAME).write_bytes(handed.package)
    office.trust.write(tmp_path / "trust")
    shutil.copy(PROGRAM, tmp_path)
    for step in extraction_steps(facts):
        done = subprocess.run(
            ["/bin/sh", "-c", step.command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.stdout + done.stderr).strip() == step.expected, step.title


def test_the_archive_package_is_verified_after_it_was_written(
    office: Office, handed: HandedOut, tmp_path: Path
) -> None:
    archived = build_archive(office, handed.subject.number, by="archivist")
    write_verified(archived, tmp_path / "folder", office.trust, at=office.clock.now())
    write_verified(archived, tmp_path / "one.zip", office.trust, at=office.clock.now())
    found = read_archive((tmp_path / "one.zip").read_bytes())
    assert found == archived.files
    assert verify_archive(found, office.trust, at=office.clock.now()).verdict is Verdict.PROVEN
    with pytest.raises(ArchiveFolderTakenError):
        write_verified(archived, tmp_path / "folder", office.trust, at=office.clock.now())


def test_a_number_nobody_gave_has_no_archive(office: Office) -> None:
    with pytest.raises(UnknownNumberError):
        build_archive(office, "NOBODY", by="archivist")
