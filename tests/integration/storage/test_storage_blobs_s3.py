"""Blobs at a real S3 server behave as those in a directory, and a server that dies or hangs tells no lie."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import obstore
import pytest
from blobs_behaviour import BlobsBehaviour, Overwrite
from obstore.exceptions import AlreadyExistsError
from seaweed_server import BUCKET, SeaweedServer, seaweed_server
from slow_peer import MANNERS, slow_peer
from storage_killing_door import HALF_OF_THE_REQUEST, Moment, killing_door

from contracts_chain.storage.obstore_blobs import BlobMissingError, BlobStoreError, ObstoreBlobs
from kernel.digests import sha256
from kernel.sized_bytes import Bytes32

LIMIT = 10.0
"""Seconds; far below the 30 of one try and the three minutes of the library's own retries."""
DEEDS: dict[str, Callable[[ObstoreBlobs], object]] = {
    "put": lambda blobs: blobs.put(b"contract"),
    "get": lambda blobs: blobs.get(sha256(b"contract")),
}


@pytest.fixture(scope="module")
def server() -> Iterator[SeaweedServer]:
    with seaweed_server() as running:
        yield running


@pytest.fixture
def url() -> str:
    """A part of the bucket that no other test uses."""
    return f"s3://{BUCKET}/{uuid.uuid4()}"


@pytest.fixture
def blobs(server: SeaweedServer, url: str) -> ObstoreBlobs:
    return server.blobs(url=url)


def name_of(digest: Bytes32) -> str:
    return f"{digest.hex()[:2]}/{digest.hex()[2:]}"


def names_in(blobs: ObstoreBlobs) -> list[str]:
    return sorted(one["path"] for page in obstore.list(blobs._store) for one in page)


class TestBlobsInABucket(BlobsBehaviour):
    @pytest.fixture
    def overwrite(self, blobs: ObstoreBlobs) -> Overwrite:
        def write(digest: Bytes32, content: bytes) -> None:
            obstore.put(blobs._store, name_of(digest), content)

        return write


def test_the_server_itself_refuses_to_write_a_second_time(blobs: ObstoreBlobs) -> None:
    digest = blobs.put(b"contract")
    with pytest.raises(AlreadyExistsError):
        obstore.put(blobs._store, name_of(digest), b"contract", mode="create", use_multipart=False)


def test_many_that_store_the_same_at_once_store_it_once(blobs: ObstoreBlobs) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(blobs.put, [b"contract"] * 16)) == {sha256(b"contract")}
    assert names_in(blobs) == [name_of(sha256(b"contract"))]
    assert blobs.get(sha256(b"contract")) == b"contract"


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    ("changes", "code"),
    [({"secret": "wrong"}, "SignatureDoesNotMatch"), ({"url": "s3://nobodys"}, "NoSuchBucket")],
)
def test_a_store_that_was_set_up_wrongly_is_a_fault_in_one_line(
    server: SeaweedServer, changes: dict[str, str], code: str, deed: str
) -> None:
    with pytest.raises(BlobStoreError) as caught:
        DEEDS[deed](server.blobs(**changes))  # type: ignore[arg-type]  # names of arguments, see above
    assert code in caught.value.zh
    assert not any(mark in caught.value.en for mark in ("\n", "<?xml", "Debug source"))


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("manner", ["says nothing", "trickles its header"])
def test_a_server_that_never_answers_is_given_up_on(server: SeaweedServer, manner: str, deed: str) -> None:
    with slow_peer(MANNERS[manner]) as peer:
        began = time.monotonic()
        with pytest.raises(BlobStoreError):
            DEEDS[deed](server.blobs(endpoint=peer.url, seconds=0.2))
        assert time.monotonic() - began < LIMIT


def faults_while_away(blobs: ObstoreBlobs, server: SeaweedServer) -> None:
    for deed in DEEDS.values():
        began = time.monotonic()
        with pytest.raises(BlobStoreError, match=server.endpoint) as caught:
            deed(blobs)
        assert time.monotonic() - began < LIMIT
        assert "请检查" in caught.value.zh


@pytest.mark.parametrize("moment", get_args(Moment))
def test_a_server_killed_in_the_middle_of_a_put_has_stored_all_or_nothing(
    server: SeaweedServer, url: str, moment: Moment
) -> None:
    content = uuid.uuid4().bytes * (3 * HALF_OF_THE_REQUEST // 16)
    blobs = server.blobs(url=url)
    before = blobs.put(b"stored before")
    try:
        with killing_door(server) as door:
            door.armed = moment
            with pytest.raises(BlobStoreError):
                server.blobs(url=url, endpoint=door.endpoint).put(content)
            assert (door.armed, server.process) == (None, None)
        faults_while_away(blobs, server)
    finally:
        server.start()
    assert blobs.get(before) == b"stored before"
    if moment == "before the answer":
        assert blobs.get(sha256(content)) == content  # though nobody was told
    else:
        with pytest.raises(BlobMissingError):
            blobs.get(sha256(content))
    assert blobs.put(content) == sha256(content)
    assert blobs.get(sha256(content)) == content
    assert names_in(blobs) == sorted([name_of(before), name_of(sha256(content))])
