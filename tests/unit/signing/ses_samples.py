"""One domestic authority, one seal and one seal signature, made once and shared by the tests."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from PIL import Image

from kernel.clock import FixedClock
from kernel.verdict import Verdict
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import SignatureTrust
from signing.rfc3161_authority import TestTsa
from signing.ses.judging import judge_ses
from signing.ses.lines import SesLine
from signing.ses.making import (
    IssuedSeal,
    SealOrder,
    SealTerms,
    make_seal,
    make_ses,
    seal_over,
    with_timestamp,
)
from signing.ses.picture import read_picture
from signing.ses.structure import SesSignature
from signing.sm2_authority import MAKER, ROOT, Sm2Authority
from signing.sm2_key import Sm2Key
from signing.token_proof import keep_token

START = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
USCC = "91330200MA2AGG5H2T"
COMPANY = "宁波海曙某某电力有限公司"
SEAL = "供用电合同专用章"
CONTENT = b"%PDF-1.7 " + b"agreed " * 40
KEK = KeyEncryptionKey.of(bytes(range(32)))


def picture(kind: str = "PNG", side: int = 8) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (side, side), (200, 0, 0)).save(output, format=kind)
    return output.getvalue()


ORDER = SealOrder(
    seal_id="TEST-0001",
    organisation=COMPANY,
    organisation_id=USCC,
    seal_name=SEAL,
    picture=read_picture("PNG", picture(), width_mm=42, height_mm=42),
)


@dataclass(kw_only=True)
class Domestic:
    """Authorities of one house; ``sealed`` gives a whole seal signature, changed as a forger likes."""

    authority: Sm2Authority
    ca: TestCa
    tsa: TestTsa
    clock: FixedClock

    @classmethod
    def founded(cls, directory: Path) -> Domestic:
        clock = FixedClock(START)
        ca = TestCa.open(directory / "ca", KEK, clock)
        authority = Sm2Authority.open(directory / "sm2", KEK, clock)
        return cls(authority=authority, ca=ca, tsa=TestTsa(ca.tsa_credential, clock), clock=clock)

    @property
    def trust(self) -> SignatureTrust:
        return SignatureTrust(
            ca_roots=self.ca.roots,
            tsa_roots=self.ca.tsa_roots,
            sm2_roots=self.authority.sm2_roots,
            seal_maker_roots=self.authority.seal_maker_roots,
        )

    def made(self, content: bytes = CONTENT) -> bytes:
        return make_ses(
            self.authority,
            ORDER,
            content,
            at=self.clock.now(),
            timestamps=self.tsa,
            revocation=self.ca,
        )

    def crls_for(self, chain: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Lists of all authorities, as the activation process gives them."""
        return (*self.authority.crls_for(chain), *self.ca.crls_for(chain))

    def stamped(self, ses: bytes) -> bytes:
        """By anybody's hand: whatever it is gets a token, and no list of ours beside it."""
        found = SesSignature.load(ses)
        found["timestamp"] = keep_token(self.tsa.token(bytes(found["signature"])), self.ca)
        return bytes(found.dump())

    def stamped_later(self, ses: bytes) -> bytes:
        """As the service does."""
        return with_timestamp(ses, self.tsa, self)

    def issued(self, key: Sm2Key) -> IssuedSeal:
        return self.authority.seal_for(key.public_key_der, ORDER)

    def terms(self) -> SealTerms:
        return SealTerms(
            seal_id="TEST-0002",
            vendor="CC-TEST",
            name=f"{COMPANY} {SEAL} TEST",
            created_utc=START,
            valid_from_utc=START,
            valid_to_utc=START + timedelta(days=365),
        )

    def resealed(self, issued: IssuedSeal, *, list_digests: bool = False, **terms: object) -> IssuedSeal:
        """The same certificate on a seal of other terms, made by the true maker."""
        changed = replace(self.terms(), **terms)  # type: ignore[arg-type]
        maker = self.authority._issuers[MAKER]
        seal = make_seal(
            changed,
            ORDER.picture,
            (issued.certificate,),
            maker.certificate,
            maker.key,
            list_digests=list_digests,
        )
        return replace(issued, seal=seal)

    def over(self, issued: IssuedSeal, key: Sm2Key, content: bytes = CONTENT) -> bytes:
        return self.stamped(seal_over(content, issued, key, at=self.clock.now()))

    def judged(self, ses: bytes, content: bytes = CONTENT, **options: object) -> tuple[SesLine, ...]:
        given: dict[str, object] = {"at": self.clock.now()} | options
        return judge_ses(ses, content, self.trust, **given)  # type: ignore[arg-type]

    @property
    def root_key(self) -> Sm2Key:
        return self.authority._issuers[ROOT].key


@cache
def shared(directory: Path) -> Domestic:
    return Domestic.founded(directory)


def verdicts(lines: tuple[SesLine, ...]) -> list[Verdict]:
    return [line.verdict for line in lines]


def is_wholly_proven(lines: tuple[SesLine, ...]) -> bool:
    return len(lines) == 8 and set(verdicts(lines)) == {Verdict.PROVEN}


def refuted(lines: tuple[SesLine, ...]) -> dict[int, str]:
    return {line.number: line.code for line in lines if line.verdict is Verdict.REFUTED}
