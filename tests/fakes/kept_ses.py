"""The kept seal signatures of tests/vectors/ses: content, trust, moment, cases, the honest seal."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path

from signing.model import SignatureTrust
from signing.ses.reading import read_ses

__all__ = ["AT", "CASES", "CONTENT", "CRLS", "HONEST", "LOOK_ALIKE", "OWNER_ID", "SEAL", "TRUST"]

_VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "ses" / "house_b.json").read_text())
_ROOTS = {
    name: tuple(base64.b64decode(der) for der in _VECTORS[name])
    for name in ("sm2_roots", "seal_maker_roots", "tsa_roots")
}
TRUST = SignatureTrust(ca_roots=(), **_ROOTS)
AT = datetime.fromisoformat(_VECTORS["at_utc"])
CONTENT = base64.b64decode(_VECTORS["content"])
CASES: dict[str, tuple[bytes, list[str]]] = {
    case["name"]: (base64.b64decode(case["ses"]), case["codes"]) for case in _VECTORS["cases"]
}
"""Name → seal signature and the codes of its eight lines."""
HONEST = CASES["honest, certificate listed"][0]
LOOK_ALIKE = CASES["whole chain of a look-alike"][0]
SEAL = read_ses(HONEST).seal.der
CRLS = read_ses(HONEST).crls
"""Lists of its maker's and its signer's authority."""
OWNER_ID = "91330200MA2AGG5H2T"
