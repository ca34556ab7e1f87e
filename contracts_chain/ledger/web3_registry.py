"""The registry on a real chain: ``AnchorChain`` over JSON-RPC (Besu, devnet, anvil).

Holds the anchorer's key but no nonce: nonces are the outbox's. Keeps no other state, so
any number of processes may read; one owner signs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from contracts_chain.ledger.anchor_port import BlockRef, MinedTransaction, RegistryHead, SignedTransaction
from contracts_chain.ledger.anchor_proof import AnchorProof, StatusProof, TwinProof
from contracts_chain.ledger.header import BlockHeader
from contracts_chain.ledger.keccak import keccak256
from contracts_chain.ledger.receipt import ANCHORED_TOPIC
from contracts_chain.ledger.registry_calls import (
    ANCHOR_GAS_LIMIT,
    DEPLOY_GAS_LIMIT,
    HEAD_CALL,
    TWIN_GAS_LIMIT,
    address_of,
    anchor_call,
    created_address,
    creation_code,
    sign_call,
    status_gas_limit,
    statuses_call,
    twin_call,
)
from contracts_chain.ledger.rpc_json import hex_bytes, items, members, no_answer, quantity
from contracts_chain.ledger.status_word import StatusChange
from contracts_chain.ledger.verify_anchor import AnchoredCheckpoint
from contracts_chain.ledger.web3_capture import (
    capture_anchor,
    capture_status,
    capture_twin,
    fetch_block,
    fetch_receipt,
)
from contracts_chain.ledger.web3_endpoint import RpcRefusedError, Web3Endpoint
from kernel.canonical_json import JsonValue
from kernel.errors import FaultError
from kernel.sized_bytes import Address, BlockHash, Bytes32, LeafHash, RootHash, TransactionHash
from solidity import RUNTIME_CODE_HASH

__all__ = ["RegistryMissingError", "Web3Registry", "deploy"]

_BLOCKS_A_QUESTION = 5_000
_DEPLOY_PATIENCE_SECONDS = 60.0
# "Go and look" (reference chain §8): words of Besu, geth, anvil and the devnet for bytes they have
_ALREADY_THERE = ("already known", "known transaction", "already imported", "nonce too low")


class RegistryMissingError(FaultError):
    """No registry is configured, or none of our code stands at its address."""

    code = "registry_missing"


class Web3Registry:
    """``AnchorChain`` over one endpoint."""

    def __init__(
        self,
        rpc_url: str,
        chain_id: int,
        registry: Address | None,
        key: bytes,
        *,
        expected_genesis: BlockHash | None = None,
        token: str | None = None,
    ) -> None:
        """Remember endpoint and key; nothing is sent yet.

        Args:
            rpc_url: JSON-RPC endpoint.
            chain_id: Expected EIP-155 id; another one is refused before anything is sent.
            registry: Address of the contract; ``None`` until it is deployed.
            key: 32-byte secp256k1 key of the anchorer.
            expected_genesis: Hash of block 0, where known; another one is refused.
            token: Bearer token, where the endpoint asks for one.
        """
        self._endpoint = Web3Endpoint(rpc_url, chain_id, expected_genesis=expected_genesis, token=token)
        self._chain_id = chain_id
        self._registry = registry
        self._key = key
        self._sender = address_of(key)

    @property
    def sender(self) -> Address:
        """Account whose nonces ``sign_*`` use."""
        return self._sender

    @property
    def address(self) -> Address:
        """Where the registry stands.

        Raises:
            RegistryMissingError: None is configured yet.
        """
        if self._registry is None:
            raise RegistryMissingError(
                "no registry address is configured; deploy the registry first",
                "尚未配置登记合约地址；请先部署登记合约",
            )
        return self._registry

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()

    def head(self) -> RegistryHead:
        """Newest checkpoint the registry accepted."""
        call: JsonValue = {"to": self.address.hex0x(), "data": "0x" + HEAD_CALL.hex()}
        words = hex_bytes(self._endpoint.ask("eth_call", [call, "latest"]), "head")
        if len(words) != 96:
            raise _missing(self.address)
        sequence, size = int.from_bytes(words[:32]), int.from_bytes(words[32:64])
        return RegistryHead(sequence=sequence, size=size, root=RootHash(words[64:]) if sequence else None)

    def latest_block(self) -> BlockRef:
        """Newest block; final at once under QBFT."""
        return _reference(fetch_block(self._endpoint, "latest").header)

    def header(self, number: int) -> bytes:
        """Exact RLP bytes of the sealed header at a height."""
        return fetch_block(self._endpoint, hex(number)).header_bytes

    def sign_anchor(
        self, sequence: int, size: int, root: RootHash, consistency_proof: Sequence[Bytes32], nonce: int
    ) -> SignedTransaction:
        """Sign ``anchor(...)`` without touching the network."""
        return self._sign(anchor_call(sequence, size, root, consistency_proof), nonce, ANCHOR_GAS_LIMIT)

    def sign_twin(self, sequence: int, twin_root: Bytes32, nonce: int) -> SignedTransaction:
        """Sign ``anchorTwin(...)`` without touching the network."""
        return self._sign(twin_call(sequence, twin_root), nonce, TWIN_GAS_LIMIT)

    def sign_statuses(self, changes: Sequence[StatusChange], nonce: int) -> SignedTransaction:
        """Sign ``setStatuses(...)`` without touching the network."""
        return self._sign(statuses_call(changes), nonce, status_gas_limit(changes))

    def next_nonce(self) -> int:
        """Mined transactions of the sender: for bootstrap and reconciliation only."""
        return _mined_count(self._endpoint, self._sender)

    def submit(self, transaction: SignedTransaction) -> None:
        """Send stored bytes; already known or already mined is no error.

        Raises:
            RpcRefusedError: The node refuses the bytes for another reason.
        """
        _send(self._endpoint, transaction)

    def find_mined(self, transaction_hash: TransactionHash) -> MinedTransaction | None:
        """Where the transaction was mined, if it was."""
        receipt = fetch_receipt(self._endpoint, transaction_hash)
        if receipt is None:
            return None
        return MinedTransaction(
            block_number=quantity(receipt.get("blockNumber"), "blockNumber"),
            gas_used=quantity(receipt.get("gasUsed"), "gasUsed"),
            transaction_index=quantity(receipt.get("transactionIndex"), "transactionIndex"),
        )

    def capture(self, transaction_hash: TransactionHash) -> AnchorProof:
        """Collect and verify the proof of a mined anchor."""
        return capture_anchor(self._endpoint, self.address, transaction_hash)

    def capture_twin(self, transaction_hash: TransactionHash) -> TwinProof:
        """Collect and verify the proof of a mined twin."""
        return capture_twin(self._endpoint, self.address, transaction_hash)

    def capture_status(self, key: LeafHash) -> StatusProof:
        """Collect and verify the status word, or its absence, at the newest block."""
        return capture_status(self._endpoint, self.address, key)

    def read_checkpoints(self, from_block: int) -> Iterator[AnchoredCheckpoint]:
        """All ``Anchored`` events from a block on, oldest first, on the node's word."""
        newest = quantity(self._endpoint.ask("eth_blockNumber", []), "blockNumber")
        for start in range(from_block, newest + 1, _BLOCKS_A_QUESTION):
            wanted: JsonValue = {
                "address": self.address.hex0x(),
                "topics": [ANCHORED_TOPIC.hex0x()],
                "fromBlock": hex(start),
                "toBlock": hex(min(start + _BLOCKS_A_QUESTION - 1, newest)),
            }
            for log in items(self._endpoint.ask("eth_getLogs", [wanted]), "logs"):
                yield self._checkpoint(members(log, "log"))

    def genesis_hash(self) -> BlockHash:
        """Hash of block 0."""
        return fetch_block(self._endpoint, "0x0").header.block_hash()

    def code_hash(self) -> Bytes32:
        """Keccak of the code at the registry's address."""
        return keccak256(
            hex_bytes(self._endpoint.ask("eth_getCode", [self.address.hex0x(), "latest"]), "code")
        )

    def _sign(self, payload: bytes, nonce: int, gas_limit: int) -> SignedTransaction:
        return sign_call(
            self._key,
            chain_id=self._chain_id,
            nonce=nonce,
            to=self.address,
            payload=payload,
            gas_limit=gas_limit,
        )

    def _checkpoint(self, log: Mapping[str, JsonValue]) -> AnchoredCheckpoint:
        topics = items(log.get("topics"), "topics")
        words = hex_bytes(log.get("data"), "data")
        if len(topics) != 2 or len(words) != 64:
            raise no_answer("an Anchored log has another shape")
        block = fetch_block(self._endpoint, hex(quantity(log.get("blockNumber"), "blockNumber"))).header
        return AnchoredCheckpoint(
            sequence=quantity(topics[1], "sequence"),
            size=int.from_bytes(words[:32]),
            root=RootHash(words[32:]),
            block_number=block.number,
            block_hash=block.block_hash(),
            block_time_utc=block.time_utc,
            transaction_hash=TransactionHash(hex_bytes(log.get("transactionHash"), "transactionHash")),
        )


