"""One contract with four signatures, laid out on disk for other people's programs."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.signing.signed_samples import PARTIES, Office, draft, with_fields

BYTE_RANGE = re.compile(rb"/ByteRange \[\s*(\d+) (\d+) (\d+) (\d+)\s*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOut:
    """One signature taken out of the file by hand: no PDF library involved."""

    kind: str
    der: Path
    content: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    office: Office
    pdf: Path
    ca_root: Path
    tsa_root: Path
    signatures: tuple[CutOut, ...]


@pytest.fixture(scope="session")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> OnDisk:
    folder = tmp_path_factory.mktemp("four")
    office = Office.founded(folder / "ca")
    content = with_fields(draft())
    for place, field in enumerate(PARTIES):
        content = office.sign(content, field, certify=place == 0)
    pdf = folder / "four.pdf"
    pdf.write_bytes(content)
    return OnDisk(
        office=office,
        pdf=pdf,
        ca_root=_pem(folder / "ca.pem", office.ca.roots[0]),
        tsa_root=_pem(folder / "tsa.pem", office.ca.tsa_roots[0]),
        signatures=tuple(_cut_out(content, folder)),
    )


def _pem(path: Path, der: bytes) -> Path:
    path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    return path


def _cut_out(content: bytes, folder: Path) -> list[CutOut]:
    found = []
    for place, match in enumerate(BYTE_RANGE.finditer(content)):
        _, length, resume, rest = (int(number) for number in match.groups())
        raw = bytes.fromhex(content[length + 1 : resume - 1].decode())
        size = 4 + int.from_bytes(raw[2:4]) if raw[1] == 0x82 else 2 + raw[1]
        der, signed = folder / f"{place}.der", folder / f"{place}.bin"
        der.write_bytes(raw[:size])
        signed.write_bytes(content[:length] + content[resume : resume + rest])
        stamp = b"/DocTimeStamp" in content[resume : resume + 200]
        found.append(CutOut(kind="timestamp" if stamp else "signature", der=der, content=signed))
    return found


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """A program that must be installed: a missing one fails the test."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
