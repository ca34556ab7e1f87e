"""The Besu files of docs/besu agree with each other, with the runbook and with our own code.

No Besu node reads them here. The keys behind the examples are public words: the test draws them
again, so that nobody can mistake them for keys of a real network.
"""

from __future__ import annotations

import json
import re
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from eth_keys import keys

from contracts_chain.ledger.extra_data import parse_extra
from devnet.header import MIX_HASH, ExtraData
from devnet.vm import CHAIN_ID, GAS_LIMIT
from kernel.sized_bytes import Address

DOCS = Path(__file__).parents[3] / "docs"
OPERATORS = ("utility", "notary", "court", "ca")
RUNBOOK = (DOCS / "runbooks/besu.md").read_text("utf-8")


def example(kind: str, name: str) -> keys.PublicKey:
    return keys.PrivateKey(sha256(f"EXAMPLE {kind} {name}, never use".encode()).digest()).public_key


def address(kind: str, name: str) -> Address:
    return Address(example(kind, name).to_canonical_address())


@pytest.fixture
def genesis() -> Any:
    return json.loads((DOCS / "besu/genesis.json").read_text("utf-8"))


@pytest.fixture
def permissions() -> Any:
    return tomllib.loads((DOCS / "besu/permissions_config.toml").read_text("utf-8"))


@pytest.fixture
def config() -> Any:
    return tomllib.loads((DOCS / "besu/config.toml").read_text("utf-8"))


def test_extra_data_holds_the_four_validators_by_both_of_our_readers(genesis: Any) -> None:
    encoded = bytes.fromhex(genesis["extraData"][2:])
    expected = tuple(sorted(address("validator", name) for name in OPERATORS))
    ours, evidence = ExtraData.decode(encoded), parse_extra(encoded)
    assert ours.validators == evidence.validators == expected
    assert (ours.vote, ours.round, ours.seals) == ((), 0, ())
    assert ours.vanity == bytes(32)


def test_genesis_has_the_rules_the_product_relies_on(genesis: Any) -> None:
    config = genesis["config"]
    assert config["chainId"] != CHAIN_ID
    assert config["zeroBaseFee"] is True
    assert (config["shanghaiTime"], config["cancunTime"], config["londonBlock"]) == (0, 0, 0)
    assert int(genesis["gasLimit"], 16) == GAS_LIMIT
    assert bytes.fromhex(genesis["mixHash"][2:]) == MIX_HASH
    assert (genesis["difficulty"], genesis["alloc"]) == ("0x1", {})
    assert "emptyblockperiodseconds" not in config["qbft"]
    assert config["qbft"]["epochlength"] == 30_000


def test_static_nodes_and_allowlist_name_the_four_validators(permissions: Any) -> None:
    static = json.loads((DOCS / "besu/static-nodes.json").read_text("utf-8"))
    assert static == permissions["nodes-allowlist"]
    for place, (operator, enode) in enumerate(zip(OPERATORS, static, strict=True)):
        public = example("validator", operator).to_bytes().hex()
        assert enode == f"enode://{public}@192.0.2.{11 + place}:30303"


def test_the_accounts_allowed_are_the_two_of_the_runbook(permissions: Any) -> None:
    accounts = [address("account", name).hex0x() for name in ("admin", "anchor")]
    assert permissions["accounts-allowlist"] == accounts
    for name, listed in zip(("admin", "anchor"), accounts, strict=True):
        assert f"| {name} | `{listed}` |" in RUNBOOK


def test_the_configuration_names_the_files_beside_it_and_listens_on_loopback(config: Any) -> None:
    named = {config[key] for key in config if key.endswith("-file") and isinstance(config[key], str)}
    assert named == {"genesis.json", "static-nodes.json", "permissions_config.toml"}
    assert all((DOCS / "besu" / name).exists() for name in named)
    assert {config[key] for key in config if key.endswith("-host") and key != "p2p-host"} == {"127.0.0.1"}
    assert (config["min-gas-price"], config["data-storage-format"]) == (0, "FOREST")
    assert config["target-gas-limit"] == GAS_LIMIT
    assert config["permissions-nodes-config-file-enabled"] is True
    assert config["permissions-accounts-config-file-enabled"] is True
    assert {"ETH", "NET", "WEB3", "DEBUG", "QBFT", "PERM"} <= set(config["rpc-http-api"])


def test_the_runbook_repeats_the_files_exactly(genesis: Any, config: Any) -> None:
    for place, operator in enumerate(OPERATORS):
        listed = address("validator", operator).hex0x()
        assert f"| {operator} | `{listed}` | 192.0.2.{11 + place} |" in RUNBOOK
    (stated,) = re.findall(r"CONTRACTS_CHAIN_CHAIN_VALIDATORS='(.+)'", RUNBOOK)
    assert json.loads(stated) == {address("validator", name).hex0x(): name for name in OPERATORS}
    assert f"CONTRACTS_CHAIN_CHAIN_ID={genesis['config']['chainId']}" in RUNBOOK
    port = config["rpc-http-port"]
    assert f"CONTRACTS_CHAIN_CHAIN_RPC_URL=http://{config['rpc-http-host']}:{port}" in RUNBOOK
    assert "No Besu node was run" in RUNBOOK


def test_every_setting_of_the_runbook_exists() -> None:
    """Read from the source, because this room must not import the one above it."""
    source = (DOCS.parent / "api/settings.py").read_text("utf-8")
    named = set(re.findall(r"CONTRACTS_CHAIN_([A-Z_]+)=", RUNBOOK))
    assert named
    assert all(re.search(rf"^    {name.lower()}:", source, re.MULTILINE) for name in named)
