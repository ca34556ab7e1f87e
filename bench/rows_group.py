"""A group's sheet: contracts validated, drafted, approved and offered a second; memory against a small set.

``python -m bench.rows_group [SITES]`` runs these rows alone (2,000 sites take some minutes). Beside the
whole path stands rendering alone in the same pool, which nobody can leave out.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from api.house import House, open_house
from api.process_drawers import ProcessDrawers
from api.settings import Settings
from bench.group_sheet import COMMON, sheet
from bench.measuring import Row, row, spent
from contracts_chain.workflows.group_import import check_file, confirm, open_group, receive_file
from contracts_chain.workflows.group_ports import DrawTask, SetState
from contracts_chain.workflows.group_set import approve_set, carry_on, offer_set, the_set

GROUP = "JT-BENCH"
SMALL = 20
RATE_GOAL = 8.0
MEMORY_GOAL = 1.3


@dataclass
class Course:
    """One house with one group, and renderers."""

    house: House
    drawers: ProcessDrawers
    serial: int = 1

    def whole(self, sites: int) -> str:
        """A sheet from its bytes to its offers; the set's id."""
        office = self.house.office
        content = sheet(sites, first=self.serial)
        self.serial += sites
        file = receive_file(office, GROUP, "bench.csv", io.BytesIO(content), by="drafter")
        check_file(office, file.id)
        made = confirm(office, file.id, by="drafter")
        self._on(made.id)
        root = the_set(office, made.id).root
        if root is None:
            raise RuntimeError("not every contract was drafted")
        approve_set(office, made.id, reviewer="reviewer", seen_root=root.hex())
        self._on(made.id)
        offer_set(office, made.id, by="desk")
        self._on(made.id)
        if the_set(office, made.id).state is not SetState.OFFERED:
            raise RuntimeError("not every contract was offered")
        return made.id

    def _on(self, set_id: str) -> None:
        carry_on(self.house.office, self.drawers, set_id, go_on=lambda: True)

    def bare(self, set_id: str) -> None:
        """Only the rendering of the same contracts, in the same pool."""
        utility = self.house.office.utility
        with self.house.office.work() as work:
            dossiers = [work.agreements.load(number) for _, number, _ in work.groups.digests(set_id)]
        tasks = (
            DrawTask(
                row=at,
                terms=one.terms,
                number=one.number,
                not_before=one.not_before_hash.hex0x(),
                created_utc=one.drafted_utc,
                mark=utility.mark,
                verify_url=utility.verify_url,
            )
            for at, one in enumerate(dossiers)
        )
        for _ in self.drawers.draw(tasks):
            pass


def rows(sites: int = 200) -> list[Row]:
    """Speed and memory."""
    settings = {"block_period_seconds": 1.0}
    with (
        tempfile.TemporaryDirectory() as folder,
        open_house(Settings(data_dir=Path(folder) / "house", **settings)) as house,
        ProcessDrawers() as drawers,
    ):
        open_group(house.office, GROUP, "示例集团", COMMON, by="drafter")
        course = Course(house, drawers)
        course.whole(SMALL)  # processes, fonts and texts are warm from here on
        _forget_peaks()
        course.whole(SMALL)
        small = _peak_mb()
        _forget_peaks()
        started = time.perf_counter()
        set_id = course.whole(sites)
        ours = sites / (time.perf_counter() - started)
        large = _peak_mb()
        bare = sites / spent(lambda: course.bare(set_id))
    speed = f"{sites} contracts, validated to offered"
    memory = f"peak of {sites} sites, beside {SMALL}"
    met = large <= small * MEMORY_GOAL
    return [
        row("group set", speed, "1/s", ours, bare, goal=RATE_GOAL, met=ours >= RATE_GOAL),
        row("group memory", memory, "MB", large, small, goal=MEMORY_GOAL, met=met),
    ]


def _pids() -> list[int]:
    return [os.getpid(), *(child.pid for child in multiprocessing.active_children() if child.pid)]


def _forget_peaks() -> None:
    for pid in _pids():
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak_mb() -> float:
    """Peak resident memory of this process and its renderers since the last forgetting."""
    found = [Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0] for pid in _pids()]
    return sum(int(kilobytes) for kilobytes in found) / 1024


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    sys.stdout.write(json.dumps(rows(wanted), indent=1, ensure_ascii=False) + "\n")
