"""The set after each block by Besu's rules, and the ballots behind the votes."""

from __future__ import annotations

from typing import Any

import pytest
from coincurve import PrivateKey
from devnet_committee import Committee
from hypothesis import given
from hypothesis import strategies as st

from devnet.ballot import Ballot, cast_ballot, verify_ballot
from devnet.chain import PROPOSAL_NOTE
from devnet.errors import BallotRefusedError, ProposalRefusedError
from devnet.header import VANITY, ExtraData, QbftHeader
from devnet.proposal import Proposal
from devnet.seals import address_of
from devnet.store_lmdb import Table
from devnet.validator_set import EPOCH, SetState, Vote
from kernel.sized_bytes import Address, BlockHash

KEYS = sorted((PrivateKey(bytes([n]) * 32) for n in range(1, 9)), key=lambda key: address_of(key.public_key))
MEMBERS = tuple(address_of(key.public_key) for key in KEYS)
STRANGER = Address(b"\x99" * 20)
GENESIS = BlockHash(b"\x07" * 32)


def voted(state: SetState, vote: Vote | None, number: int = 5) -> SetState:
    extra = ExtraData(
        vanity=VANITY,
        validators=state.validators,
        vote=vote.extra_items() if vote else (),
        round=0,
        seals=(),
    )
    coinbase = vote.voter if vote else state.validators[0]
    header = QbftHeader(
        block_number=number, extra_data=extra.encode(), coinbase=coinbase, difficulty=1, gas_limit=1
    )
    return state.after(header)


def votes(state: SetState, voters: tuple[Address, ...], candidate: Address, *, add: bool) -> SetState:
    for voter in voters:
        state = voted(state, Vote(voter=voter, candidate=candidate, add=add))
    return state


@pytest.mark.parametrize(("size", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4)])
def test_a_change_needs_more_than_half_of_the_present_validators(size: int, needed: int) -> None:
    state = SetState(validators=MEMBERS[:size])
    before = votes(state, MEMBERS[: needed - 1], STRANGER, add=True)
    assert before.validators == state.validators
    after = voted(before, Vote(voter=MEMBERS[needed - 1], candidate=STRANGER, add=True))
    assert after.validators == tuple(sorted((*state.validators, STRANGER)))
    assert after.open_votes == {}


def test_the_same_voter_twice_counts_once_and_may_change_its_mind() -> None:
    state = SetState(validators=MEMBERS[:4])
    twice = votes(state, (MEMBERS[0],) * 5, STRANGER, add=True)
    assert twice.validators == state.validators
    assert twice.turn(MEMBERS[0]) == 5
    changed = votes(twice, (MEMBERS[0],), STRANGER, add=False)
    assert changed.holds(Vote(voter=MEMBERS[0], candidate=STRANGER, add=False))
    assert votes(changed, MEMBERS[1:3], STRANGER, add=True).validators == state.validators


def test_the_votes_of_a_dropped_validator_no_longer_count() -> None:
    state = SetState(validators=MEMBERS[:4])
    state = votes(state, (MEMBERS[3], MEMBERS[0]), STRANGER, add=True)
    state = votes(state, MEMBERS[:3], MEMBERS[3], add=False)
    assert state.validators == MEMBERS[:3]
    assert state.open_votes == {(STRANGER, MEMBERS[0]): True}


def test_an_epoch_forgets_every_open_vote_and_no_turn() -> None:
    state = votes(SetState(validators=MEMBERS[:4]), MEMBERS[:2], STRANGER, add=True)
    state = votes(state, MEMBERS[:1], MEMBERS[3], add=False)
    after = voted(state, None, number=EPOCH)
    assert after.open_votes == {}
    assert (after.turns, after.validators) == (state.turns, state.validators)


ballots = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([*MEMBERS[:5], STRANGER]), st.booleans()), max_size=30
)


@given(ballots)
def test_a_set_state_reads_back_and_never_holds_votes_by_strangers(cast: list[Any]) -> None:
    state = SetState(validators=MEMBERS[:4])
    for voter, candidate, add in cast:
        if MEMBERS[voter] in state.validators and len(state.validators) > 1:
            state = voted(state, Vote(voter=MEMBERS[voter], candidate=candidate, add=add))
    assert SetState.decode(state.encode()) == state
    assert {voter for _, voter in state.open_votes} <= set(state.validators)
    assert list(state.validators) == sorted(set(state.validators))


def ballot(**changed: Any) -> Ballot:
    fields = {"genesis_hash": GENESIS, "candidate": STRANGER, "add": True, "serial": 0, **changed}
    return cast_ballot(KEYS[0], **fields)


def test_a_ballot_reads_back_and_proves_itself() -> None:
    cast = Ballot.decode(ballot().encode())
    verify_ballot(cast, genesis_hash=GENESIS, state=SetState(validators=MEMBERS[:4]))


