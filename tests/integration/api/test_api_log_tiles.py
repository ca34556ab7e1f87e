"""An outsider rebuilds the whole log from its published tiles and finds the root of its checkpoint."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import httpx
import pytest
from api_service import Service

from contracts_chain.evidence.checkpoint import Checkpoint, read_checkpoint, verify_note
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.tile_path import TilePath
from contracts_chain.evidence.tiles import TILE_WIDTH, grow
from contracts_chain.evidence.tree_hash import SHA256_TREE, SM3_TREE
from contracts_chain.workflows.chronicle import append_record
from kernel.digests import digests_of

LEAVES = 300
SUBJECT = "PUBLISHED-TILES"


@pytest.fixture(scope="module")
def published(service: Service) -> Checkpoint:
    """A checkpoint above a complete tile and a begun one."""
    with service.house.office.work() as work:
        for number in range(LEAVES):
            append_record(
                work,
                RecordKind.SEAL_USED,
                subject=SUBJECT,
                document=digests_of(b"pdf"),
                at=datetime.now(UTC),
                actor="tester",
                details={"n": str(number)},
            )
        work.commit()
    deadline = time.monotonic() + 60
    with service.client() as anyone:
        while (newest := _newest(anyone)) is None or newest.size < LEAVES:
            assert time.monotonic() < deadline, "no checkpoint came"
            threading.Event().wait(0.1)
    return newest


def _newest(client: httpx.Client) -> Checkpoint | None:
    response = client.get("/log/checkpoint")
    if response.status_code == 404:
        assert response.json()["code"] == "not_published"
        return None
    return read_checkpoint(response.text)


def tiles_of(client: httpx.Client, prefix: str, level: int, count: int) -> bytes:
    """All hashes of a level, full tiles first, then the begun one."""
    paths = [TilePath(level=level, number=number) for number in range(count // TILE_WIDTH)]
    if count % TILE_WIDTH:
        paths.append(TilePath(level=level, number=count // TILE_WIDTH, width=count % TILE_WIDTH))
    answers = [client.get(f"{prefix}/{path}") for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    return b"".join(answer.content for answer in answers)


def split(joined: bytes) -> list[bytes]:
    return [joined[at : at + 32] for at in range(0, len(joined), 32)]


def test_the_leaf_tiles_give_the_root_of_the_signed_checkpoint(
    service: Service, published: Checkpoint
) -> None:
    trust = service.house.office.trust
    with service.client() as anyone:
        note = anyone.get("/log/checkpoint")
        newest = verify_note(note.text, trust.log_key, trust.log_origin)
        leaves = tiles_of(anyone, "/log", 0, newest.size)
    assert newest.size >= published.size
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    assert MerkleLog(split(leaves)).root() == newest.root


def test_upper_tiles_and_those_of_the_twin_follow_from_the_leaf_tiles(
    service: Service, published: Checkpoint
) -> None:
    size = published.size
    with service.client() as anyone:
        for tree, prefix in ((SHA256_TREE, "/log"), (SM3_TREE, "/log/sm3")):
            leaves = split(tiles_of(anyone, prefix, 0, size))
            (upper,) = [tile for tile in grow(tree, 0, leaves, {}) if tile.level == 1]
            assert tiles_of(anyone, prefix, 1, size // TILE_WIDTH) == upper.hashes


def test_a_tile_may_be_kept_for_ever_and_a_checkpoint_may_not(
    service: Service, published: Checkpoint
) -> None:
    with service.client() as anyone:
        full, begun = anyone.get("/log/tile/0/000"), anyone.get("/log/tile/0/000.p/7")
        note = anyone.get("/log/checkpoint")
    assert full.headers["cache-control"] == begun.headers["cache-control"]
    assert "immutable" in full.headers["cache-control"]
    assert begun.content == full.content[: 7 * 32]
    assert full.headers["content-type"] == "application/octet-stream"
    assert note.headers["cache-control"] == "public, max-age=1"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("tile/0/0", "tile_path"),
        ("tile/0/000.p/256", "tile_path"),
        ("tile/entries/000", "tile_path"),
        ("tile/0/x000/000", "tile_path"),
        ("sm3/tile/x/000", "tile_path"),
        ("tile/0/x999/999", "not_published"),
        ("tile/5/000", "not_published"),
        ("tile/1/000", "not_published"),
        ("nothing", "http_404"),
    ],
)
def test_what_is_no_tile_or_none_yet_is_a_problem_in_both_languages(
    service: Service, published: Checkpoint, path: str, code: str
) -> None:
    with service.client() as anyone:
        answer = anyone.get(f"/log/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["title_zh"]


def test_nobody_writes_to_the_published_log(service: Service) -> None:
    with service.client() as anyone:
        assert anyone.put("/log/tile/0/000", content=bytes(32)).status_code == 405
