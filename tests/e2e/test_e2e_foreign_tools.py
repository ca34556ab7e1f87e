"""What tools that are not ours say of the demo's contract."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
from demo_run import Demo


def run(*command: str | Path, expect: int = 0) -> str:
    program = shutil.which(str(command[0]))
    assert program is not None, f"{command[0]} is missing; `make setup-tests` installs it"
    done = subprocess.run(
        [program, *map(str, command[1:])], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(params=[0, 1], ids=["supply", "dispatch"])
def contract(request: pytest.FixtureRequest, demo: Demo) -> Path:
    return demo.out / str(demo.summary["documents"][request.param]["file"])


def test_pdfsig_calls_every_party_signature_valid(contract: Path) -> None:
    said = run("pdfsig", contract)
    assert said.count("Signature Validation: Signature is Valid.") == 4
    # the document timestamps, which it does not judge
    assert said.count("Signature has not yet been verified") == 4
    assert "TEST ONLY" in said


def test_mutool_calls_every_party_signature_valid(contract: Path) -> None:
    said = run("mutool", "sign", "-v", contract)
    assert said.count("The signature is valid") == 4
    assert "invalid" not in said.lower()


def test_openssl_accepts_every_document_timestamp(contract: Path, demo: Demo, tmp_path: Path) -> None:
    content = contract.read_bytes()
    tokens = document_timestamps(contract)
    assert len(tokens) == 4
    for number, (ranges, token) in enumerate(tokens):
        signed = b"".join(content[start : start + length] for start, length in ranges)
        (tmp_path / f"{number}.der").write_bytes(token)
        (tmp_path / f"{number}.bin").write_bytes(signed)
        roots = demo.trust / "tsa-root-1.pem"
        said = run(
            "openssl", "ts", "-verify", "-token_in", "-in", tmp_path / f"{number}.der",
            "-data", tmp_path / f"{number}.bin", "-CAfile", roots,
        )  # fmt: skip
        assert "Verification: OK" in said


def document_timestamps(contract: Path) -> list[tuple[list[tuple[int, int]], bytes]]:
    found = []
    with pikepdf.open(contract) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == pikepdf.Name.DocTimeStamp:
                numbers = [int(number) for number in item.ByteRange.as_list()]  # type: ignore[call-overload]
                ranges = list(zip(numbers[::2], numbers[1::2], strict=True))
                found.append((ranges, without_padding(bytes(item.Contents))))
    return found


def without_padding(contents: bytes) -> bytes:
    """The DER value at the start; a value may itself end in zeros, so its own length decides."""
    octets = contents[1] & 0x7F
    assert contents[1] & 0x80, "a token is longer than 127 bytes"
    return contents[: 2 + octets + int.from_bytes(contents[2 : 2 + octets])]


def test_qpdf_finds_the_file_clean(contract: Path) -> None:
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", contract)


def test_every_font_is_embedded_and_subset(contract: Path) -> None:
    rows = run("pdffonts", contract).splitlines()[2:]
    assert rows
    assert all(re.search(r"yes yes yes\s+\d+\s+0$", row) for row in rows), rows


def test_the_text_can_be_read_out_with_number_and_hotlines(contract: Path) -> None:
    text = run("pdftotext", contract, "-")
    number = contract.parent.name
    pages = int(re.search(r"Pages:\s+(\d+)", run("pdfinfo", contract))[1])  # type: ignore[index]
    assert text.count(number) >= pages
    assert "\ufffd" not in text
    assert "95598" in text
    assert "12398" in text


def test_the_terms_are_attached_and_mask_the_identity_numbers(contract: Path) -> None:
    with pikepdf.open(contract) as pdf:
        attached = pdf.attachments["terms.json"].get_file().read_bytes()
    assert b'"schema":1' in attached
    assert re.search(rb'"id_no":"\d{17}[\dX]"', attached) is None
