"""What is added to the case later: the log under SM3, and outside places that hold its block."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_case import ANCHOR_TIME, BLOCK, SEQUENCE, Case

from contracts_chain.evidence.cross_anchor import CheckpointLink, CrossAnchor, CrossAnchorKind
from contracts_chain.evidence.merkle import hash_leaf, hash_twin_leaf
from contracts_chain.evidence.merkle_log import MerkleLog
from contracts_chain.evidence.renewal import Renewal, TwinPath
from contracts_chain.evidence.tree_hash import SM3_TREE
from contracts_chain.ledger.header import parse_header
from kernel.canonical_json import JsonObject, canonical_bytes
from kernel.clock import FixedClock, utc_text
from kernel.sized_bytes import BlockHash, Bytes32
from signing.rfc3161_authority import TestTsa
from signing.token_proof import keep_token

JUDICIAL_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"court chain").digest())
COURT = "司法链沙箱 SANDBOX"
AUTHORITY = "示例时间戳机构 TEST"
FILE = "追加式文件"
RENEWED_AT = ANCHOR_TIME + timedelta(minutes=2)
DEPOSITED_AT = ANCHOR_TIME + timedelta(minutes=3)


def contents_of(case: Case) -> list[bytes]:
    """Every leaf's content in log order: strangers and our records, as ``evidence_case.anchor`` lays them."""
    whole: list[bytes] = []
    for number, logged in enumerate(case.evidence.records):
        whole += [bytes([number, stranger]) for stranger in range(number + 1)]
        whole.append(logged.record.canonical())
    return whole


def renewed(case: Case) -> Case:
    """The case with its log re-hashed at the very checkpoint."""
    tree = MerkleLog(map(hash_twin_leaf, contents_of(case)), tree=SM3_TREE)
    size, root = case.evidence.checkpoint.size, case.evidence.checkpoint.root
    twin = case.chain.twin(SEQUENCE, size, root, Bytes32(tree.root()), number=BLOCK + 2, at=RENEWED_AT)
    paths = tuple(
        TwinPath(index=logged.index, path=tree.inclusion(logged.index, size).path)
        for logged in case.evidence.records
    )
    return case.with_evidence(renewal=Renewal(anchor=twin, inclusion=paths))


def cross_anchored(case: Case) -> Case:
    """Its block at an authority, a later block of the same log in a file and at a court chain."""
    own = parse_header(case.evidence.anchor.header)
    token = keep_token(
        TestTsa(case.ca.tsa_credential, FixedClock(DEPOSITED_AT)).token(bytes(own.block_hash())), case.ca
    )
    stamped = CrossAnchor(
        place=AUTHORITY,
        kind=CrossAnchorKind.RFC3161,
        header_number=own.number,
        header_hash=own.block_hash(),
        proof=token,
    )
    number, block, link = later_block(case)
    trust = replace(
        case.trust, judicial_chains=((COURT, Bytes32(JUDICIAL_KEY.public_key().public_bytes_raw())),)
    )
    anchors = (stamped, _line(number, block, link), receipt(number, block, link))
    return replace(case.with_evidence(cross_anchors=anchors), trust=trust)


def later_block(case: Case) -> tuple[int, BlockHash, CheckpointLink]:
    """A checkpoint that extends the case's, in a block of its own."""
    log = MerkleLog(map(hash_leaf, [*contents_of(case), b"one more", b"and another"]))
    anchor = case.chain.anchor(SEQUENCE + 1, len(log), log.root(), number=BLOCK + 5, at=RENEWED_AT)
    header = parse_header(anchor.header)
    path = log.consistency(case.evidence.checkpoint.size, len(log))
    return header.number, header.block_hash(), CheckpointLink(anchor=anchor, consistency=path)


def _line(number: int, block: BlockHash, link: CheckpointLink) -> CrossAnchor:
    line: JsonObject = {
        "header_hash": block.hex0x(),
        "header_number": number,
        "previous": None,
        "seq": 0,
        "written_utc": utc_text(DEPOSITED_AT),
    }
    return CrossAnchor(
        place=FILE,
        kind=CrossAnchorKind.FILE,
        header_number=number,
        header_hash=block,
        proof=line,
        link=link,
    )


def receipt(
    number: int, block: BlockHash, link: CheckpointLink | None, key: Ed25519PrivateKey = JUDICIAL_KEY
) -> CrossAnchor:
    """What the sandbox answers, by the key of the bundle or by another."""
    stated: JsonObject = {
        "header_hash": block.hex0x(),
        "header_number": number,
        "place": COURT,
        "received_utc": utc_text(DEPOSITED_AT),
        "sandbox": True,
    }
    signature = base64.b64encode(key.sign(canonical_bytes(stated))).decode()
    return CrossAnchor(
        place=COURT,
        kind=CrossAnchorKind.JUDICIAL_CHAIN,
        header_number=number,
        header_hash=block,
        proof={"receipt": stated, "signature": signature},
        link=link,
    )
