"""The audit counts votes as the devnet's validators do, whoever votes for what in which order."""

from __future__ import annotations

import rlp
from evidence_headers import address_of, keys
from evidence_shown_chain import ChainInMemory
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence.audit_votes import EPOCH, VoteTally
from contracts_chain.ledger.header import parse_header
from devnet.header import QbftHeader
from devnet.validator_set import EPOCH as THEIR_EPOCH
from devnet.validator_set import SetState
from kernel.sized_bytes import Address

PEOPLE = [address_of(key) for key in keys(7)]
CHAIN = ChainInMemory()
CHAIN.add()
HEADER = CHAIN.blocks[1]
VOTES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), max_size=60)


def voting(number: int, voter: bytes, candidate: bytes, add: bool) -> bytes:
    fields = rlp.decode(HEADER)
    extra = rlp.decode(fields[12])
    extra[2] = [candidate, b"\xff" if add else b""]
    fields[2], fields[8], fields[12] = voter, number.to_bytes(3).lstrip(b"\x00"), rlp.encode(extra)
    return bytes(rlp.encode(fields))


@given(votes=VOTES, begin=st.sampled_from([1, EPOCH - 5]))
def test_both_tallies_give_the_same_set_after_every_block(
    votes: list[tuple[int, int, bool]], begin: int
) -> None:
    start = tuple(Address(address) for address in sorted(PEOPLE[:4]))
    ours, theirs = VoteTally(start), SetState(validators=start)
    for number, (voter, candidate, add) in enumerate(votes, start=begin):
        if Address(PEOPLE[voter]) not in theirs.validators:
            continue
        content = voting(number, PEOPLE[voter], PEOPLE[candidate], add)
        changed = ours.count(parse_header(content))
        before, theirs = theirs, theirs.after(rlp.decode(content, sedes=QbftHeader))
        assert ours.validators == theirs.validators
        assert changed == (before.validators != theirs.validators)


def test_both_count_by_the_same_epoch() -> None:
    assert EPOCH == THEIR_EPOCH
