"""The receiver's check of docs/formats/callbacks.md, run as it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "formats" / "callbacks.md").read_text("utf-8")


def documented_check() -> Callable[..., bool]:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    names: dict[str, Callable[..., bool]] = {}
    exec(found[1], names)  # type: ignore[arg-type]
    return names["is_ours"]
