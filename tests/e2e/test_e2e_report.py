"""A court's expert has the demo's package, the trust bundle and one program, and follows the report."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from demo_run import Demo

from contracts_chain.evidence.evidence_json import read_evidence
from contracts_chain.evidence.package import AgreementContents, OpenedPackage, read_package
from contracts_chain.evidence.report_extraction import PACKAGE, extraction_steps
from contracts_chain.evidence.report_facts import ReportFacts
from contracts_chain.evidence.trail import read_trail
from contracts_chain.evidence.trust_bundle import TrustBundle

PROGRAM = Path(__file__).parents[2] / "docs/verify_anchor.py"


@pytest.fixture(params=[0, 1, 2], ids=["supply", "dispatch", "invoice"])
def package(request: pytest.FixtureRequest, demo: Demo) -> bytes:
    return (demo.out / str(demo.summary["documents"][request.param]["package"])).read_bytes()


def facts_of(opened: OpenedPackage, trust: Path) -> ReportFacts:
    contents = opened.contents
    return ReportFacts.prove(
        read_evidence(contents.evidence),
        trail=read_trail(contents.trail) if isinstance(contents, AgreementContents) else (),
        files={name: body for name, body in contents.files().items() if name != "report.pdf"},
        trust=TrustBundle.load(trust),
        issued_utc=datetime.now(UTC),
    )


def test_the_report_s_commands_are_printed_and_give_what_it_says(
    package: bytes, demo: Demo, tmp_path: Path
) -> None:
    (tmp_path / PACKAGE).write_bytes(package)
    shutil.copytree(demo.trust, tmp_path / "trust")
    shutil.copy(PROGRAM, tmp_path)
    opened = read_package(package)
    (tmp_path / "report.pdf").write_bytes(opened.contents.report_pdf)
    printed = re.sub(r"\s", "", run("pdftotext report.pdf -", tmp_path))
    for step in extraction_steps(facts_of(opened, demo.trust)):
        assert run(step.command, tmp_path) == step.expected, step.title
        for line in step.command.split("\n"):
            assert re.sub(r"\s", "", line) in printed, line


def test_every_page_of_the_report_bears_the_test_mark_and_the_number(package: bytes, tmp_path: Path) -> None:
    opened = read_package(package)
    number = read_evidence(opened.contents.evidence).number
    (tmp_path / "report.pdf").write_bytes(opened.contents.report_pdf)
    pages = run("pdftotext report.pdf -", tmp_path).rstrip("\f").split("\f")
    assert len(pages) >= 5
    for page in pages:
        assert "TEST" in page
        assert number in page


def run(command: str, folder: Path) -> str:
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    return (done.stdout + done.stderr).strip()
