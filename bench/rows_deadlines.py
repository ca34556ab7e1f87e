"""The overdue list and the figures on a large office: milliseconds a page.

Run alone with ``python -m bench.rows_deadlines``. Bare cost beside each: reading rows from the
same PostgreSQL and doing nothing with them. Both goals are a second, what a clerk waits for gladly.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine, text

from bench.measuring import Row, median_ms, row
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.deadlines import orders_in_progress
from contracts_chain.workflows.figures import figures_of
from kernel.clock import FixedClock

LIVE, DONE, TURNS = 2_000, 20_000, 5
LIST_GOAL_MS, FIGURES_GOAL_MS = 1_000.0, 1_000.0
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)

MILESTONES = text("""
    INSERT INTO order_milestones
        (order_no, key, kind, recorded_utc, actor, channel, province, district, note)
    SELECT CAST(:prefix AS text) || n, step.kind, step.kind,
        CAST(:begun AS timestamptz) + (step.after - n % 300) * INTERVAL '1 day',
        'bench', 'WSGW_APP', 'ZJ', '县区' || n % 12, ''
    FROM generate_series(1, CAST(:orders AS int)) n,
        unnest(CAST(:kinds AS text[]), CAST(:days AS int[])) AS step(kind, after)
""")
CONTRACTS = text("""
    INSERT INTO agreements
        (id, number, kind, order_no, state, evidence_state, version, terms, rule_pack, profile, template,
        template_sha256, drafted_by, drafted_utc, not_before_number, not_before_hash, pages, executed_utc)
    SELECT 'B' || n, 'B' || n, CASE n % 3 WHEN 0 THEN 'HV_SUPPLY' ELSE 'LV_RES_SUPPLY' END, 'DONE-' || n,
        'executed', 'final', 1, '', '2026.1', 'ZJ', 't', '', 'bench', CAST(:begun AS timestamptz), 1, '', 1,
        CAST(:begun AS timestamptz) + (n % 40 - n % 300) * INTERVAL '1 day'
    FROM generate_series(1, CAST(:orders AS int)) n
""")


def rows() -> list[Row]:
    """Two rows, in the form of DESIGN §6."""
    with tempfile.TemporaryDirectory() as directory, EmbeddedPostgres.start(Path(directory) / "pg") as server:
        engine = open_engine(server.url)
        migrate(engine)
        fill(engine)
        found = list(_measured(engine))
        engine.dispose()
    return found


def fill(engine: Engine) -> None:
    """Orders under way and orders done, a year of them."""
    begun = NOW - timedelta(days=40)
    with engine.begin() as connection:
        for prefix, orders, steps in (
            ("LIVE-", LIVE, {"application_received": 0, "scheme_replied": 3, "acceptance_asked": 20}),
            (
                "DONE-",
                DONE,
                {"application_received": 0, "scheme_replied": 3, "accepted": 30, "energised": 41},
            ),
        ):
            values = {"prefix": prefix, "orders": orders, "begun": begun}
            connection.execute(MILESTONES, values | {"kinds": list(steps), "days": list(steps.values())})
        connection.execute(CONTRACTS, {"orders": DONE, "begun": begun})
        connection.execute(text("ANALYZE"))


def _measured(engine: Engine) -> Iterator[Row]:
    office: Any = SimpleNamespace(clock=FixedClock(NOW), work=lambda: SqlUnitOfWork(engine))

    def read(query: str) -> list[object]:
        with engine.connect() as connection:
            return list(connection.execute(text(query)))

    live = len(orders_in_progress(office))
    ours, bare = median_ms(
        [lambda: orders_in_progress(office), lambda: read("SELECT * FROM order_milestones")], TURNS
    )
    work = f"every clock and mark of {live:,} orders in progress beside {DONE:,} done"
    yield row("overdue list", work, "ms", ours, bare, goal=LIST_GOAL_MS, met=ours <= LIST_GOAL_MS)
    calendar_free = "SELECT count(*) FROM order_milestones JOIN agreements USING (order_no)"
    ours, bare = median_ms([lambda: figures_of(office, "ZJ"), lambda: read(calendar_free)], TURNS)
    work = f"average, p50, p90 by six cuts over {DONE:,} contracts, with the overdue list"
    yield row("figures", work, "ms", ours, bare, goal=FIGURES_GOAL_MS, met=ours <= FIGURES_GOAL_MS)


if __name__ == "__main__":
    print(json.dumps(rows(), ensure_ascii=False, indent=2))
