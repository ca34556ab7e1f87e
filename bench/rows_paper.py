"""One contract on paper: draft, signature, timestamp, leaf, verification, and the whole path.

``python -m bench.rows_paper`` runs these rows alone. Each stands beside the bare library calls that
nobody can leave out; the goal is their ratio.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from api.house import House, open_house
from api.settings import Settings
from bench import bare
from bench.measuring import Row, Work, median_ms, row
from bench.peer_signers import StockSigner
from bench.signing_desk import Desk
from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.evidence.record import RecordKind
from contracts_chain.workflows.chronicle import append_record
from contracts_chain.workflows.draft import draw_up
from kernel.digests import digests_of
from signing.inspection import inspect_pdf

NUMBER = "SGZJMZ00YXGY2600001"
GOAL = 1.25
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


def sample() -> Terms:
    """The supply contract of the sample order."""
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    return load_order(content).agreements[0]


def draw(terms: Terms) -> bytes:
    """Our whole drafting path."""
    return draw_up(terms, number=NUMBER, not_before=None, created_utc=MOMENT, mark="TEST", verify_url="u").pdf


def rows() -> list[Row]:
    """One row a hot path, and the whole path last, on a house of their own."""
    with tempfile.TemporaryDirectory() as folder, open_house(Settings(data_dir=Path(folder))) as house:
        return measure(house)


def measure(house: House) -> list[Row]:
    """All rows on one house."""
    desk, terms = Desk.at(house.settings.data_dir / "bench"), sample()
    draft = draw(terms)
    found = [
        draft_row(terms),
        sign_row(desk, house.settings.data_dir, draft),
        timestamp_row(house),
        ratio("leaf", "record, hash, durable append", median_ms(leaf_work(house), 60)),
        verify_row(desk, draft),
    ]
    return [*found, whole_path(found)]


def draft_row(terms: Terms) -> Row:
    """Terms to PDF with fields, beside Platypus and pikepdf on the same content."""
    document = compose(
        terms,
        load_template(class_of(terms)),
        number=NUMBER,
        not_before=None,
        qr_text="u",
        created_utc=MOMENT,
        mark="TEST",
    )
    times = median_ms([lambda: draw(terms), lambda: bare.platypus(document)], 9)
    return ratio("draft", "17-page supply contract", times)


def sign_row(desk: Desk, folder: Path, draft: bytes) -> Row:
    """One signature, beside stock pyHanko with its static stamp and the same authority."""
    peer = StockSigner(desk.ca, desk.tsa, desk.credential, desk.roots, folder)
    stamp = folder / "stamp.pdf"
    stamp.write_bytes(desk.stamp)
    works = [
        lambda: desk.sign(draft, "ConsumerSeal", certify=True),
        lambda: peer.sign_with_page(draft, "ConsumerSeal", stamp, certify=True),
    ]
    return ratio("sign", "one visible B-LTA signature", median_ms(works, 9))


def timestamp_row(house: House) -> Row:
    """One token, beside pyHanko's in-process authority."""
    authority = bare.BareAuthority()
    works = [lambda: house.office.timestamps.token(b"x"), lambda: authority.timestamp(b"x")]
    return ratio("timestamp", "one RFC 3161 token", median_ms(works, 60))


def verify_row(desk: Desk, draft: bytes) -> Row:
    """Judging a fully signed contract, beside a loop of pyHanko's own calls."""
    signed = draft
    for position, field in enumerate(("ConsumerPerson", "ConsumerSeal", "SupplierPerson", "SupplierSeal")):
        signed = desk.sign(signed, field, certify=position == 0)
    works = [lambda: inspect_pdf(signed, desk.trust), lambda: bare.validate(signed, desk.roots)]
    return ratio("verify", "4 signatures, 4 archive timestamps", median_ms(works, 9))


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


def ratio(name: str, work: str, times: Sequence[float]) -> Row:
    """A row whose goal is ours against bare, both in milliseconds."""
    ours, least = times
    return row(name, work, "ms", ours, least, goal=GOAL, met=ours <= least * GOAL)


def whole_path(rows: list[Row]) -> Row:
    """One contract: a draft, four signatures, seven leaves, one verification."""
    times = {"draft": 1, "sign": 4, "timestamp": 0, "leaf": 7, "verify": 1}
    ours = sum(float(str(one["ours"])) * times[str(one["name"])] for one in rows)
    peer = sum(float(str(one["bare"])) * times[str(one["name"])] for one in rows)
    return ratio("whole path", "draft + 4 signatures + 7 leaves + verification", (ours, peer))


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1))
