"""A holder whose key is not ours: each message is signed by ``openssl pkeyutl`` in a process of its own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from signing.software_key import KeyDestroyedError


@dataclass(slots=True)
class OpensslKey:
    """A P-256 key file that only openssl ever reads; implements ``SigningKey``."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> OpensslKey:
        folder.mkdir(parents=True, exist_ok=True)
        curve = ["-pkeyopt", "ec_paramgen_curve:P-256"]
        _openssl(folder, "genpkey", "-algorithm", "EC", *curve, "-out", "own.pem")
        _openssl(folder, "pkey", "-in", "own.pem", "-pubout", "-outform", "DER", "-out", "own.pub")
        return cls(folder)

    @property
    def public_key_der(self) -> bytes:
        return (self.folder / "own.pub").read_bytes()

    def sign(self, message: bytes) -> bytes:
        if not (self.folder / "own.pem").exists():
            raise KeyDestroyedError
        (self.folder / "message").write_bytes(message)
        digest = ["-rawin", "-digest", "sha256"]
        _openssl(
            self.folder, "pkeyutl", "-sign", "-inkey", "own.pem", *digest, "-in", "message", "-out", "sig"
        )
        return (self.folder / "sig").read_bytes()

    def destroy(self) -> None:
        (self.folder / "own.pem").unlink(missing_ok=True)


def _openssl(folder: Path, *arguments: str) -> None:
    result = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
