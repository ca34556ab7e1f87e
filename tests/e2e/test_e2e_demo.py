"""The main job as a user runs it: every artefact there, every verdict right, no trace left running."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

from demo_run import Demo, contracts_chain

ROOT = Path(__file__).parents[2]


def test_every_document_of_the_demo_is_proven(demo: Demo) -> None:
    kinds = {document["kind"]: document for document in demo.summary["documents"]}
    assert set(kinds) == {"HV_SUPPLY", "GRID_DISPATCH", "VAT_SPECIAL_INVOICE"}
    assert {document["verdict"] for document in kinds.values()} == {"proven"}
    assert kinds["HV_SUPPLY"]["signatures"] == kinds["GRID_DISPATCH"]["signatures"] == 4
    assert min(kinds["HV_SUPPLY"]["pages"], kinds["GRID_DISPATCH"]["pages"]) >= 8
    assert all(document["anchor"]["block"] > 0 for document in kinds.values())
    assert all(document["anchor"]["gas"] > 21_000 for document in kinds.values())


def test_the_artefacts_stand_where_the_design_puts_them(demo: Demo) -> None:
    for document in demo.summary["documents"]:
        assert (demo.out / document["file"]).is_file()
        assert (demo.out / document["package"]).is_file()
    number = demo.summary["documents"][2]["number"]
    for suffix in ("xml", "pdf", "ofd"):
        assert (demo.out / "invoices" / number / f"invoice.{suffix}").stat().st_size > 1_000
    assert (demo.trust / "trust.json").is_file()


def _answers(part: str) -> set[str]:
    """A byte inside a certificate that came along leaves its issuer unknown: undecided, not false."""
    match part:
        case "mimetype":
            return {"unreadable"}
        case "META-INF/signature.p7s":
            return {"refuted", "undecided"}
        case _:
            return {"refuted"}


def test_no_forged_copy_is_called_proven(demo: Demo) -> None:
    forged = demo.summary["tampered"]
    parts = {one["changed"].partition("/")[2] for one in forged}
    bodies = {"agreement.pdf", "trail.jsonl", "evidence.json", "report.pdf", "invoice.xml", "contract.pdf"}
    assert bodies <= parts
    for one in forged:
        assert one["verdict"] in _answers(one["changed"].partition("/")[2]), one
        assert (demo.out / one["file"]).is_file()


def test_the_screen_names_every_stage_and_no_traceback(demo: Demo) -> None:
    assert "Traceback" not in demo.screen
    assert "已证实 proven" in demo.screen
    assert sum(demo.summary["timings_ms"].values()) > 0


def test_verify_gives_the_documented_json_and_exit_codes(demo: Demo, tmp_path: Path) -> None:
    done = contracts_chain("verify", demo.package, "--trust", demo.trust, "--json", "--offline")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["schema"], answer["verdict"]) == (0, 1, "proven")
    (file,) = answer["files"]
    assert file["kind"] == "agreement_package"
    assert [check["step"] for check in file["checks"]] == list(range(12))
    assert {"step", "code", "verdict", "detail"} <= set(file["checks"][0])

    torn = tmp_path / "torn.asice"
    torn.write_bytes(demo.package.read_bytes()[:1000])
    forged = demo.out / demo.summary["tampered"][1]["file"]
    codes = {
        path: contracts_chain("verify", path, "--trust", demo.trust, "--json").returncode
        for path in (torn, forged, demo.contract)
    }
    assert codes == {torn: 30, forged: 10, demo.contract: 20}
    several = contracts_chain("verify", demo.package, torn, demo.contract, "--trust", demo.trust, "--json")
    assert several.returncode == 30
    assert contracts_chain("verify", demo.package, "--trust", tmp_path / "nowhere").returncode == 2
    assert contracts_chain("verify").returncode == 2


def test_the_stand_alone_verifier_agrees_with_nothing_but_python(demo: Demo, tmp_path: Path) -> None:
    with zipfile.ZipFile(demo.package) as archive:
        archive.extract("evidence.json", tmp_path)
    command = [sys.executable, "-I", ROOT / "docs" / "verify_anchor.py", tmp_path / "evidence.json"]
    done = subprocess.run(
        [*command, demo.trust / "trust.json"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.strip().endswith("proven")


def test_the_data_survives_the_restart_that_fsck_makes(demo: Demo) -> None:
    done = contracts_chain("fsck", "--json", CONTRACTS_CHAIN_DATA_DIR=str(demo.out / "data"))
    report = json.loads(done.stdout)
    assert (done.returncode, report["verdict"], report["findings"]) == (0, "proven", [])
    # two contracts with their signers and seals, one invoice, three seals of five deeds each, two uses
    assert report["leaves"] == 34
    assert report["checkpoints"] == report["anchored"] == 2
