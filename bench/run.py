"""``make bench``: milliseconds of our hot paths and of the bare calls, in the same run.

Machines are noisy, so ours and bare take turns and the medians are compared. The goal
is the ratio, 1.25 for the whole path. Writes bench/results/latest.json and a table.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Self

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from api.house import House, open_house
from api.settings import Settings
from bench import bare
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.chronicle import append_record
from contracts_chain.workflows.draft import draw_up
from kernel.digests import digests_of
from pdfgen.seal import organisation_seal
from signing.inspection import inspect_pdf
from signing.issuing_ca import TestCa
from signing.model import Credential
from signing.pades import sign_pdf

RESULTS = Path(__file__).parent / "results" / "latest.json"
USCC = "91330206MA2HT5E15X"
NUMBER = "SGZJMZ00YXGY2600001"
GOAL = 1.25
ORGANISATION = "示例有限公司"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
Work = Callable[[], object]


def take_turns(ours: Work, peer: Work, turns: int) -> tuple[float, float]:
    """Median milliseconds of each, measured alternately after one warm-up."""
    ours(), peer()
    spent: dict[Work, list[float]] = {ours: [], peer: []}
    for _ in range(turns):
        for work in (ours, peer):
            started = time.perf_counter()
            work()
            spent[work].append((time.perf_counter() - started) * 1000)
    return statistics.median(spent[ours]), statistics.median(spent[peer])


def sample() -> Terms:
    """The supply contract of the sample order."""
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    return load_order(content).agreements[0]


def draw(terms: Terms) -> bytes:
    """Our whole drafting path."""
    return draw_up(terms, number=NUMBER, not_before=None, created_utc=MOMENT, mark="TEST", verify_url="u").pdf


@dataclass(frozen=True)
class Bench:
    """What the rows share: a house, one credential, one stamp and the bare signer beside it."""

    house: House
    credential: Credential
    stamp: bytes
    roots: tuple[bytes, ...]

    @classmethod
    def on(cls, house: House) -> Self:
        trust = house.office.trust.signatures
        return cls(
            house=house,
            credential=house.office.ca.issue_seal(
                organisation=ORGANISATION, organisation_id=USCC, seal_name="合同专用章"
            ),
            stamp=organisation_seal(ORGANISATION, "合同专用章"),
            roots=(*trust.ca_roots, *trust.tsa_roots),
        )

    def sign(self, pdf: bytes, field: str, *, certify: bool) -> bytes:
        """One visible B-LTA signature by our path."""
        return sign_pdf(
            pdf,
            field=field,
            credential=self.credential,
            authority=self.house.office.timestamps,
            revocation=self.house.office.ca,
            roots=self.roots,
            appearance=self.stamp,
            signed_at=self.house.office.clock.now(),
            reason="bench",
            location="bench",
            certify=certify,
        )


def measure(house: House) -> list[dict[str, object]]:
    """One row a hot path, and the whole path."""
    bench, terms = Bench.on(house), sample()
    draft = draw(terms)
    rows = [
        draft_row(terms),
        sign_row(bench, draft),
        timestamp_row(house),
        row("leaf", "record, hash, durable append", *take_turns(*leaf_work(house), 60)),
        verify_row(bench, draft),
    ]
    return [*rows, whole_path(rows)]


def draft_row(terms: Terms) -> dict[str, object]:
    """Terms to PDF with fields, beside Platypus and pikepdf on the same content."""
    document = compose(
        terms,
        load_template(terms.KIND),
        number=NUMBER,
        not_before=None,
        qr_text="u",
        created_utc=MOMENT,
        mark="TEST",
    )
    spent = take_turns(lambda: draw(terms), lambda: bare.platypus(document), 9)
    return row("draft", "17-page supply contract", *spent)


def sign_row(bench: Bench, draft: bytes) -> dict[str, object]:
    """One signature, beside pyHanko with its own signer and the same authority."""
    office = bench.house.office
    if not isinstance(office.ca, TestCa):
        raise TypeError("the benchmark needs the TEST CA")
    peer = bare.BareSigner(office.ca, office.timestamps, bench.credential, bench.roots)
    stamp_file = bench.house.settings.data_dir / "stamp.pdf"
    stamp_file.write_bytes(bench.stamp)
    spent = take_turns(
        lambda: bench.sign(draft, "ConsumerSeal", certify=True),
        lambda: peer.sign(draft, "ConsumerSeal", stamp_file),
        9,
    )
    return row("sign", "one visible B-LTA signature", *spent)


def timestamp_row(house: House) -> dict[str, object]:
    """One token, beside pyHanko's in-process authority."""
    authority = bare.BareAuthority()
    spent = take_turns(lambda: house.office.timestamps.token(b"x"), lambda: authority.timestamp(b"x"), 60)
    return row("timestamp", "one RFC 3161 token", *spent)


