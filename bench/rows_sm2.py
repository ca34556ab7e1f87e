"""The domestic track: SM2 beside GmSSL, a seal signature beside the bare calls it cannot do without.

``python -m bench.rows_sm2`` runs these rows alone.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import gmssl_pyx

from bench.measuring import Row, Work, median_ms, row
from kernel.clock import FixedClock
from pdfgen.seal import organisation_seal
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import SignatureTrust
from signing.rfc3161_authority import TestTsa
from signing.ses.judging import judge_ses
from signing.ses.making import SealOrder, make_ses
from signing.ses.reading import read_ses
from signing.sm2_authority import Sm2Authority
from signing.sm2_key import Sm2Key
from signing.sm2_libcrypto import Sm2PrivateKey, Sm2PublicKey
from signing.token_proof import verify_token

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
CONTENT = bytes(200_000)
GOAL_SIGN, GOAL_VERIFY, GOAL_SES = 0.5, 1.0, 3.0
"""Of GmSSL's time; of the bare calls' time. Making signs five times (certificate, seal, two lists, content)
and generates a key; judging verifies six times; both have a timestamp."""
SIGNATURES_MADE, SIGNATURES_JUDGED = 5, 6


def rows() -> list[Row]:
    """All rows."""
    with tempfile.TemporaryDirectory() as folder:
        return [*arithmetic_rows(), *ses_rows(Path(folder))]


def arithmetic_rows() -> list[Row]:
    """One signature, one verification, of 32 bytes under the default ID."""
    key = Sm2PrivateKey.generate()
    public, message = Sm2PublicKey(key.public_der()), bytes(32)
    der = key.private_der()
    number, point = der[der.index(b"\x02\x01\x01\x04\x20") + 5 :][:32], public.der[-64:]
    signature = key.sign(message)
    signing: list[Work] = [
        lambda: key.sign(message),
        lambda: gmssl_pyx.sm2_sign(number, point, message),
    ]
    verifying: list[Work] = [
        lambda: public.verify(message, signature),
        lambda: gmssl_pyx.sm2_verify(point, message, signature),
    ]
    return [
        _ratio("sm2 sign", "one SM2 signature, beside GmSSL", median_ms(signing, 60), GOAL_SIGN),
        _ratio("sm2 verify", "one SM2 verification, beside GmSSL", median_ms(verifying, 60), GOAL_VERIFY),
    ]


def ses_rows(folder: Path) -> list[Row]:
    """One GB/T 38540 seal signature over 200 kB, made and judged."""
    clock, kek = FixedClock(MOMENT), KeyEncryptionKey.of(bytes(32))
    ca, authority = TestCa.open(folder / "ca", kek, clock), Sm2Authority.open(folder / "sm2", kek, clock)
    tsa = TestTsa(ca.tsa_credential, clock)
    order = SealOrder.of_drawing(
        organisation_seal("示例有限公司", "合同专用章"),
        organisation="示例有限公司",
        organisation_id="91330206MA2HT5E15X",
        seal_name="合同专用章",
    )
    trust = SignatureTrust(
        ca_roots=ca.roots,
        tsa_roots=ca.tsa_roots,
        sm2_roots=authority.sm2_roots,
        seal_maker_roots=authority.seal_maker_roots,
    )

    def made() -> bytes:
        return make_ses(authority, order, CONTENT, at=MOMENT, timestamps=tsa, revocation=ca)

    ses = made()
    found, key = read_ses(ses), Sm2Key.generate()
    public, signature, token = Sm2PublicKey(key.public_key_der), key.sign(b"m"), found.token or b""

    def least_making() -> None:
        Sm2Key.generate()
        for _ in range(SIGNATURES_MADE):
            key.sign(b"m")
        tsa.token(b"m")

    def least_judging() -> None:
        for _ in range(SIGNATURES_JUDGED):
            public.verify(b"m", signature)
        verify_token(found.signature, token, trust)

    making: list[Work] = [made, least_making]
    judging: list[Work] = [lambda: judge_ses(ses, CONTENT, trust, at=MOMENT), least_judging]
    return [
        _ratio(
            "ses make",
            "one seal signature with certificate, seal, lists, token",
            median_ms(making, 25),
            GOAL_SES,
        ),
        _ratio("ses judge", "eight lines of one seal signature", median_ms(judging, 25), GOAL_SES),
    ]


def _ratio(name: str, work: str, times: Sequence[float], goal: float) -> Row:
    ours, least = times
    return row(name, work, "ms", ours, least, goal=goal, met=ours <= least * goal)


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1))
