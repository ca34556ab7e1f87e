"""``python -m devnet``: run the development chain from the command line.

    up       one process per operator on this machine
    join     one operator's node alone, with its own directory
    key      draw an operator's key and print its address
    genesis  agree on a chain from the operators' addresses

Exit codes: 0 stopped as asked, 1 a fault (one sentence in English and Chinese on standard
error, and the same as one JSON line on standard output), 2 wrong arguments.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence

from devnet.command_line import parser, run
from devnet.operator_process import fault_report
from kernel.errors import ContractsChainError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    asked = parser().parse_args(arguments)
    try:
        return run(asked)
    except ContractsChainError as problem:
        print(json.dumps(fault_report(problem), ensure_ascii=True), flush=True)
        print(f"{problem.en}\n{problem.zh}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
