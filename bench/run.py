"""``make bench``: every hot path, its bare cost and its peers in the same run.

Machines are noisy, so the works of a row take turns and medians are compared; a goal is a ratio or a
figure, as the row says. Writes bench/results/latest.json and a table; ``python -m bench.rows_…`` runs
the rows of one room alone. Exit 1 if a goal is missed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import (
    rows_ceremony,
    rows_customer_classes,
    rows_deadlines,
    rows_desk,
    rows_devnet,
    rows_drafting,
    rows_framework,
    rows_group,
    rows_keys,
    rows_life,
    rows_log,
    rows_paper,
    rows_pipeline,
    rows_proof,
    rows_registry,
    rows_rules,
    rows_signing,
    rows_sm2,
    rows_verifying,
)
from bench.measuring import Row

RESULTS = Path(__file__).parent / "results" / "latest.json"
ROOMS = (
    rows_paper,
    rows_drafting,
    rows_signing,
    rows_verifying,
    rows_keys,
    rows_sm2,
    rows_ceremony,
    rows_customer_classes,
    rows_framework,
    rows_rules,
    rows_desk,
    rows_life,
    rows_deadlines,
    rows_group,
    rows_log,
    rows_registry,
    rows_proof,
    rows_pipeline,
    rows_devnet,
)


def main() -> int:
    """Measure, write, print."""
    found = [one for room in ROOMS for one in room.rows()]
    RESULTS.write_text(json.dumps({"schema": 1, "rows": found}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    Console(width=150).print(_table(found))
    return 0 if all(one["met"] for one in found) else 1


def _table(found: list[Row]) -> Table:
    table = Table("path", "work", "unit", "ours", "bare", "ours/bare", "peers", "goal", "met")
    for one in found:
        ours, bare = float(str(one["ours"])), float(str(one["bare"]))
        peers = one["peers"]
        beside = (
            ", ".join(f"{name} {figure}" for name, figure in peers.items()) if isinstance(peers, dict) else ""
        )
        ratio = f"{ours / bare:.2f}" if bare else "-"
        met = "yes" if one["met"] else "no"
        figures = (f"{ours:,.2f}", f"{bare:,.2f}", ratio, beside, f"{float(str(one['goal'])):g}", met)
        table.add_row(str(one["name"]), str(one["work"]), str(one["unit"]), *figures)
    return table


if __name__ == "__main__":
    sys.exit(main())
