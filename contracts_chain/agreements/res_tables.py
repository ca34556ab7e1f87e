"""Tables of the residents' contract: few, and short (reference §3.3 column R)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.shown import day_text, field_text
from contracts_chain.agreements.supply_tables import SUPPLY_TABLES
from contracts_chain.agreements.table_rows import TableBlock, reference_cells
from contracts_chain.agreements.terms.lv_res import LvResTerms
from contracts_chain.agreements.terms.party import PartyInRole
from contracts_chain.agreements.terms.site import MeteringPoint
from pdfgen.document import FieldTable, GridTable

__all__ = ["RES_TABLES"]


def _joined(owners: Iterable[object], name: str) -> str:
    return "；".join(field_text(owner, name) for owner in owners)


def _basics(terms: LvResTerms) -> FieldTable:
    sources = [source for _, source in terms.sources()]
    meters = [meter for _, meter in terms.metering_points()]
    points = terms.demarcation_points
    line = [f"{one.bay}，{one.line_name}，{one.tap_point}" for one in sources]
    entry = [f"{one.line_type}，{one.entry.zh}，{one.laying}" for one in sources]
    meter = [f"{one.meter_spec}，{one.meter_class}，{one.collection}，{_after(one)}" for one in meters]
    return FieldTable(
        title="用电基本情况",
        rows=(
            ("档案号", terms.archive_no),
            ("受理渠道", field_text(terms, "channel")),
            ("公用变压器", _joined(sources, "substation")),
            ("表箱位置", terms.meter_box),
            ("低压线路", "；".join(line)),
            ("进户线", "；".join(entry)),
            ("产权分界点", _joined(points, "description")),
            ("电能表", "；".join(meter)),
            ("执行分时电价", field_text(terms, "tou_flag")),
            ("电价代码", terms.tariff_code),
            ("电价文件", terms.tariff_version),
        ),
    )


def _after(meter: MeteringPoint) -> str:
    return f"表后线{field_text(meter, 'after_meter_line_m')}"


def _contacts(terms: LvResTerms) -> FieldTable:
    rows = [
        (
            held.title,
            "，".join(
                (
                    held.party.contact,
                    *dict.fromkeys((held.party.phone, held.party.mobile)),
                    held.party.email,
                    held.party.mail_addr,
                )
            ),
        )
        for held in terms.parties()
    ]
    return FieldTable(title="送达地址", rows=rows)


def _authority(held: PartyInRole) -> str:
    return f"{held.title}{'监护证明' if held.party.has_guardian else '授权委托书'}"


def _papers(terms: LvResTerms) -> GridTable:
    named = (("用电申请", terms.application), ("房产证明", terms.property_proof))
    rows = [[title, *reference_cells(paper)] for title, paper in named]
    rows += [
        [_authority(held), letter.number, day_text(letter.valid_from), letter.sha256]
        for held in terms.parties()
        if held.party.agent is not None
        for letter in (held.party.agent.letter,)
    ]
    rows += [[annex.title, annex.no, "/", annex.sha256] for annex in terms.annexes]
    return GridTable(
        title="签约依据文件和附件",
        header=["文件", "编号", "日期", "SHA-256 摘要"],
        rows=rows,
        widths=[2.8, 3.0, 2.6, 5.6],
    )


RES_TABLES: Final[Mapping[str, Callable[[LvResTerms], TableBlock]]] = MappingProxyType(
    {**SUPPLY_TABLES, "res_basics": _basics, "res_contacts": _contacts, "res_papers": _papers}
)
