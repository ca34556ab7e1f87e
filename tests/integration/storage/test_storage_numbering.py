"""Numbers without gap or double: eight processes, some of them killed, and across New Year in Beijing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dossiers import a_dossier
from sqlalchemy import Engine

from contracts_chain.agreements.numbering import parse_contract_number
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.numbers import next_supplement

CHILD = Path(__file__).with_name("storage_numbering_child.py")
FAKES = Path(__file__).parents[2] / "fakes"
NEW_YEAR = datetime(2026, 12, 31, 16, tzinfo=UTC)
"""Midnight in Beijing."""


def run_all(url: str, jobs: Sequence[tuple[str, int, datetime, int]]) -> dict[str, list[str]]:
    """Every job in a process of its own, all at once; the numbers each of them committed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(FAKES), str(Path.cwd())))}
    sent = json.dumps([(name, count, moment.isoformat(), die_at) for name, count, moment, die_at in jobs])
    ran = subprocess.run(
        [sys.executable, str(CHILD), url, sent],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    committed: dict[str, list[str]] = {name: [] for name, *_ in jobs}
    for line in ran.stdout.splitlines():
        name, number = line.split()
        committed[name].append(number)
    return committed


def stored(engine: Engine, year: int) -> list[int]:
    with SqlUnitOfWork(engine) as work:
        numbers = [parse_contract_number(one.number) for one in work.agreements.list()]
    return sorted(number.serial for number in numbers if number.year == year)


def test_eight_processes_of_fifty_drafts_some_of_them_killed_leave_no_gap(
    server: EmbeddedPostgres, engine: Engine
) -> None:
    moment = NEW_YEAR - timedelta(days=40)
    jobs = [(f"P{each}", 50, moment, 0) for each in range(8)]
    killed = [(f"K{each}", 50, moment, 5 + 10 * each) for each in range(3)]
    committed = run_all(server.url, [*jobs, *killed])
    numbers = [number for taken in committed.values() for number in taken]
    survivors = 8 * 50 + sum(die_at - 1 for *_, die_at in killed)
    assert len(numbers) == len(set(numbers)) == survivors
    assert stored(engine, 2026) == list(range(1, survivors + 1))


def test_each_year_counts_from_one_and_begins_at_midnight_in_beijing(
    server: EmbeddedPostgres, engine: Engine
) -> None:
    before, after = NEW_YEAR - timedelta(seconds=1), NEW_YEAR
    committed = run_all(server.url, [("OLD", 20, before, 0), ("NEW", 20, after, 0)])
    assert {parse_contract_number(number).year for number in committed["OLD"]} == {2026}
    assert {parse_contract_number(number).year for number in committed["NEW"]} == {2027}
    assert stored(engine, 2026) == stored(engine, 2027) == list(range(1, 21))


def test_supplements_count_within_their_main_contract_and_give_back_what_is_rolled_back(
    engine: Engine,
) -> None:
    main, other = "SGZJMZ00YXGY2600001", "SGZJMZ00YXGY2600002"
    with SqlUnitOfWork(engine) as work:
        assert next_supplement(work, main) == f"{main}(B1)"
        work.agreements.add(replace(a_dossier(), number=f"{main}(B1)"))
        work.commit()
    with SqlUnitOfWork(engine) as work:
        assert next_supplement(work, main) == f"{main}(B2)"
    with SqlUnitOfWork(engine) as work:
        assert [next_supplement(work, main), next_supplement(work, other)] == [
            f"{main}(B2)",
            f"{other}(B1)",
        ]
