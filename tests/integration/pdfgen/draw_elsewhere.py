"""Draws the sample contract in a process of its own and prints the SHA-256 of the file."""

from __future__ import annotations

import hashlib
import os
import sys
from datetime import UTC, datetime
from importlib.resources import files

from contracts_chain.agreements.terms_json import load_order
from contracts_chain.workflows.draft import draw_up
from pdfgen.seal import organisation_seal, person_signature


def main() -> None:
    """Draw under the umask given as the first argument, after so many other drawings."""
    os.umask(int(sys.argv[1], 8))
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    terms = load_order(content).agreements[0]
    for turn in range(int(sys.argv[2]) + 1):
        drawn = draw_up(
            terms,
            number=f"SGZJMZ00YXGY260000{int(sys.argv[2]) - turn}",
            not_before="0x" + "5a" * 32,
            created_utc=datetime(2026, 11, 22, tzinfo=UTC),
            mark="TEST",
            verify_url="https://verify.example.test",
        )
    drawings = drawn.pdf + organisation_seal("示例公司") + person_signature("王小明", "电子签名")
    sys.stdout.write(hashlib.sha256(drawings).hexdigest())


if __name__ == "__main__":
    main()
