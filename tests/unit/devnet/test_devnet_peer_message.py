"""Who is heard between nodes: one named test for each way to be somebody else."""

from __future__ import annotations

import dataclasses

import pytest
import rlp
from coincurve import PrivateKey
from devnet_committee import Committee
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devnet.errors import PeerRefusedError
from devnet.keys import ValidatorKey
from devnet.peer_link import Caller
from devnet.peer_message import ANYBODY, NO_SESSION, Answer, Request
from kernel.sized_bytes import Address, BlockHash, Bytes32


def request_of(committee: Committee, path: str = "/peer/blocks", **changed: object) -> bytes:
    """The notary's proper request to the court, with something changed before it is signed."""
    notary, court = committee.nodes["notary"], committee.nodes["court"]
    caller = Caller(notary.key, notary.genesis.header().block_hash)
    session = committee.parts["court"].desk._session
    proper = caller.signed(path, b"\xc2\x01\x01", receiver=court.key.address, session=session)
    bare = dataclasses.replace(proper, **changed)  # type: ignore[arg-type]
    return bare.signed(path, genesis_hash=caller.genesis_hash, key=notary.key.secret).encode()


def word(committee: Committee, content: bytes, path: str = "/peer/blocks") -> str:
    """The court's refusal, signed or not; empty when it was granted."""
    try:
        encoded = committee.parts["court"].desk.answer(path, content)
    except PeerRefusedError as refusal:
        return refusal.word
    request = Request.decode(content)
    return Answer.decode(encoded, request.digest(path, committee.proposer.genesis.header().block_hash)).word


def test_a_proper_request_is_granted_once_and_its_replay_is_not(committee: Committee) -> None:
    content = request_of(committee)
    assert word(committee, content) == ""
    assert word(committee, content) == "replay"


def test_a_strangers_key_is_not_heard(committee: Committee) -> None:
    key = ValidatorKey.of(PrivateKey(), "notary")
    caller = Caller(key, committee.proposer.genesis.header().block_hash)
    court = committee.nodes["court"].key.address
    for receiver, path in ((court, "/peer/blocks"), (ANYBODY, "/peer/hello")):
        asked = caller.signed(path, b"", receiver=receiver, session=NO_SESSION)
        assert word(committee, asked.encode(), path) == "stranger"


def test_a_request_under_anothers_name_is_not_heard(committee: Committee) -> None:
    other = committee.nodes["ca"].key.address
    assert word(committee, request_of(committee, sender=other)) == "signature"


def test_a_request_for_another_chain_is_not_heard(committee: Committee) -> None:
    notary = committee.nodes["notary"].key
    caller = Caller(notary, BlockHash(b"\x01" * 32))
    asked = caller.signed(
        "/peer/blocks", b"", receiver=committee.nodes["court"].key.address, session=NO_SESSION
    )
    assert word(committee, asked.encode()) == "signature"


def test_a_request_to_another_receiver_is_refused(committee: Committee) -> None:
    other = committee.nodes["ca"].key.address
    assert word(committee, request_of(committee, receiver=other)) == "receiver"
    assert word(committee, request_of(committee, receiver=ANYBODY)) == "receiver"


def test_a_request_signed_for_another_path_is_not_heard(committee: Committee) -> None:
    assert word(committee, request_of(committee, "/peer/hello"), "/peer/blocks") == "signature"


def test_a_request_from_before_a_restart_is_not_granted(committee: Committee) -> None:
    content = request_of(committee)
    committee.open()
    assert word(committee, content) == "session"


def test_an_unknown_verb_is_refused(committee: Committee) -> None:
    assert word(committee, request_of(committee, "/peer/rewrite"), "/peer/rewrite") == "verb"


def test_a_node_taken_off_the_list_is_no_longer_heard(committee: Committee) -> None:
    court = committee.directory / "court/nodes.json"
    assert word(committee, request_of(committee)) == ""
    notary = committee.nodes["notary"].key.address.hex0x()
    listed = court.read_text("utf-8")
    court.write_text(listed.replace(notary, "0x" + "99" * 20), "utf-8")
    assert word(committee, request_of(committee)) == "stranger"


def test_an_answer_by_another_than_was_asked_is_refused(committee: Committee) -> None:
    link = committee.parts["notary"].peers.link(committee.nodes["court"].key.address)
    assert link is not None
    link.settle_at("memory:ca instead", committee.wires["ca"])
    with pytest.raises(PeerRefusedError, match="is not court"):
        link.ask("blocks", b"\xc2\x01\x01", seconds=1)


def test_an_answer_to_another_request_is_refused(committee: Committee) -> None:
    court = committee.nodes["court"].key
    granted = Answer(sender=court.address, payload=b"").encode(Bytes32(b"\x01" * 32), court)
    with pytest.raises(PeerRefusedError):
        Answer.decode(granted, Bytes32(b"\x02" * 32))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xc0", b"\xc1" * 5000, bytes(rlp.encode([[b"x"] * 20] * 7)), bytes(rlp.encode([b""] * 7))],
    ids=["nothing", "an empty list", "lists in lists", "lists for bytes", "empty items"],
)
def test_bytes_that_are_no_request_are_refused_in_words(committee: Committee, content: bytes) -> None:
    assert word_of_refusal(committee, content) == "malformed"


def word_of_refusal(committee: Committee, content: bytes) -> str:
    with pytest.raises(PeerRefusedError) as caught:
        committee.parts["court"].desk.answer("/peer/blocks", content)
    return caught.value.word


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_request_with_one_flipped_bit_changes_nothing(committee: Committee, data: st.DataObject) -> None:
    content = request_of(committee)
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    flipped = (int.from_bytes(content) ^ 1 << bit).to_bytes(len(content))
    with pytest.raises(PeerRefusedError):
        committee.parts["court"].desk.answer("/peer/blocks", flipped)


def test_a_message_is_never_a_header_or_a_transaction() -> None:
    request = Request(
        sender=Address(bytes(20)),
        receiver=ANYBODY,
        session=NO_SESSION,
        instance=NO_SESSION,
        counter=1,
        payload=b"",
    )
    assert request.digest("/peer/hello", BlockHash(bytes(32))) != request.digest(
        "/peer/hello", BlockHash(b"\x01" * 32)
    )
