"""The archive package: evidence, readable copies, metadata and the means to check them, in one folder.

Decides the files and their order (docs/formats/archive.md). 档案法 art. 37 and 实施条例 art. 39 ask for a
reliable source, a standard procedure and complete elements: ``metadata.json`` states the facts of
each. It is written for somebody who, decades on, has only this folder; nothing in it needs our service.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from contracts_chain.evidence.archive_manifest import (
    ArchiveRefutedError,
    manifests,
    verify_manifests,
)
from contracts_chain.evidence.archive_metadata import ArchiveExport, metadata_bytes
from contracts_chain.evidence.archive_readme import readme_text
from contracts_chain.evidence.file_report import FileReport, require_proven
from contracts_chain.evidence.package import UnreadablePackageError, read_package
from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.evidence.verify import verify_package
from kernel.digests import sha256

__all__ = ["PACKAGE_NAME", "archive_files", "read_archive", "verify_archive", "write_archive"]

PACKAGE_NAME = "evidence.asice"
ANNEXES = "annexes/"
_GREATEST = 512 * 2**20
_MOST_MEMBERS = 200
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def archive_files(
    package: bytes,
    subject: ReportSubject,
    facts: ReportFacts,
    export: ArchiveExport,
    program: bytes,
    *,
    annexes: Mapping[str, bytes] = MappingProxyType({}),
) -> dict[str, bytes]:
    """Every file of the archive package by its name, the two manifests last.

    Args:
        package: The proven evidence package.
        subject: What it is about.
        facts: Its facts, proven.
        export: Who exports, when, and what the archive has to know of keeping.
        program: ``docs/verify_anchor.py``.
        annexes: Annexed papers by ``annexes/`` and their SHA-256, an extension after it.
    """
    members = read_package(package).contents.files()
    copies = {name: body for name, body in members.items() if name != "evidence.json"}
    trust = {f"trust/{name}": body for name, body in facts.trust.files().items()}
    kept = {PACKAGE_NAME: package, **copies, **annexes, **trust, "verify_anchor.py": program}
    files = {
        "README.txt": readme_text(subject, facts, export).encode(),
        "metadata.json": metadata_bytes(subject, facts, export, kept),
        **kept,
    }
    return {**files, **manifests(files)}


def write_archive(files: Mapping[str, bytes], folder: str) -> bytes:
    """The folder as one ZIP; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as whole:
        for name, body in files.items():
            whole.writestr(zipfile.ZipInfo(f"{folder}/{name}", _FIXED_TIME), body)
    return stream.getvalue()


def read_archive(content: bytes) -> dict[str, bytes]:
    """The files of such a ZIP by their names inside the folder; nothing is believed yet.

    Raises:
        UnreadablePackageError: No ZIP, of another form, damaged or beyond the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            members = whole.infolist()
            if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > _GREATEST:
                raise _unreadable("it is beyond the limits", "超过限制")
            found = {one.filename.partition("/")[2]: whole.read(one) for one in members}
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError) as problem:
        raise _unreadable("it is no sound ZIP", "不是完好的 ZIP 文件") from problem
    if len(found) != len(members) or "" in found:
        raise _unreadable("a name occurs twice or is no file's", "文件名重复或无效")
    return found


def verify_archive(files: Mapping[str, bytes], trust: TrustBundle, *, at: datetime) -> FileReport:
    """Prove that the folder is whole, its copies are the package's, and the package is proven.

    Args:
        files: As ``archive_files`` made them or as read back.
        trust: The verifier's own bundle, never the folder's copy.
        at: Moment of verification.

    Raises:
        ArchiveRefutedError: A file is missing, added or changed.
        NotProvenError: The package is refuted.
        StillUndecidedError: It cannot be decided, e.g. its status is too old.
        UnreadableFileError: The package cannot be read.
    """
    verify_manifests(files)
    _verify_annexes(files)
    package = files.get(PACKAGE_NAME)
    if package is None:
        raise ArchiveRefutedError(PACKAGE_NAME, "is missing", "缺失")
    report = verify_package(package, trust, at=at)
    require_proven(report)
    for name, body in read_package(package).contents.files().items():
        if name != "evidence.json" and files.get(name) != body:
            raise ArchiveRefutedError(name, "is not the package's", "与证据包内文件不一致")
    return report


def _verify_annexes(files: Mapping[str, bytes]) -> None:
    """An annex bears the digest that the agreement names it by."""
    for name, body in files.items():
        if name.startswith(ANNEXES) and name.removeprefix(ANNEXES).partition(".")[0] != sha256(body).hex():
            raise ArchiveRefutedError(name, "is not the paper of this digest", "与文件名所载摘要不符")


def _unreadable(en: str, zh: str) -> UnreadablePackageError:
    return UnreadablePackageError("archive_unreadable", en, zh)
