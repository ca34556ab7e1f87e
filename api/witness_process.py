"""A witness as the house starts it: arguments as one JSON object, ends with its parent.

``contracts-chain witness`` is the same for people; this door loads no command line, which
halves the time until it answers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.child_process import LOCKED
from api.witness_memory import WitnessDirectoryLockedError
from api.witness_server import witness_forever
from kernel.errors import ContractsChainError

__all__ = ["main"]


def main(arguments: str) -> int:
    """Run until standard input closes.

    Returns:
        0 after that; ``LOCKED`` if another process is this witness; 1 if it cannot run, with both
        sentences on standard error.
    """
    asked = json.loads(arguments)
    try:
        return witness_forever(
            Path(asked["directory"]),
            asked["name"],
            asked["logs"],
            "127.0.0.1",
            asked["port"],
            until_stdin_closes=True,
        )
    except WitnessDirectoryLockedError:
        return LOCKED
    except ContractsChainError as problem:
        sys.stderr.write(f"{problem.code}  {problem.zh}\n{problem.en}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
