"""Digest lists of an archive package: one line a file, as ``sha256sum`` writes and checks them.

Two lists, SHA-256 and SM3 (GB/T 32905), so that either algorithm may fall.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kernel.digests import sha256, sm3
from kernel.errors import RefutedError
from kernel.sized_bytes import Bytes32

__all__ = ["MANIFESTS", "ArchiveRefutedError", "manifests", "verify_manifests"]

MANIFESTS: dict[str, Callable[[bytes], Bytes32]] = {
    "MANIFEST-SHA256.txt": sha256,
    "MANIFEST-SM3.txt": sm3,
}


class ArchiveRefutedError(RefutedError):
    """A file of the archive package is not the one its manifests list."""

    code = "archive_refuted"

    def __init__(self, name: str, en: str, zh: str) -> None:
        """Name the file."""
        super().__init__(
            f"{name} {en}; take another copy of this archive package",
            f"归档包内 {name} {zh}；请改用该归档包的其他副本",
        )
        self.name = name


def manifests(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Both lists over these files, in name order."""
    return {
        name: "".join(f"{digest(files[one]).hex()}  {one}\n" for one in sorted(files)).encode()
        for name, digest in MANIFESTS.items()
    }


def verify_manifests(files: Mapping[str, bytes]) -> None:
    """Prove that both lists name exactly the other files with these digests.

    Raises:
        ArchiveRefutedError: A list is missing, or a file is missing, added or changed.
    """
    listed = {name: body for name, body in files.items() if name not in MANIFESTS}
    for name, digest in MANIFESTS.items():
        if name not in files:
            raise ArchiveRefutedError(name, "is missing", "缺失")
        due = set(files[name].decode(errors="replace").splitlines())
        for one, body in listed.items():
            if f"{digest(body).hex()}  {one}" not in due:
                raise ArchiveRefutedError(one, f"is not as {name} lists it", f"与 {name} 所列不符")
        if files[name] != manifests(listed)[name]:
            raise ArchiveRefutedError(name, "lists a file that is not there", "列有不存在的文件")
