"""The envelope of ETSI ASiC-E with CAdES (EN 319 162-1 §4.4): mimetype, manifest, signature.

Decides the manifest's bytes. Version 1 knows exactly one manifest for given files, so a
reader compares bytes and needs no XML parser: no entity, no second reading, no doubt.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from kernel.errors import RefutedError

__all__ = [
    "MANIFEST_NAME",
    "MIMETYPE",
    "MIMETYPE_NAME",
    "SIGNATURE_NAME",
    "ManifestMismatchError",
    "manifest_xml",
    "verify_manifest",
]

MIMETYPE_NAME = "mimetype"
MIMETYPE = b"application/vnd.etsi.asic-e+zip"
MANIFEST_NAME = "META-INF/ASiCManifest.xml"
SIGNATURE_NAME = "META-INF/signature.p7s"

_MEDIA = {
    "pdf": "application/pdf",
    "jsonl": "application/jsonl",
    "json": "application/json",
    "xml": "application/xml",
    "ses": "application/octet-stream",
}
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


class ManifestMismatchError(RefutedError):
    """A file of the package is not the one the signed manifest lists."""

    code = "manifest_mismatch"

    def __init__(self, name: str) -> None:
        """Keep the file's name."""
        super().__init__(
            f"{name} was changed after the package was signed; ask for an undamaged copy",
            f"{name} 在证据包签署后被改动；请勿采信，并索取完好副本",
        )
        self.name = name


def manifest_xml(files: Mapping[str, bytes]) -> bytes:
    """ASiCManifest over the files in their order, SHA-256 each."""
    references = "".join(_reference(name, content) for name, content in files.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"'
        ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\n'
        f'<asic:SigReference URI="{SIGNATURE_NAME}" MimeType="application/pkcs7-signature"/>\n'
        f"{references}</asic:ASiCManifest>\n"
    ).encode()


def verify_manifest(files: Mapping[str, bytes], manifest: bytes) -> None:
    """Prove that the manifest lists exactly these files with these digests.

    Raises:
        ManifestMismatchError: A file differs; named if it can be told, else the manifest itself.
    """
    if manifest == manifest_xml(files):
        return
    for name, content in files.items():
        if _reference(name, content).encode() not in manifest:
            raise ManifestMismatchError(name)
    raise ManifestMismatchError(MANIFEST_NAME)


def _reference(name: str, content: bytes) -> str:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    media = _MEDIA[name.rpartition(".")[2]]
    return (
        f'<asic:DataObjectReference URI="{name}" MimeType="{media}">'
        f'<ds:DigestMethod Algorithm="{_SHA256}"/><ds:DigestValue>{digest}</ds:DigestValue>'
        "</asic:DataObjectReference>\n"
    )
