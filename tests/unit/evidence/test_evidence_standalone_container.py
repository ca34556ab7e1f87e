"""The expert's program opens the one plain kind of package and calls every other file unreadable.

Another program could see another evidence.json in the same bytes; and a traceback is no verdict.
"""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from evidence_case import Case

from contracts_chain.evidence.zip_container import write_zip

PROGRAM = Path(__file__).parents[3] / "docs" / "verify_anchor.py"
UNREADABLE, PROVEN = 30, 0


def run(content: bytes, case: Case, folder: Path) -> int:
    (folder / "file").write_bytes(content)
    (folder / "trust.json").write_text(json.dumps(case.trust.as_json()))
    command = [sys.executable, str(PROGRAM), str(folder / "file"), str(folder / "trust.json")]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    return done.returncode


def set_in_headers(package: bytes, name: str, at: int, value: int) -> bytes:
    """A 16-bit field of one member in both its headers; ``at`` counts from ``version needed``."""
    changed = bytearray(package)
    place = package.index(b"PK\x01\x02")
    while not package[place + 46 :].startswith(name.encode()):
        place = package.index(b"PK\x01\x02", place + 4)
    (offset,) = struct.unpack_from("<I", package, place + 42)
    for start in (place + 6, offset + 4):
        struct.pack_into("<H", changed, start + at, value)
    return bytes(changed)


def doubled(case: Case) -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w") as package:
        warnings.simplefilter("ignore")
        for content in ("{}", case.contents().evidence):
            package.writestr("evidence.json", content)
    return made.getvalue()


def test_an_honest_package_is_proven(case: Case, tmp_path: Path) -> None:
    assert run(case.package(), case, tmp_path) == PROVEN


@pytest.mark.parametrize(
    "kind", ["encrypted", "bzip2", "unknown", "before", "behind", "twice", "doubled", "cut", "deep", "half"]
)
def test_any_other_container_is_unreadable(case: Case, tmp_path: Path, kind: str) -> None:
    package, evidence = case.package(), case.contents().evidence
    deep = evidence[:-1] + b',"cross_anchors":' + b"[" * 900 + b"]" * 900 + b"}"
    content = {
        "encrypted": lambda: set_in_headers(package, "evidence.json", 2, 1),
        "bzip2": lambda: set_in_headers(package, "evidence.json", 4, 12),
        "unknown": lambda: set_in_headers(package, "evidence.json", 4, 99),
        "before": lambda: b"PK, but not yet" + package,
        "behind": lambda: package + b"\0",
        "twice": lambda: write_zip({"evidence.json": b"{}"}) + package,
        "doubled": lambda: doubled(case),
        "cut": lambda: package[:-30],
        "deep": lambda: deep,
        "half": lambda: evidence.replace(b'"number":"', b'"number":"\\ud800'),
    }[kind]()
    assert run(content, case, tmp_path) == UNREADABLE