def deploy(
    rpc_url: str,
    key: bytes,
    chain_id: int,
    *,
    anchorer: Address,
    status_keeper: Address | None = None,
    admin: Address | None = None,
    token: str | None = None,
) -> Address:
    """Deploy a registry and wait until its code stands; the caller remembers that it did.

    Args:
        rpc_url: JSON-RPC endpoint.
        key: 32-byte secp256k1 key of the deploying account.
        chain_id: Expected EIP-155 id.
        anchorer: First account with the ANCHOR role.
        status_keeper: First account with the STATUS role; the anchorer unless given.
        admin: Grants and revokes roles; the deploying account unless given.
        token: Bearer token, where the endpoint asks for one.

    Raises:
        ChainUnavailableError: No answer, or not mined within a minute; a second call may
            then leave a registry that nobody uses, and does no other harm.
        RegistryMissingError: Mined, but other code stands at the address.
        ForeignChainError: The endpoint serves another chain.
    """
    endpoint = Web3Endpoint(rpc_url, chain_id, token=token)
    sender = address_of(key)
    try:
        nonce = _mined_count(endpoint, sender)
        code = creation_code(admin or sender, anchorer, status_keeper or anchorer)
        creation = sign_call(
            key, chain_id=chain_id, nonce=nonce, to=None, payload=code, gas_limit=DEPLOY_GAS_LIMIT
        )
        _send(endpoint, creation)
        _wait_mined(endpoint, creation.hash)
        address = created_address(sender, nonce)
        found = hex_bytes(endpoint.ask("eth_getCode", [address.hex0x(), "latest"]), "code")
    finally:
        endpoint.close()
    if keccak256(found) != RUNTIME_CODE_HASH:
        raise _missing(address)
    return address


