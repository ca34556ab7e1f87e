"""A node that lies never yields ``proven``: audit, anchor, twin and status each, one test a lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from evidence_lies import LIES
from evidence_live_chain import LiveLog, leaf, trust_of
from evidence_lying_proxy import Lie, lying_node

from api.audit_chain import AuditRequest, audit_chain
from contracts_chain.ledger.anchor_proof import AnchorProof, StatusProof, TwinProof
from contracts_chain.ledger.status_word import RegistryStatus, StatusChange
from contracts_chain.ledger.verify_anchor import (
    verify_anchor,
    verify_block_seals,
    verify_status,
    verify_twin,
)
from contracts_chain.ledger.web3_registry import Web3Registry
from devnet.launch import RunningDevnet
from kernel.errors import ContractsChainError
from kernel.sized_bytes import Bytes32

TWIN = Bytes32(b"\x53" * 32)


@pytest.fixture(scope="module")
def truth(chain: RunningDevnet) -> LiveLog:
    """Two checkpoints, a twin of the second, and the first leaf's contract terminated."""
    log = LiveLog.on(chain, "lied about")
    log.grow([leaf(1), leaf(2), leaf(3)])
    log.grow([leaf(4), leaf(5)])
    with closing(log.client()) as client:
        signed = client.sign_twin(2, TWIN, client.next_nonce())
        log.mine(client, signed)
        log.anchored.append(signed.hash)
        for status in (RegistryStatus.IN_FORCE, RegistryStatus.TERMINATED):
            change = StatusChange(
                key=leaf(1), status=status, successor=None, index=0, path=log.log.inclusion(0, 5).path
            )
            log.mine(client, client.sign_statuses([change], client.next_nonce()))
    return log


def audited_through(
    url: str, chain: RunningDevnet, truth: LiveLog, folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, object]]:
    trust_of(chain, truth.registry).write(folder)
    capsys.readouterr()
    code = audit_chain(AuditRequest(rpc=url, trust=folder, state=folder / "state.json", as_json=True))
    return code, dict(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_audit_through_a_lying_node_is_never_proven(
    chain: RunningDevnet, truth: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str], lie: Lie
) -> None:
    with lying_node(chain.rpc_url, lie) as url:
        code, report = audited_through(url, chain, truth, tmp_path, capsys)
    assert code in {10, 20}
    assert report["verdict"] in {"refuted", "undecided"}
    assert not (tmp_path / "state.json").exists()


def test_the_same_proxy_telling_the_truth_is_proven(
    chain: RunningDevnet, truth: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lying_node(chain.rpc_url, lambda method, params, honest: honest) as url:
        code, report = audited_through(url, chain, truth, tmp_path, capsys)
    assert (code, report["verdict"]) == (0, "proven")
    events = report["events"]
    assert isinstance(events, dict)
    assert {name: events[name] for name in events if name != "elsewhere"} == {
        "AdminChanged": 1,
        "Anchored": 2,
        "RoleGranted": 2,
        "StatusChanged": 2,
        "TwinAnchored": 1,
    }


def only_two_blocks(method: str, params: list[object], honest: object) -> object:
    return "0x2" if method == "eth_blockNumber" else honest


def test_a_node_that_withholds_the_end_of_a_chain_seen_before_is_undecided(
    chain: RunningDevnet, truth: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited_through(chain.rpc_url, chain, truth, tmp_path, capsys)[0] == 0
    with lying_node(chain.rpc_url, only_two_blocks) as url:
        assert audited_through(url, chain, truth, tmp_path, capsys)[0] == 20


def test_a_node_that_shows_only_old_blocks_is_undecided(
    chain: RunningDevnet, truth: LiveLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(trust_of(chain, truth.registry), greatest_status_age=timedelta(0)).write(tmp_path)
    with lying_node(chain.rpc_url, only_two_blocks) as url:
        code = audit_chain(AuditRequest(rpc=url, trust=tmp_path, as_json=True))
    assert (code, json.loads(capsys.readouterr().out)["findings"][0]["code"]) == (20, "chain_stale")


def told_of(
    client: Web3Registry, capture: Callable[[], AnchorProof | TwinProof | StatusProof]
) -> AnchorProof | TwinProof | StatusProof | None:
    """What was captured through the node, or nothing where the lie was noticed."""
    with closing(client):
        try:
            return capture()
        except ContractsChainError:
            return None


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_anchor_captured_through_a_lying_node_verifies_only_if_it_is_true(
    chain: RunningDevnet, truth: LiveLog, lie: Lie
) -> None:
    trust = trust_of(chain, truth.registry).chain
    with lying_node(chain.rpc_url, lie) as url:
        client = truth.client(url)
        proof = told_of(client, lambda: client.capture(truth.anchored[1]))
    try:
        assert isinstance(proof, AnchorProof | None)
        found = None if proof is None else verify_anchor(proof, trust)
        if proof is not None:
            verify_block_seals(proof.header, trust)
    except ContractsChainError:
        return
    if found is not None:
        assert (found.sequence, found.size, found.root) == (2, 5, truth.log.root())


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_twin_captured_through_a_lying_node_verifies_only_if_it_is_true(
    chain: RunningDevnet, truth: LiveLog, lie: Lie
) -> None:
    trust = trust_of(chain, truth.registry).chain
    with lying_node(chain.rpc_url, lie) as url:
        client = truth.client(url)
        proof = told_of(client, lambda: client.capture_twin(truth.anchored[2]))
    try:
        assert isinstance(proof, TwinProof | None)
        found = None if proof is None else verify_twin(proof, trust)
        if proof is not None:
            verify_block_seals(proof.header, trust)
    except ContractsChainError:
        return
    if found is not None:
        assert (found.sequence, found.size, found.twin_root) == (2, 5, TWIN)


def in_force(method: str, params: list[object], honest: object) -> object:
    """The terminated contract shown in force: the word changed, its proof kept."""
    if method != "eth_getProof" or not isinstance(honest, dict):
        return honest
    return {**honest, "storageProof": [{**one, "value": "0x1"} for one in honest["storageProof"]]}


def never_written(method: str, params: list[object], honest: object) -> object:
    """The terminated contract shown as never heard of."""
    if method != "eth_getProof" or not isinstance(honest, dict):
        return honest
    return {
        **honest,
        "storageProof": [{**one, "value": "0x0", "proof": []} for one in honest["storageProof"]],
    }


STATUS_LIES = {**LIES, "in force": in_force, "never written": never_written}


@pytest.mark.parametrize("lie", STATUS_LIES.values(), ids=STATUS_LIES)
def test_a_status_captured_through_a_lying_node_verifies_only_if_it_is_true(
    chain: RunningDevnet, truth: LiveLog, lie: Lie
) -> None:
    trust = trust_of(chain, truth.registry).chain
    with lying_node(chain.rpc_url, lie) as url:
        client = truth.client(url)
        proof = told_of(client, lambda: client.capture_status(leaf(1)))
    try:
        assert isinstance(proof, StatusProof | None)
        found = None if proof is None else verify_status(proof, trust)
    except ContractsChainError:
        return
    assert found is None or found.status is RegistryStatus.TERMINATED or found.block_number == 1
