"""Flips one byte in each part of a copy and lets the verifier judge every copy.

The archive around the changed part is built anew with a right checksum, so that it is
the evidence that refuses the copy and not merely the ZIP container.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from api.demo_artefacts import Artefacts, Tampered
from api.demo_verdicts import judge_in_fresh_process
from kernel.atomic_file import write_atomically

__all__ = ["flipped", "forge_each_part", "tamper_all"]


def tamper_all(artefacts: Artefacts) -> list[Tampered]:
    """Forge every part of every package, and a byte of the bare contract PDF, and judge the copies."""
    folder = artefacts.out / "tampered"
    forged: list[tuple[Path, str]] = []
    for package in artefacts.packages:
        for part, content in forge_each_part(package.read_bytes()):
            name = f"{package.parent.name}-{part.replace('/', '_')}.asice"
            forged.append((folder / name, f"{package.parent.name}/{part}"))
            write_atomically(folder / name, content)
    contract = artefacts.packages[0].parent / "contract.pdf"
    copy = folder / f"{contract.parent.name}-contract.pdf"
    write_atomically(copy, flipped(contract.read_bytes()))
    forged.append((copy, f"{contract.parent.name}/contract.pdf"))
    judged = judge_in_fresh_process([path for path, _ in forged], artefacts.trust)
    return [
        Tampered(file=path, changed=changed, verdict=verdict, step=step)
        for (path, verdict, step), (_, changed) in zip(judged, forged, strict=True)
    ]


def forge_each_part(package: bytes) -> list[tuple[str, bytes]]:
    """One archive a part, each with the middle byte of that part changed."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    return [(info.filename, _rebuilt(members, info.filename)) for info, _ in members]


def flipped(content: bytes) -> bytes:
    """The content with the lowest bit of its middle byte changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _rebuilt(members: list[tuple[zipfile.ZipInfo, bytes]], changed: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for info, content in members:
            copy = zipfile.ZipInfo(info.filename, info.date_time)
            copy.compress_type = info.compress_type
            copy.external_attr = info.external_attr
            archive.writestr(copy, flipped(content) if info.filename == changed else content)
    return buffer.getvalue()