def _wait_mined(endpoint: Web3Endpoint, transaction_hash: TransactionHash) -> None:
    deadline = time.monotonic() + _DEPLOY_PATIENCE_SECONDS
    while fetch_receipt(endpoint, transaction_hash) is None:
        if time.monotonic() > deadline:
            raise no_answer(f"{transaction_hash.hex0x()} is not mined")
        time.sleep(0.05)


def _mined_count(endpoint: Web3Endpoint, account: Address) -> int:
    return quantity(endpoint.ask("eth_getTransactionCount", [account.hex0x(), "latest"]), "nonce")


def _send(endpoint: Web3Endpoint, transaction: SignedTransaction) -> None:
    try:
        endpoint.ask("eth_sendRawTransaction", ["0x" + transaction.raw.hex()])
    except RpcRefusedError as refusal:
        if not any(words in refusal.reason.lower() for words in _ALREADY_THERE):
            raise


def _reference(header: BlockHeader) -> BlockRef:
    return BlockRef(number=header.number, hash=header.block_hash(), time_utc=header.time_utc)


def _missing(address: Address) -> RegistryMissingError:
    return RegistryMissingError(
        f"our registry's code does not stand at {address.hex0x()}; check address and chain",
        f"{address.hex0x()} 上没有登记合约代码；请核对地址与链",
    )
