"""Hold slither's findings on the registry against their written answers; exit 1 on any other.

    python tools/slither.py

Builds ``.venv-slither`` from requirements/slither.txt where it is absent or older (slither
needs another web3 than the product) and gives slither npm's solc, so that nothing is
downloaded beside the two locked sets. A finding without an answer fails, and so does an
answer without a finding. Answers: solidity/slither-answers.json, argued in
docs/security/slither.md.
"""

import hashlib
import json
import shutil
import subprocess
import sys

from solidity.compile import FOLDER, NAME, NODE, SETTINGS, SOLC

ROOT = FOLDER.parent
HOME = ROOT / ".venv-slither"
LOCK = ROOT / "requirements" / "slither.txt"
ANSWERS = FOLDER / "slither-answers.json"
COMPILER = HOME / "bin" / "npm-solc"
# solc.js leaves before a pipe has taken more than 64 KiB, hence the file
WRAPPER = """#!/bin/sh
test "$1" = --version && exec "{node}" "{solc}" --version
answer=$(mktemp)
"{node}" "{solc}" --standard-json > "$answer"
sed -n '/^{{/,$p' "$answer"
rm "$answer"
"""


def set_up() -> None:
    """Build slither's environment, unless it stands as locked."""
    stamp, wanted = HOME / "locked", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text("ascii") == wanted):
        shutil.rmtree(HOME, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        pip = [HOME / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True)
        (HOME / ".gitignore").write_text("*\n", "ascii")
        stamp.write_text(wanted, "ascii")
    COMPILER.write_text(WRAPPER.format(node=NODE, solc=SOLC), "utf-8")
    COMPILER.chmod(0o755)


def find() -> list[dict[str, str]]:
    """Ask slither; the registry is compiled with the settings it is deployed with."""
    place = f"{FOLDER.name}/{NAME}.sol"
    source = (ROOT / place).read_text("utf-8")
    settings = {name: SETTINGS[name] for name in ("evmVersion", "metadata", "optimizer")}
    request = {"language": "Solidity", "sources": {place: {"content": source}}, "settings": settings}
    done = subprocess.run(
        # -P: this file must not be found under the name of the package
        [HOME / "bin" / "python", "-P", ROOT / "tools" / "slither_findings.py", COMPILER],
        cwd=ROOT,
        input=json.dumps(request),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def differences(found: list[dict[str, str]], answers: list[dict[str, str]]) -> list[str]:
    """One sentence for each finding without an answer and each answer without a finding."""
    answered = {(one["detector"], one["where"]) for one in answers if one["reason"]}
    seen = {(one["detector"], one["where"]) for one in found}
    new = [
        f"{one['impact']} {one['detector']} at {one['where']}: {one['text']}"
        for one in found
        if (one["detector"], one["where"]) not in answered
    ]
    stale = [f"answered, but no longer found: {detector} at {where}" for detector, where in answered - seen]
    return new + sorted(stale)


def main() -> int:
    """Exit 0 if every finding is answered and every answer is needed."""
    set_up()
    found = find()
    odd = differences(found, json.loads(ANSWERS.read_text("utf-8")))
    for line in odd:
        sys.stderr.write(line + "\n")
    if not odd:
        sys.stdout.write(f"slither: {len(found)} findings, all answered\n")
    return 1 if odd else 0


if __name__ == "__main__":
    sys.exit(main())
