"""Flips one byte in each part of a copy and lets the verifier judge every copy.

The archive around the changed part is built anew with a right checksum, so that it is
the evidence that refuses the copy and not merely the ZIP container.
"""

from __future__ import annotations

from pathlib import Path

from api.demo_artefacts import Artefacts, Tampered
from api.demo_verdicts import judge_in_fresh_process
from contracts_chain.evidence.zip_container import read_zip, write_zip
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
    members = read_zip(package)
    return [(name, write_zip({**members, name: flipped(content)})) for name, content in members.items()]


def flipped(content: bytes) -> bytes:
    """The content with the lowest bit of its middle byte changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
