"""An open house in this process, and the command line beside it in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo_run import contracts_chain

from api.house import House, open_house
from api.settings import Settings
from api.witness_memory import ADDRESS
from contracts_chain.evidence.checkpoint import TrustedWitness
from contracts_chain.workflows.dossier import Alarm

__all__ = ["BesideHouse", "beside_house", "forever"]

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideHouse:
    """A copy of the demo's installation with its servers up and no worker."""

    house: House
    numbers: tuple[str, ...]

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command with database and chain configured, as a second machine has them."""
        trust = self.house.office.trust
        members = trust.chain.validator_sets[0].members
        return self.alone(
            *arguments,
            CONTRACTS_CHAIN_DATABASE_URL=self.house.database_url,
            CONTRACTS_CHAIN_CHAIN_RPC_URL=self.house.rpc_url,
            CONTRACTS_CHAIN_CHAIN_VALIDATORS=json.dumps({key.hex0x(): who for key, who in members}),
            CONTRACTS_CHAIN_WITNESSES=json.dumps([self._witness(one) for one in trust.witnesses]),
            **environment,
        )

    def _witness(self, one: TrustedWitness) -> dict[str, str]:
        """A witness that runs already, as a setting."""
        short = one.name.partition(".")[0]
        told = json.loads((self.house.settings.data_dir / "witnesses" / short / ADDRESS).read_bytes())
        key = one.public_key.hex()
        return {"name": one.name, "url": told["url"], "public_key": key, "operator": one.operator}

    def alone(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command that is told the data directory and nothing else."""
        setting = {"CONTRACTS_CHAIN_DATA_DIR": str(self.house.settings.data_dir)}
        return contracts_chain(*arguments, **{**setting, "COLUMNS": "80", **environment})

    def stored(self) -> tuple[object, ...]:
        """What a refused command must leave as it was."""
        with self.house.office.work() as work:
            papers = tuple((one.number, one.state, one.evidence_state) for one in work.agreements.list())
            words = tuple(work.status_changes.of_agreement(number) for number in self.numbers)
            trails = tuple(len(work.trails.lines(number)) for number in self.numbers)
            return papers, words, trails, work.log.size(), work.log.pending().count, work.alarms.all()

    def raise_alarm(self, code: str, subject: str) -> None:
        """As the reconciliation does."""
        now = self.house.office.clock.now()
        alarm = Alarm(
            code=code,
            subject=subject,
            en="what happened [and] what to do",
            zh="发生了什么，该怎么办",
            raised_utc=now,
        )
        with self.house.office.work() as work:
            work.alarms.raise_once(alarm)
            work.commit()


@contextmanager
def beside_house(data_dir: Path) -> Iterator[BesideHouse]:
    with open_house(Settings(data_dir=data_dir, block_period_seconds=0)) as house:
        with house.office.work() as work:
            numbers = tuple(one.number for one in work.agreements.list())
        yield BesideHouse(house=house, numbers=numbers)


@contextmanager
def forever(*arguments: str | Path) -> Iterator[dict[str, Any]]:
    """A command that runs until it is told to stop; the JSON object of its first line."""
    command = [sys.executable, "-m", "api", *map(str, arguments)]
    with subprocess.Popen(
        command, env={**os.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            told = json.loads(process.stdout.readline() or "null")
            assert isinstance(told, dict), process.stderr.read()
            yield told
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        assert "Traceback" not in process.stderr.read()