def verify_row(bench: Bench, draft: bytes) -> dict[str, object]:
    """Judging a fully signed contract, beside a loop of pyHanko's own calls."""
    signed = draft
    for position, field in enumerate(("ConsumerPerson", "ConsumerSeal", "SupplierPerson", "SupplierSeal")):
        signed = bench.sign(signed, field, certify=position == 0)
    trust = bench.house.office.trust.signatures
    spent = take_turns(lambda: inspect_pdf(signed, trust), lambda: bare.validate(signed, bench.roots), 9)
    return row("verify", "4 signatures, 4 archive timestamps", *spent)


def leaf_work(house: House) -> tuple[Work, Work]:
    """Appending one record through the unit of work, and the same with psycopg alone."""
    url = make_url(house.database_url)
    connection = psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS bare_leaves "
        "(leaf_index bigint PRIMARY KEY, leaf_hash bytea UNIQUE, record bytea)"
    )
    connection.execute("TRUNCATE bare_leaves")
    connection.commit()
    count = iter(range(1_000_000))
    document = digests_of(b"document")

    def ours() -> None:
        with house.office.work() as work:
            append_record(
                work,
                RecordKind.AGREEMENT_APPROVED,
                subject="bench",
                document=document,
                at=house.office.clock.now(),
                actor="bench",
                details={"n": str(next(count))},
            )
            work.commit()

    def peer() -> None:
        number = next(count)
        record: dict[str, object] = {
            "schema": 1,
            "document": document.as_json(),
            "details": {"n": str(number)},
        }
        bare.append_leaf(connection, record, number)

    return ours, peer


def row(name: str, work: str, ours: float, bare_ms: float) -> dict[str, object]:
    """One row of latest.json (DESIGN §6)."""
    return {
        "name": name,
        "work": work,
        "unit": "ms",
        "ours": round(ours, 3),
        "bare": round(bare_ms, 3),
        "peers": {},
        "goal": GOAL,
        "met": ours <= bare_ms * GOAL,
    }


def whole_path(rows: list[dict[str, object]]) -> dict[str, object]:
    """One contract: a draft, four signatures, seven leaves, one verification."""
    times = {"draft": 1, "sign": 4, "timestamp": 0, "leaf": 7, "verify": 1}
    ours = sum(float(str(one["ours"])) * times[str(one["name"])] for one in rows)
    peer = sum(float(str(one["bare"])) * times[str(one["name"])] for one in rows)
    return row("whole path", "draft + 4 signatures + 7 leaves + verification", ours, peer)


def main() -> int:
    """Measure, write, print; exit 1 if the whole path misses its goal."""
    with tempfile.TemporaryDirectory() as folder, open_house(Settings(data_dir=Path(folder))) as house:
        rows = measure(house)
    RESULTS.write_text(json.dumps({"schema": 1, "rows": rows}, indent=1) + "\n", "utf-8")
    table = Table("path", "work", "ours ms", "bare ms", "ratio", "a second", "goal", "met")
    for one in rows:
        ours, peer = float(str(one["ours"])), float(str(one["bare"]))
        figures = (f"{ours:.2f}", f"{peer:.2f}", f"{ours / peer:.2f}", f"{1000 / ours:.1f}")
        table.add_row(str(one["name"]), str(one["work"]), *figures, f"{GOAL}", "yes" if one["met"] else "no")
    Console(width=110).print(table)
    return 0 if rows[-1]["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
