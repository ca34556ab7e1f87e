"""Files and folders that a program must refuse with a reason: hostile, damaged, cut off, locked, full."""

from __future__ import annotations

import fcntl
import io
import json
import os
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pikepdf

from contracts_chain.evidence.zip_container import write_zip

ROOT = Path(__file__).resolve().parents[2]
MIMETYPE = b"application/vnd.etsi.asic-e+zip"


def terms_of(order: Path, kind: str) -> dict[str, Any]:
    """One agreement of an order file, in the form that ``draft`` takes."""
    agreements = json.loads(order.read_text("utf-8"))["agreements"]
    terms = next(one["terms"] for one in agreements if one["kind"] == kind)
    return {"schema": 1, "kind": kind, "terms": terms}


def sample_terms() -> dict[str, Any]:
    sample = files("contracts_chain.agreements.samples") / "zhejiang_35kv.json"
    return terms_of(Path(str(sample)), "HV_SUPPLY")


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def members_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def ordinary_zip(members: Mapping[str, bytes], *, mode: int = 0, packed: bool = False) -> bytes:
    """As any other program would write it; ``mode`` is the Unix file type of the last member."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = (
                zipfile.ZIP_DEFLATED if packed and name != "mimetype" else zipfile.ZIP_STORED
            )
            if mode and name == list(members)[-1]:
                entry.external_attr = (mode | 0o777) << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def with_flag(archive: bytes, flag: int) -> bytes:
    """The archive with a general purpose flag set in every header of the first member."""
    changed = bytearray(archive)
    central = archive.index(b"PK\x01\x02")
    for at in (6, central + 8):
        changed[at : at + 2] = struct.pack("<H", struct.unpack_from("<H", archive, at)[0] | flag)
    return bytes(changed)


def hostile_files(package: bytes, contract: bytes) -> dict[str, tuple[str, bytes]]:
    """File name to the code of the reason and the content, one for each way to be unreadable."""
    members = members_of(package)
    lacking = {name: content for name, content in members.items() if name != "evidence.json"}
    doubled = write_zip({**members, "agreement.pdx": b"other"}).replace(b"agreement.pdx", b"agreement.pdf")
    bomb = {"mimetype": MIMETYPE, "agreement.pdf": bytes(30_000_000)}
    return {
        "empty": ("unknown_file", b""),
        "text.txt": ("unknown_file", "这不是合同".encode()),
        "header-only.pdf": ("pdf_truncated", b"%PDF-1.7\n"),
        "cut.pdf": ("pdf_truncated", contract[: len(contract) // 2]),
        "encrypted.pdf": ("pdf_encrypted", encrypted(contract)),
        "cut.asice": ("package_truncated", package[: len(package) // 2]),
        "head.asice": ("not_a_package", package[:4]),
        "tail.asice": ("package_truncated", package + b"\x00"),
        "bomb.asice": ("package_bomb", ordinary_zip(bomb, packed=True)),
        "declared-bomb.asice": ("package_bomb", declared_larger(members)),
        "traversal.asice": ("package_member_name", ordinary_zip({**members, "../../evil.pdf": b"x"})),
        "absolute.asice": ("package_member_name", ordinary_zip({**members, "/etc/passwd": b"x"})),
        "doubled.asice": ("package_member_doubled", doubled),
        "nested.asice": ("package_member_unexpected", write_zip({**members, "inner.asice": package})),
        "locked.asice": ("package_encrypted", with_flag(package, 1)),
        "stranger.zip": ("package_mimetype", write_zip({"a.txt": b"x"})),
        "missing.asice": ("package_member_missing", write_zip(lacking)),
        "link.asice": ("package_malformed", ordinary_zip(members, mode=stat.S_IFLNK)),
    }


def encrypted(contract: bytes) -> bytes:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(contract)) as pdf:
        pdf.save(stream, encryption=pikepdf.Encryption(owner="owner", user=""))
    return stream.getvalue()


def declared_larger(members: Mapping[str, bytes]) -> bytes:
    """A small archive whose headers promise more than any package may hold."""
    archive = write_zip({"mimetype": members["mimetype"], "agreement.pdf": b"x" * 77})
    return archive.replace(struct.pack("<II", 77, 77), struct.pack("<II", 77, 2**31))


def sparse(path: Path, head: bytes, size: int) -> Path:
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(size)
    return path


@dataclass(frozen=True)
class SmallDisk:
    """A folder with little room, and what has to stand before a command to be confined to it."""

    folder: Path
    prefix: tuple[str, ...]

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.prefix, sys.executable, "-m", "api", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "COLUMNS": "100", **environment},
        )

    def fill(self) -> None:
        """Leave no block free. Under a file size limit there is nothing to fill: nothing grows anyway."""
        if not self.prefix:
            with (self.folder / "ballast").open("wb", buffering=0) as stream:
                while write_some(stream.fileno(), 1 << 16) or write_some(stream.fileno(), 512):
                    pass


def write_some(descriptor: int, count: int) -> int:
    try:
        return os.write(descriptor, bytes(count))
    except OSError:
        return 0


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[SmallDisk]:
    """A tmpfs of this size; where mounting is refused, a limit on the size of files does instead."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=755", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield SmallDisk(folder, ("sh", "-c", 'ulimit -f 64; exec "$@"', "sh"))
        return
    try:
        yield SmallDisk(folder, ())
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def is_free(lock: Path) -> bool:
    try:
        with locked(lock):
            return True
    except BlockingIOError:
        return False


def command_with_a_bug(tmp_path: Path, trust: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line in a process in which ``verify`` stumbles over a bug of ours."""
    program = tmp_path / "stumbling.py"
    program.write_text(
        "import sys\nimport api.verify_files\nfrom api.cli import main\n"
        "api.verify_files.judge_files = lambda *_, at: 1 // 0\n"
        f"sys.argv = ['contracts-chain', 'verify', 'x', '--trust', {str(trust)!r}]\nmain()\n"
    )

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, program],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )

    return run
