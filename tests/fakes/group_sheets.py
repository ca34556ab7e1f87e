"""Sheets of a group's sites as clerks send them, over the sample's common terms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from contracts_chain.agreements.group_account import GroupAccount, open_account

GROUP_NO = "JT-3302-0001"
GROUP_NAME = "东海快充集团（示例）"
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
    "竣工检验报告编号",
)
ROADS = ("望江路", "潮声路", "海晏路", "白沙路", "东港大道")


def common_terms() -> bytes:
    """The file of common terms: a whole contract of the first site."""
    return (files("contracts_chain.agreements.samples") / "group_common_10kv.json").read_bytes()


def terms_with_framework() -> bytes:
    """The same with a framework agreement of the head."""
    whole = json.loads(common_terms())
    whole["framework"] = {
        "valid_from": "2027-01-05",
        "valid_to": "2030-01-04",
        "special_terms": "无",
        "batch_signing": True,
        "consolidated_bill": True,
        "consolidated_invoice": False,
        "bill_day": 5,
        "member_change_days": 15,
    }
    return json.dumps(whole).encode()


def account() -> GroupAccount:
    return open_account(GROUP_NO, GROUP_NAME, common_terms())


def site(index: int, **changed: str) -> dict[str, str]:
    """One good row; ``changed`` puts other texts under headers."""
    road, house = ROADS[index % len(ROADS)], 100 + index
    capacity = ("400", "500", "630", "800", "1000")[index % 5]
    row = dict(
        zip(
            HEADER,
            (
                f"3305{102_700_000 + index:09d}",
                f"{road}{house}号充电站",
                f"浙江省明州市海晏区{road}{house}号",
                capacity,
                f"SCB14-{capacity}/10",
                f"{road}A{100 + index}线{index % 40 + 1}号杆熔断器负荷侧接线端子，端子及以上归供电人",
                f"{road}A{100 + index}线",
                f"A{100 + index}线{index % 40 + 1}号杆",
                str(index % 28 + 1),
                f"JY20261118{index:05d}",
            ),
            strict=True,
        )
    )
    return row | changed


def sites(count: int, *, first: int = 0) -> list[dict[str, str]]:
    return [site(first + index) for index in range(count)]


def sheet(
    rows: Iterable[Mapping[str, str]],
    *,
    header: Sequence[str] = HEADER,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
) -> bytes:
    """The bytes of a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return out.getvalue().encode(encoding)
