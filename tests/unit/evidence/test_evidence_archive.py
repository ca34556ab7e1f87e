"""An archive package holds everything, says what it is, and shows every change."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from evidence_case import CONSUMER, NOW, NUMBER, SUPPLIER, Case
from evidence_later import cross_anchored, renewed
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence.archive import (
    PACKAGE_NAME,
    archive_files,
    read_archive,
    verify_archive,
    write_archive,
)
from contracts_chain.evidence.archive_manifest import ArchiveRefutedError, manifests
from contracts_chain.evidence.archive_metadata import ArchiveExport
from contracts_chain.evidence.file_report import StillUndecidedError
from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.evidence.zip_container import UnreadablePackageError
from kernel.digests import digests_of, sha256
from kernel.verdict import Verdict
from signing.inspection import inspect_pdf

PROGRAM = (Path(__file__).parents[3] / "docs/verify_anchor.py").read_bytes()
ANNEX = b"\x89PNG drawing of the connection"
ANNEX_NAME = f"annexes/{sha256(ANNEX).hex()}.png"
SUBJECT = ReportSubject(
    title="高压供用电合同",
    number=NUMBER,
    parties=(("供电人", *SUPPLIER), ("用电人", *CONSUMER)),
    qr_text="https://example.test/q/1",
    mark="TEST",
    environment=(("软件", "contracts-chain 0.1.0"),),
    issuer=SUPPLIER[0],
)


@pytest.fixture(scope="module")
def whole(case: Case) -> Case:
    return cross_anchored(renewed(case))


@pytest.fixture(scope="module")
def folder(whole: Case) -> dict[str, bytes]:
    files = {name: body for name, body in whole.contents().files().items() if name != "report.pdf"}
    facts = ReportFacts.prove(
        whole.evidence, trail=whole.trail, files=files, trust=whole.trust, issued_utc=NOW
    )
    export = ArchiveExport(
        by="archivist:01",
        at_utc=NOW,
        keep_until_utc=NOW.replace(year=NOW.year + 5),
        findings=inspect_pdf(whole.pdf, whole.trust.signatures),
    )
    return archive_files(whole.package(), SUBJECT, facts, export, PROGRAM, annexes={ANNEX_NAME: ANNEX})


def test_the_folder_as_made_is_proven(whole: Case, folder: dict[str, bytes]) -> None:
    assert verify_archive(folder, whole.trust, at=NOW).verdict is Verdict.PROVEN


def test_the_folder_survives_the_zip_and_the_same_files_give_the_same_bytes(
    whole: Case, folder: dict[str, bytes]
) -> None:
    content = write_archive(folder, NUMBER)
    assert content == write_archive(folder, NUMBER)
    assert read_archive(content) == folder
    verify_archive(read_archive(content), whole.trust, at=NOW)


@given(st.data())
def test_any_byte_changed_in_any_file_is_noticed(
    whole: Case, folder: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(folder)))
    body = bytearray(folder[name])
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ArchiveRefutedError):
        verify_archive({**folder, name: bytes(body)}, whole.trust, at=NOW)


def test_a_file_missing_or_added_is_noticed(whole: Case, folder: dict[str, bytes]) -> None:
    for name in folder:
        with pytest.raises(ArchiveRefutedError):
            verify_archive({one: body for one, body in folder.items() if one != name}, whole.trust, at=NOW)
    with pytest.raises(ArchiveRefutedError):
        verify_archive({**folder, "note.txt": b"by the way"}, whole.trust, at=NOW)


def test_a_copy_that_differs_from_the_package_is_noticed_with_manifests_made_anew(
    whole: Case, folder: dict[str, bytes]
) -> None:
    listed = {name: body for name, body in folder.items() if not name.startswith("MANIFEST")}
    listed["agreement.pdf"] += b"\n"
    with pytest.raises(ArchiveRefutedError):
        verify_archive({**listed, **manifests(listed)}, whole.trust, at=NOW)


def test_an_annex_put_in_anothers_place_is_noticed_with_manifests_made_anew(
    whole: Case, folder: dict[str, bytes]
) -> None:
    listed = {name: body for name, body in folder.items() if not name.startswith("MANIFEST")}
    listed[ANNEX_NAME] += b"!"
    with pytest.raises(ArchiveRefutedError, match="annexes/"):
        verify_archive({**listed, **manifests(listed)}, whole.trust, at=NOW)


def test_an_old_archive_does_not_prove_the_status_of_today(whole: Case, folder: dict[str, bytes]) -> None:
    with pytest.raises(StillUndecidedError):
        verify_archive(folder, whole.trust, at=NOW + timedelta(days=2))


def test_the_metadata_names_source_procedure_and_every_file(whole: Case, folder: dict[str, bytes]) -> None:
    metadata = json.loads(folder["metadata.json"])
    assert metadata["number"] == NUMBER
    assert [one["field"] for one in metadata["source"]["signatures"]] == [
        slot.field for slot in whole.evidence.slots
    ]
    assert len(metadata["procedure"]["records"]) == len(whole.evidence.records)
    assert len(metadata["procedure"]["block"]["sealed_by"]) == 3
    assert len(metadata["procedure"]["witnessed_by"]) == 2
    assert metadata["procedure"]["renewed"]["algorithm"] == "sm3"
    assert len(metadata["procedure"]["cross_anchored"]) == 3
    named = {one["name"]: one["sm3"] for one in metadata["elements"]["files"]}
    stated = set(folder) - {"README.txt", "metadata.json", "MANIFEST-SHA256.txt", "MANIFEST-SM3.txt"}
    assert set(named) == stated
    assert all(named[name] == digests_of(folder[name]).sm3.hex() for name in stated)
    assert metadata["keeping"]["keep_until_at_least_utc"] == "2031-11-20T07:45:00Z"
    assert metadata["export"]["by"] == "archivist:01"


def test_the_readme_is_chinese_and_names_every_file_and_digest(whole: Case, folder: dict[str, bytes]) -> None:
    text = folder["README.txt"].decode()
    assert text.startswith("【TEST】\n高压供用电合同")
    for name in folder:
        assert name.partition("/")[0] in text or name == "README.txt"
    assert whole.evidence.executed.sha256.hex() in text
    assert "不证明此后文件是否仍然有效" in text


def test_the_readme_s_commands_work_in_the_folder(folder: dict[str, bytes], tmp_path: Path) -> None:
    for name, body in folder.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    listed = subprocess.run(
        ["sha256sum", "--quiet", "-c", "MANIFEST-SHA256.txt"], cwd=tmp_path, capture_output=True, check=False
    )
    assert (listed.returncode, listed.stdout) == (0, b"")
    program = [sys.executable, "verify_anchor.py", PACKAGE_NAME, "trust/trust.json"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "proven"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all"])
def test_bytes_that_are_no_archive_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadablePackageError):
        read_archive(content)


def test_a_zip_with_a_folder_entry_or_a_doubled_name_is_refused() -> None:
    doubled = write_archive({"a.txt": b"1"}, "X").replace(b"X/a.txt", b"X/./.x/")
    with pytest.raises(UnreadablePackageError):
        read_archive(doubled.replace(b"X/./.x/", b"XXXXXXX"))


def test_the_shipped_program_is_the_published_one() -> None:
    shipped = Path(__file__).parents[3] / "contracts_chain/evidence/verify_anchor.py.txt"
    assert shipped.read_bytes() == PROGRAM
