"""A validator's signed wish to add or drop a validator, good for one block.

Decides who may be named as voter in a block that the proposer builds: only one who signed
exactly this. The digest is keccak of a 32-byte text, the genesis hash, candidate, flag and
serial number; it begins with a letter, where an RLP header begins with a byte above 0xf7,
so no ballot is ever a commit seal. The serial is the voter's ``turn`` in the set state:
once the vote stands in a header, the ballot is spent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import rlp
from coincurve import PrivateKey
from eth_hash.auto import keccak
from rlp.exceptions import RLPException

from devnet.errors import BallotRefusedError, SealsRefutedError
from devnet.seals import address_of, recover_sealer, seal_digest
from devnet.validator_set import SetState, Vote
from kernel.sized_bytes import Address, BlockHash, Bytes32

__all__ = ["Ballot", "cast_ballot", "verify_ballot", "verify_vote_matters"]

_DOMAIN = b"contracts-chain devnet ballot v1".ljust(32, b"\x00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One vote with its serial number and the voter's signature."""

    vote: Vote
    serial: int
    signature: bytes

    def encode(self) -> bytes:
        """RLP of voter, candidate, flag (1 add, 0 drop), serial, signature."""
        vote = self.vote
        return bytes(rlp.encode([vote.voter, vote.candidate, int(vote.add), self.serial, self.signature]))

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read what ``encode`` wrote.

        Raises:
            BallotRefusedError: Other bytes.
        """
        try:
            voter, candidate, flag, serial, signature = rlp.decode(encoded)
            vote = Vote(voter=Address(voter), candidate=Address(candidate), add=flag == b"\x01")
            ballot = cls(vote=vote, serial=int.from_bytes(serial), signature=bytes(signature))
            canonical = ballot.encode() == encoded
        except (RLPException, ValueError, TypeError) as problem:
            raise _refused("it cannot be decoded", "无法解码") from problem
        if not canonical:
            raise _refused("it is not in canonical form", "编码不规范")
        return ballot


def cast_ballot(
    key: PrivateKey, *, genesis_hash: BlockHash, candidate: Address, add: bool, serial: int
) -> Ballot:
    """Sign a vote with a validator's key."""
    vote = Vote(voter=address_of(key.public_key), candidate=candidate, add=add)
    digest = _digest(genesis_hash, vote, serial)
    return Ballot(vote=vote, serial=serial, signature=seal_digest(digest, key))


def verify_ballot(ballot: Ballot, *, genesis_hash: BlockHash, state: SetState) -> None:
    """Prove that a present validator signed this vote for its present turn.

    Raises:
        BallotRefusedError: Forged, of another chain, already used, or by nobody in the set.
    """
    digest = _digest(genesis_hash, ballot.vote, ballot.serial)
    try:
        signer = recover_sealer(digest, ballot.signature)
    except SealsRefutedError as problem:
        raise _refused("its signature is none", "签名无效") from problem
    if signer != ballot.vote.voter:
        raise _refused("the voter did not sign it", "并非投票人签署")
    if signer not in state.validators:
        raise _refused("the voter is not a validator", "投票人不是验证人")
    if ballot.serial != state.turn(signer):
        raise _refused("its serial number is not the voter's next", "序号不是该投票人的下一号")


def verify_vote_matters(candidate: Address, add: bool, *, state: SetState, proposer: Address) -> None:
    """Refuse a vote that changes nothing or would end the chain.

    Raises:
        BallotRefusedError: A member to add, a stranger to drop, the proposer, or the last one.
    """
    if add is (candidate in state.validators):
        raise _refused("the set already is as it asks", "验证人名单已是如此")
    if not add and candidate == proposer:
        raise _refused("the proposer cannot be dropped, the chain would end", "不能移除出块人，否则链将停止")


def _digest(genesis_hash: BlockHash, vote: Vote, serial: int) -> Bytes32:
    flag = b"\x01" if vote.add else b"\x00"
    return Bytes32(keccak(_DOMAIN + genesis_hash + vote.candidate + flag + serial.to_bytes(8)))


def _refused(en: str, zh: str) -> BallotRefusedError:
    return BallotRefusedError(
        f"ballot refused: {en}; ask qbft_getValidatorsByBlockNumber and vote again if it is still wanted",
        f"投票被拒绝（{zh}）；请先用 qbft_getValidatorsByBlockNumber 查询，如仍需要再重新投票",
    )
