"""The desk at which benchmarks sign: a TEST CA of their own with one seal, in a folder of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from kernel.clock import SystemClock
from pdfgen.seal import organisation_seal
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import Credential, SignatureTrust
from signing.pades import sign_pdf
from signing.rfc3161_authority import TestTsa

__all__ = ["Desk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A TEST CA with one seal, and what is signed with it."""

    ca: TestCa
    tsa: TestTsa
    credential: Credential
    stamp: bytes
    roots: tuple[bytes, ...]

    ORGANISATION: ClassVar[str] = "示例有限公司"

    @classmethod
    def at(cls, folder: Path) -> Desk:
        """Found the authority in a folder, or open it there."""
        clock = SystemClock()
        ca = TestCa.open(folder / "ca", KeyEncryptionKey.of(bytes(32)), clock)
        return cls(
            ca=ca,
            tsa=TestTsa(ca.tsa_credential, clock),
            credential=ca.issue_seal(
                organisation=cls.ORGANISATION, organisation_id="91330206MA2HT5E15X", seal_name="合同专用章"
            ),
            stamp=organisation_seal(cls.ORGANISATION, "合同专用章"),
            roots=(*ca.roots, *ca.tsa_roots),
        )

    @property
    def trust(self) -> SignatureTrust:
        """Its roots."""
        return SignatureTrust(ca_roots=self.ca.roots, tsa_roots=self.ca.tsa_roots)

    def sign(self, pdf: bytes, field: str, *, certify: bool, seams: tuple[str, ...] = ()) -> bytes:
        """One visible B-LTA signature by our path."""
        return sign_pdf(
            pdf,
            field=field,
            credential=self.credential,
            authority=self.tsa,
            revocation=self.ca,
            roots=self.roots,
            appearance=self.stamp,
            signed_at=SystemClock().now(),
            reason="bench",
            location="bench",
            certify=certify,
            seams=seams,
        )
