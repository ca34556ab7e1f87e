"""Other people's programs agree that our four signatures and their timestamps hold."""

from __future__ import annotations

from pathlib import Path

from signing.cades import sign_detached
from tests.integration.signing.conftest import OnDisk, run
from tests.unit.signing.signed_samples import PARTIES


def _at(on_disk: OnDisk) -> str:
    return str(int(on_disk.office.clock.now().timestamp()))


def test_pdfsig_finds_every_party_signature_valid(on_disk: OnDisk) -> None:
    result = run("pdfsig", on_disk.pdf)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Signature is Valid.") == len(PARTIES)
    for party in PARTIES:
        assert f"Signature Field Name: {party}\n" in result.stdout


def test_mutool_finds_every_party_signature_valid(on_disk: OnDisk) -> None:
    result = run("mutool", "sign", "-v", on_disk.pdf)
    shown = result.stdout + result.stderr
    assert shown.count("The signature is valid") == len(PARTIES), shown
    assert "digest mismatch" not in shown.lower()


def test_qpdf_finds_no_error(on_disk: OnDisk) -> None:
    result = run("qpdf", "--check", on_disk.pdf)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No syntax or stream encoding errors found" in result.stdout


def test_openssl_verifies_every_cms_with_its_chain(on_disk: OnDisk) -> None:
    parties = [one for one in on_disk.signatures if one.kind == "signature"]
    assert len(parties) == len(PARTIES)
    for one in parties:
        command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-in", one.der]
        trust = [
            "-content",
            one.content,
            "-CAfile",
            on_disk.ca_root,
            "-attime",
            _at(on_disk),
            "-out",
            "/dev/null",
        ]
        result = run(*command, *trust)
        assert result.returncode == 0, result.stderr
        assert "CAdES Verification successful" in result.stderr


def test_openssl_refutes_a_cms_over_other_bytes(on_disk: OnDisk) -> None:
    one, other = on_disk.signatures[0], on_disk.signatures[2]
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-in", one.der]
    trust = [
        "-content",
        other.content,
        "-CAfile",
        on_disk.ca_root,
        "-attime",
        _at(on_disk),
        "-out",
        "/dev/null",
    ]
    assert run(*command, *trust).returncode != 0


def test_openssl_verifies_every_archive_timestamp(on_disk: OnDisk) -> None:
    stamps = [one for one in on_disk.signatures if one.kind == "timestamp"]
    assert len(stamps) == len(PARTIES)
    for one in stamps:
        command = ["openssl", "ts", "-verify", "-token_in", "-in", one.der, "-data", one.content]
        result = run(*command, "-CAfile", on_disk.tsa_root, "-attime", _at(on_disk))
        assert result.returncode == 0, result.stderr
        assert "Verification: OK" in result.stdout


def test_openssl_verifies_a_detached_signature(on_disk: OnDisk, tmp_path: Path) -> None:
    office = on_disk.office
    content, signature = tmp_path / "manifest", tmp_path / "manifest.p7s"
    content.write_bytes(b"manifest")
    signature.write_bytes(
        sign_detached(content.read_bytes(), office.seal(), office.tsa, office.ca, office.ca.roots)
    )
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-in", signature]
    trust = ["-content", content, "-CAfile", on_disk.ca_root, "-attime", _at(on_disk), "-out", "/dev/null"]
    result = run(*command, *trust)
    assert result.returncode == 0, result.stderr
