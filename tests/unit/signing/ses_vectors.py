"""Write tests/vectors/ses/house_b.json: ``python -m tests.unit.signing.ses_vectors``.

Keys are fresh each time, so the file is made once and kept; the tests read it and never make it.
"""

from __future__ import annotations

import base64
import json
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from signing.ses.making import seal_over
from signing.ses.reading import unstamped
from signing.sm2_key import Sm2Key
from tests.unit.signing.ses_samples import CONTENT, START, Domestic

FILE = Path(__file__).parents[2] / "vectors" / "ses" / "house_b.json"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def vectors(house: Domestic, stranger: Domestic) -> dict[str, object]:
    """Honest and forged seal signatures with the code of each of the eight lines."""
    key, other = Sm2Key.generate(), Sm2Key.generate()
    issued = house.issued(key)
    honest = house.over(issued, key)
    stolen = replace(house.issued(other), seal=issued.seal)
    cases = {
        "honest, certificate listed": honest,
        "honest, digest listed": house.over(house.resealed(issued, list_digests=True), key),
        "no timestamp": unstamped(honest),
        "timestamp of a look-alike": stranger.stamped(unstamped(honest)),
        "signer not on the seal": house.over(stolen, other),
        "signed with another key": house.over(issued, other),
        "another original": house.over(issued, key, CONTENT + b"!"),
        "stated a day early": house.stamped(seal_over(CONTENT, issued, key, at=START - timedelta(days=1))),
        "whole chain of a look-alike": stranger.made(),
        "cut off": honest[:-1],
    }
    trust = house.trust
    return {
        "content": _text(CONTENT),
        "at_utc": START.isoformat(),
        "sm2_roots": [_text(der) for der in trust.sm2_roots],
        "seal_maker_roots": [_text(der) for der in trust.seal_maker_roots],
        "tsa_roots": [_text(der) for der in trust.tsa_roots],
        "cases": [
            {"name": name, "ses": _text(ses), "codes": [line.code for line in house.judged(ses)]}
            for name, ses in cases.items()
        ],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        made = vectors(Domestic.founded(Path(first)), Domestic.founded(Path(second)))
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