@pytest.mark.parametrize(
    "forged",
    [
        ballot(genesis_hash=BlockHash(bytes(32))),
        ballot(serial=1),
        Ballot(
            vote=Vote(voter=MEMBERS[0], candidate=STRANGER, add=False), serial=0, signature=ballot().signature
        ),
        Ballot(
            vote=Vote(voter=MEMBERS[1], candidate=STRANGER, add=True), serial=0, signature=ballot().signature
        ),
        Ballot(
            vote=Vote(voter=MEMBERS[0], candidate=MEMBERS[7], add=True),
            serial=0,
            signature=ballot().signature,
        ),
        Ballot(vote=ballot().vote, serial=0, signature=bytes(65)),
        cast_ballot(KEYS[7], genesis_hash=GENESIS, candidate=STRANGER, add=True, serial=0),
    ],
    ids=["chain", "serial", "flag", "voter", "candidate", "no signature", "no member"],
)
def test_a_ballot_with_one_thing_changed_is_refused(forged: Ballot) -> None:
    with pytest.raises(BallotRefusedError):
        verify_ballot(forged, genesis_hash=GENESIS, state=SetState(validators=MEMBERS[:4]))


def cast(committee: Committee, operator: str, candidate: Address, *, add: bool, serial: int = 0) -> Ballot:
    node = committee.nodes[operator]
    return cast_ballot(
        node.key.secret,
        genesis_hash=node.genesis.header().block_hash,
        candidate=candidate,
        add=add,
        serial=serial,
    )


def test_three_of_four_votes_drop_a_validator_whose_seal_then_refuses_a_header(committee: Committee) -> None:
    court = committee.nodes["court"].key.address
    for second, operator in enumerate(("utility", "notary", "ca"), start=1):
        produced = committee.seal(second=second, ballot=cast(committee, operator, court, add=False))
        assert Address(produced.header.coinbase) == committee.nodes[operator].key.address
    after = committee.seal(second=9).header
    assert court not in after.extra.validators
    assert len(after.extra.validators) == 3
    committee.follow()
    assert {node.chain.head().hash for node in committee.nodes.values()} == {after.hash}


def test_a_spent_ballot_cannot_serve_again(committee: Committee) -> None:
    spent = cast(committee, "notary", STRANGER, add=True)
    committee.seal(second=1, ballot=spent)
    node = committee.proposer
    with pytest.raises(BallotRefusedError, match="serial"):
        committee.parts["utility"]._ballots.put(spent)
    committee.follow()
    proposal = unsealed(committee, spent, second=2)
    with pytest.raises(ProposalRefusedError, match="serial"):
        committee.nodes["court"].check.verify(proposal)
    assert node.chain.set_after(1).turn(committee.nodes["notary"].key.address) == 1


def test_a_vote_without_its_voters_ballot_is_not_sealed(committee: Committee) -> None:
    proposal = unsealed(committee, cast(committee, "notary", STRANGER, add=True), second=1)
    others = cast(committee, "ca", STRANGER, add=True).encode()
    for wrong in (b"", others, b"\x01"):
        with pytest.raises(ProposalRefusedError):
            committee.nodes["court"].check.verify(
                Proposal(header=proposal.header, transactions=(), ballot=wrong)
            )


def test_the_proposer_can_not_be_voted_out(committee: Committee) -> None:
    wishes = committee.parts["notary"]._wishes
    with pytest.raises(BallotRefusedError, match="proposer"):
        wishes.wish(committee.proposer.key.address, add=False)
    assert wishes.pending() == {}


def test_a_wish_survives_a_restart_until_it_is_discarded(committee: Committee) -> None:
    committee.parts["notary"]._wishes.wish(STRANGER, add=True)
    committee.open()
    wishes = committee.parts["notary"]._wishes
    assert wishes.pending() == {STRANGER: True}
    assert wishes.due() is not None
    wishes.discard(STRANGER)
    assert wishes.due() is None


def test_a_wish_reaches_the_proposer_and_is_cast_once(committee: Committee) -> None:
    committee.parts["notary"]._wishes.wish(STRANGER, add=True)
    committee.follow()
    waiting = committee.parts["utility"]._next_ballot()
    assert waiting is not None
    committee.seal(second=1, ballot=waiting)
    committee.follow()
    assert committee.parts["utility"]._next_ballot() is None
    assert committee.parts["notary"]._wishes.due() is None


def unsealed(committee: Committee, ballot_: Ballot, *, second: int) -> Proposal:
    """A proposal that carries the ballot, never sealed."""
    committee.sleep("notary", "court", "ca")
    producer = committee.proposer.producer
    producer.stop()
    with pytest.raises(Exception, match="waits for seals"):
        committee.seal(second=second, ballot=ballot_)
    committee.wake("notary", "court", "ca")
    encoded = committee.proposer.chain.store.get(Table.NOTES, PROPOSAL_NOTE)
    assert encoded is not None
    return Proposal.decode(encoded)
