"""The registry contract: its source, and ABI and bytecode as compiled by the pinned solc.

``ContractsRegistry.json`` is checked in; ``python -m solidity.compile --check`` compiles
again and compares. Verifiers pin ``RUNTIME_CODE_HASH``: the contract has no immutables,
so every deployment carries the same code.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TypeAlias, cast

from eth_hash.auto import keccak

from kernel.sized_bytes import Bytes32

__all__ = ["ABI", "BYTECODE", "RUNTIME_BYTECODE", "RUNTIME_CODE_HASH", "AbiEntry"]

AbiEntry: TypeAlias = dict[str, object]

_COMPILED = json.loads(files(__package__).joinpath("ContractsRegistry.json").read_text("utf-8"))

ABI = cast("list[AbiEntry]", _COMPILED["abi"])
"""JSON ABI as solc writes it."""

BYTECODE = bytes.fromhex(_COMPILED["bytecode"])
"""Creation code; the constructor's three addresses are appended ABI-encoded."""

RUNTIME_BYTECODE = bytes.fromhex(_COMPILED["runtime_bytecode"])
"""Code that stands at the registry's address."""

RUNTIME_CODE_HASH = Bytes32(keccak(RUNTIME_BYTECODE))
"""Its keccak-256, the ``codeHash`` of the account."""
