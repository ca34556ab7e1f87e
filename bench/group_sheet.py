"""Sheets of any length over the sample's common terms: every site differs as sites do."""

from __future__ import annotations

import csv
import io
from importlib.resources import files

__all__ = ["COMMON", "sheet"]

COMMON = (files("contracts_chain.agreements.samples") / "group_common_10kv.json").read_bytes()
HEADER = (
    "户号",
    "站点名称",
    "用电地址",
    "合同容量",
    "变压器型号",
    "产权分界点",
    "线路名称",
    "杆号",
    "抄表例日",
)
CAPACITIES = (400, 500, 630, 800, 1000)


def sheet(sites: int, *, first: int) -> bytes:
    """A CSV of so many sites, the first with this serial in its 户号."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(_site(first + at) for at in range(sites))
    return out.getvalue().encode("utf-8-sig")


def _site(serial: int) -> tuple[object, ...]:
    capacity, line = CAPACITIES[serial % 5], f"望江A{serial}线"
    return (
        f"3305{102_700_000 + serial:09d}",
        f"望江路{serial}号充电站",
        f"浙江省明州市海晏区望江路{serial}号",
        capacity,
        f"SCB14-{capacity}/10",
        f"{line}{serial % 40 + 1}号杆熔断器负荷侧接线端子，端子及以上归供电人",
        line,
        f"A{serial}线{serial % 40 + 1}号杆",
        serial % 28 + 1,
    )
