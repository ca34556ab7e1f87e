"""The same inputs give the same bytes, wherever and whenever a process draws them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("draw_elsewhere.py")


def drawn_in(folder: Path, *, umask: str, turns: int, **surroundings: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "TZ"))}
    command = [sys.executable, str(SCRIPT), umask, str(turns)]
    process = subprocess.run(
        command, cwd=folder, env=kept | surroundings, check=True, capture_output=True, text=True, timeout=120
    )
    return process.stdout


def test_hash_seed_locale_time_zone_umask_folder_and_history_change_no_byte(tmp_path: Path) -> None:
    other = tmp_path / "别处"
    other.mkdir()
    digests = {
        drawn_in(tmp_path, umask="022", turns=0, PYTHONHASHSEED="0", LC_ALL="C", TZ="UTC"),
        drawn_in(other, umask="077", turns=2, PYTHONHASHSEED="4242", LC_ALL="C.UTF-8", TZ="America/New_York"),
        drawn_in(other, umask="000", turns=1, PYTHONHASHSEED="7", PYTHONUTF8="1", TZ="Asia/Shanghai"),
    }
    assert len(digests) == 1
