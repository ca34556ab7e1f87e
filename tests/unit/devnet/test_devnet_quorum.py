"""Waiting for a quorum, giving a proposal up, catching up: four nodes in one process."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
import rlp
from devnet_committee import Committee
from devnet_trade import NOON, Sign

from devnet.chain import PROPOSAL_NOTE
from devnet.errors import PeerRefusedError, SealsRefutedError, StoppedError, WithdrawnError
from devnet.pool import decode_transaction
from devnet.proposal import Proposal
from devnet.seals import verify_seals
from devnet.store_lmdb import Table

START = int(NOON.timestamp())


def heads(committee: Committee) -> list[int]:
    return [committee.nodes[name].chain.head().block_number for name in committee.operators]


def test_with_fewer_than_a_quorum_the_block_waits_and_its_bytes_stay_the_same(
    committee: Committee, sign: Sign
) -> None:
    committee.sleep("court", "ca")
    node = committee.proposer
    node.producer.stop()
    with pytest.raises(StoppedError):
        node.producer.produce([decode_transaction(sign(0, to="0x" + "11" * 20))], timestamp=START + 1)
    stored = node.chain.store.get(Table.NOTES, PROPOSAL_NOTE)
    node = committee.open()
    assert node.chain.store.get(Table.NOTES, PROPOSAL_NOTE) == stored
    produced = node.producer.resume()
    assert produced is not None
    assert stored is not None
    assert rlp.encode(produced.header.sealed(())) == Proposal.decode(stored).header
    assert len(produced.included) == 1


def test_a_block_from_a_clock_that_ran_ahead_is_given_up_and_the_next_one_is_sealed(
    committee: Committee,
) -> None:
    with pytest.raises(WithdrawnError):
        committee.seal(second=10 * 3600)
    assert committee.proposer.chain.store.get(Table.NOTES, PROPOSAL_NOTE) is None
    assert committee.seal(second=1).header.block_number == 1


def test_a_block_that_one_other_has_sealed_is_given_up_when_the_rest_are_a_quorum_without_it(
    committee: Committee,
) -> None:
    committee.proposer.producer.stop()
    committee.sleep("court", "ca")
    with pytest.raises(StoppedError):
        committee.seal(second=1)  # the notary has sealed
    committee.wake("court", "ca")
    node = committee.open()
    committee.clock.advance(timedelta(days=-1))  # now all find it in the future; the notary has sealed it
    with pytest.raises(WithdrawnError):
        node.producer.resume()
    sealed = [name for name in committee.operators if committee.nodes[name].validator.sealed_at(1)]
    assert sealed == ["notary"]
    committee.clock.advance(timedelta(days=2))
    header = committee.seal(second=2).header
    verify_seals(header, node.genesis.validators)
    assert len(header.extra.seals) == 3


def test_a_block_that_two_others_may_have_sealed_is_not_given_up(committee: Committee) -> None:
    committee.proposer.producer.stop()
    committee.sleep("court", "ca")
    with pytest.raises(StoppedError):
        committee.seal(second=1)  # the notary has sealed
    node = committee.open()
    committee.sleep("court")  # who may have sealed too, for all the proposer knows
    committee.clock.advance(timedelta(days=-1))
    node.producer.stop()
    with pytest.raises(StoppedError):
        node.producer.resume()
    assert node.chain.store.get(Table.NOTES, PROPOSAL_NOTE) is not None


def test_a_block_the_proposer_has_sealed_is_never_given_up(
    committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = committee.proposer
    monkeypatch.setattr(node.head, "grow", lambda *_: (_ for _ in ()).throw(StoppedError("cut", "断电")))
    with pytest.raises(StoppedError):
        committee.seal(second=1)
    assert node.validator.sealed_at(1)
    node = committee.open()
    committee.clock.advance(timedelta(days=-1))
    node.producer.stop()
    with pytest.raises(StoppedError):
        node.producer.resume()
    assert node.chain.store.get(Table.NOTES, PROPOSAL_NOTE) is not None
    committee.clock.advance(timedelta(days=1))
    again = committee.open()
    produced = again.producer.resume()
    assert produced is not None


def test_a_validator_that_slept_catches_up_from_another_than_the_proposer(committee: Committee) -> None:
    committee.sleep("ca")
    for second in range(1, 6):
        committee.seal(second=second)
    committee.wake("ca")
    committee.parts["court"].follower.look()
    committee.sleep("utility", "notary")
    committee.parts["ca"].follower.look()
    assert heads(committee) == [5, 5, 5, 5]
    committee.wake("utility", "notary")


def test_a_validator_that_is_behind_says_so_catches_up_and_seals_the_same_proposal(
    committee: Committee,
) -> None:
    committee.sleep("ca")
    committee.seal(second=1)
    committee.wake("ca")
    committee.sleep("notary")
    committee.proposer.producer.stop()
    with pytest.raises(StoppedError):
        committee.seal(second=2)  # court seals; ca is behind
    assert not committee.nodes["ca"].validator.sealed_at(2)
    committee.parts["ca"].follower.look()
    produced = committee.proposer.producer.resume()
    assert produced is not None
    assert committee.nodes["ca"].validator.sealed_at(2)


def test_a_fetched_block_with_too_few_seals_is_refused(committee: Committee) -> None:
    committee.sleep("ca")
    sealed = committee.seal(second=1).header
    bare = sealed.sealed(sealed.extra.seals[:2])
    with pytest.raises(SealsRefutedError, match="needed"):
        committee.parts["ca"].follower._take(Proposal(header=bytes(rlp.encode(bare)), transactions=()))
    assert committee.nodes["ca"].chain.head().block_number == 0


def test_only_the_proposer_may_ask_for_seals(committee: Committee) -> None:
    notary, court = committee.parts["notary"], committee.nodes["court"]
    link = notary.peers.link(court.key.address)
    assert link is not None
    with pytest.raises(PeerRefusedError) as caught:
        link.ask("propose", Proposal(header=b"", transactions=()).encode(), seconds=1)
    assert caught.value.word == "proposer"
    assert not court.validator.sealed_at(1)


def test_a_proposer_that_lost_its_newest_blocks_fetches_them_from_the_others(committee: Committee) -> None:
    """Its store is a day old, its seal record is not: the others have what it sealed."""
    committee.seal(second=1)
    committee.follow()
    committee.close()
    shutil.rmtree(committee.directory / "utility/chain")
    node = committee.open()
    assert node.chain.head().block_number == 0
    with pytest.raises(PeerRefusedError, match="sealed"):
        committee.nodes["notary"].validator.seal(_first_block(committee))
    committee.parts["utility"].follower.look()
    assert node.chain.head().block_number == 1
    assert committee.seal(second=2).header.block_number == 2


def _first_block(committee: Committee) -> Proposal:
    header = committee.nodes["notary"].chain.find_header(1)
    assert header is not None
    return Proposal(header=bytes(rlp.encode(header.sealed(()))), transactions=())
