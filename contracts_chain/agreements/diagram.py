"""供电接线及产权分界示意图, drawn from the terms: one diagram a receiving point, or one for a station.

Decides what stands on a diagram and in what words; ``pdfgen.one_line`` decides where. A meter is put
on a feed or behind a transformer only where its own purpose or location names it; others stand on the
busbar, or on the lower voltage side, of the point they belong to. Must never show what the terms do
not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Literal

from contracts_chain.agreements.shown import field_text, value_text
from contracts_chain.agreements.terms import AgreementTerms, DispatchTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import EntryKind, MeterMode
from contracts_chain.agreements.terms.dispatch_equipment import MainTransformer, PointOfConnection
from contracts_chain.agreements.terms.dispatch_substation import SubstationDispatchTerms
from contracts_chain.agreements.terms.site import (
    BackupSource,
    DemarcationPoint,
    HvMotor,
    MeteringPoint,
    ReceivingPoint,
    Source,
    Transformer,
)
from pdfgen.diagram_scene import Meter
from pdfgen.document import Diagram
from pdfgen.one_line import Backup, Feed, OneLine, Unit, one_line_diagrams

__all__ = ["wiring_diagrams"]

_TITLE: Final = "供电接线及产权分界示意图"
_NO_RATIO: Final = frozenset({"/", "无", "1", ""})
_ENTRIES: Final[Mapping[EntryKind, Literal["overhead", "cable", "mixed"]]] = MappingProxyType(
    {EntryKind.OVERHEAD: "overhead", EntryKind.CABLE: "cable", EntryKind.MIXED: "mixed"}
)


def wiring_diagrams(terms: AgreementTerms) -> tuple[Diagram, ...]:
    """The diagrams of these terms; none where the class has no wiring of its own."""
    if isinstance(terms, SupplyTerms):
        return tuple(diagram for content in _supply(terms) for diagram in one_line_diagrams(content))
    if isinstance(terms, DispatchTerms):
        return one_line_diagrams(_dispatch(terms))
    return ()


def _supply(terms: SupplyTerms) -> Iterator[OneLine]:
    backups: Sequence[BackupSource] = getattr(terms, "backup_sources", ())
    for index, point in enumerate(terms.receiving_points):
        feeds = [_feed(source, terms.demarcation_points, point) for source in point.sources]
        units = [_transformer(one, point) for one in point.transformers]
        units += [_motor(one) for one in point.hv_motors if not one.behind_transformer]
        free = [meter for meter in point.metering_points if not _is_placed(meter, point)]
        yield OneLine(
            title=f"{_TITLE}（{point.no}　{point.name}）",
            description=_told(point, feeds, units, free, backups if index == 0 else ()),
            above=f"{terms.parties()[0].title}\n资产",
            boundary="产权分界",
            below=f"{terms.parties()[1].title}\n资产",
            bus=point.name,
            feeds=feeds,
            units=units,
            bus_meters=[_meter(meter) for meter in free if meter.mode is not MeterMode.HV_LV],
            low_meters=[_meter(meter) for meter in free if meter.mode is MeterMode.HV_LV],
            backups=[_backup(one) for one in backups] if index == 0 else (),
        )


def _feed(source: Source, points: Sequence[DemarcationPoint], at: ReceivingPoint) -> Feed:
    boundary = [_boundary(one) for one in points if one.source_no == source.no]
    metered = [one for one in at.metering_points if _source_of(one, at) is source]
    named = f"{source.no}（{source.role.zh}）{field_text(source, 'voltage_kv')}"
    line = f"{source.line_name}（{source.line_kind.zh}，{source.entry.zh}）"
    return Feed(
        origin=f"{named}\n{source.substation}\n{source.bay}",
        line=f"{line}\n{source.line_type}\n{source.tap_point}",
        entry=_ENTRIES[source.entry],
        boundary="\n".join(boundary),
        meter=_joined(metered),
    )


def _boundary(point: DemarcationPoint) -> str:
    return f"{point.no}：{point.pole}\n{point.description}（分界点归{point.point_owner.zh}）"


def _transformer(one: Transformer, at: ReceivingPoint) -> Unit:
    metered = [meter for meter in at.metering_points if _transformer_of(meter, at) is one]
    size = f"{one.quantity}×{field_text(one, 'capacity_kva')}"
    voltage = f"{field_text(one, 'primary_kv')}/{field_text(one, 'secondary_kv')}"
    state = "永久性减容停用" if one.permanently_reduced else one.state.zh
    words = f"{one.no}\n{size}\n{voltage}\n{one.model}\n{state}"
    return Unit(kind="transformer", words=words, meter=_joined(metered))


def _motor(one: HvMotor) -> Unit:
    return Unit(kind="motor", words=f"{one.no}\n{one.quantity}×{field_text(one, 'power_kw')}\n高压电动机")


def _meter(one: MeteringPoint) -> Meter:
    """A meter at low voltage is the supplier's and stands before the point at its outgoing side."""
    pairs = (("PT", one.pt_ratio), ("CT", one.ct_ratio))
    ratios = "，".join(f"{kind} {ratio}" for kind, ratio in pairs if ratio not in _NO_RATIO)
    lines = (f"{one.no}（{one.mode.zh}）", ratios, f"倍率{field_text(one, 'multiplier')}", one.location)
    before = one.mode is MeterMode.LV_LV and one.at_demarcation
    return Meter(words="\n".join(line for line in lines if line), direct=not ratios, before=before)


def _joined(meters: Sequence[MeteringPoint]) -> Meter | None:
    """Several meters at one place as one symbol."""
    if not meters:
        return None
    drawn = [_meter(one) for one in meters]
    return replace(drawn[0], words="\n".join(one.words for one in drawn))


def _backup(one: BackupSource) -> Backup:
    size = f"{one.quantity}×{field_text(one, 'capacity_kw')}"
    parallel = "不与电网并列运行" if one.not_paralleled else "与电网并列运行"
    return Backup(
        words=f"{one.kind} {size}，{one.site}",
        interlock=f"{one.transfer.zh}；{one.interlock}；{parallel}",
    )


def _source_of(meter: MeteringPoint, at: ReceivingPoint) -> Source | None:
    """The one feed that the meter's own words name, or the only one there is."""
    if meter.mode is MeterMode.HV_LV:
        return None
    if len(at.sources) == 1:
        return at.sources[0]
    words = meter.purpose + meter.location
    named = [one for one in at.sources if one.no in words or one.line_name in words]
    return named[0] if len(named) == 1 else None


def _transformer_of(meter: MeteringPoint, at: ReceivingPoint) -> Transformer | None:
    """The one transformer behind which the meter stands, by its words or because there is no other."""
    if meter.mode is not MeterMode.HV_LV:
        return None
    if len(at.transformers) == 1:
        return at.transformers[0]
    named = [one for one in at.transformers if one.no in meter.purpose + meter.location]
    return named[0] if len(named) == 1 else None


def _is_placed(meter: MeteringPoint, at: ReceivingPoint) -> bool:
    return _source_of(meter, at) is not None or _transformer_of(meter, at) is not None


def _told(
    point: ReceivingPoint,
    feeds: Sequence[Feed],
    units: Sequence[Unit],
    meters: Sequence[MeteringPoint],
    backups: Sequence[BackupSource],
) -> str:
    """The diagram in sentences."""
    parts = [f"{point.no}（{point.name}）由{len(feeds)}路电源供电。"]
    parts += [_feed_told(feed) for feed in feeds]
    parts += [f"母线接有：{_one_line(unit.words)}{_behind(unit)}。" for unit in units]
    parts += [f"计量点：{_one_line(_meter(one).words)}。" for one in meters]
    parts += [f"自备电源：{_backup(one).words}；{_backup(one).interlock}。" for one in backups]
    return "".join(parts)


def _feed_told(feed: Feed) -> str:
    way = f"经{_one_line(feed.line)}，产权分界点{_one_line(feed.boundary)}"
    return f"{_one_line(feed.origin)}，{way}{_metered(feed)}。"


def _metered(feed: Feed) -> str:
    return f"，计量：{_one_line(feed.meter.words)}" if feed.meter else ""


def _behind(unit: Unit) -> str:
    return f"，计量：{_one_line(unit.meter.words)}" if unit.meter else ""


def _one_line(words: str) -> str:
    return "、".join(part for part in words.split("\n") if part)


def _dispatch(terms: DispatchTerms) -> OneLine:
    feeds = [_connection(point, terms.gateway_meters) for point in terms.poc]
    transformers: Sequence[MainTransformer] = (
        terms.main_transformers if isinstance(terms, SubstationDispatchTerms) else ()
    )
    units = [_main_transformer(one) for one in transformers] or [_station(terms)]
    placed = [one for point in terms.poc for one in _at(point, terms.gateway_meters)]
    meters = [_meter(one) for one in terms.gateway_meters if one not in placed]
    told = [f"{terms.station_name}经{len(feeds)}个并网点与电网连接。"]
    told += [
        f"{_one_line(feed.origin)}，经{feed.line}，{_one_line(feed.boundary)}{_metered(feed)}。"
        for feed in feeds
    ]
    told += [f"站内：{_one_line(unit.words)}。" for unit in units]
    told += [f"关口计量：{_one_line(one.words)}。" for one in meters]
    return OneLine(
        title=f"{terms.station_name}并网接线示意图",
        description="".join(told),
        above="电网侧",
        boundary="并网点",
        below=f"{terms.parties()[1].title}侧",
        bus=terms.station_name,
        feeds=feeds,
        units=units,
        bus_meters=meters,
    )


def _at(point: PointOfConnection, meters: Sequence[MeteringPoint]) -> list[MeteringPoint]:
    """Gateway meters that stand in the grid's own bay of this connection, by their location."""
    return [one for one in meters if point.grid_station in one.location and point.bay in one.location]


def _connection(point: PointOfConnection, meters: Sequence[MeteringPoint]) -> Feed:
    """One connection; a gateway meter in the grid's bay stands before the point of connection."""
    metered = _joined(_at(point, meters))
    return Feed(
        origin=f"{point.grid_station}\n{point.bay}",
        line=f"{point.line}\n{field_text(point, 'voltage_kv')}",
        entry="overhead",
        boundary=f"{point.no}\n{field_text(point, 'voltage_kv')}",
        meter=None if metered is None else replace(metered, before=True),
    )


def _main_transformer(one: MainTransformer) -> Unit:
    voltage = f"{field_text(one, 'primary_kv')}/{field_text(one, 'secondary_kv')}"
    words = f"{one.no}\n{field_text(one, 'capacity_mva')}\n{voltage}\n{one.model}"
    return Unit(kind="transformer", words=words)


def _station(terms: DispatchTerms) -> Unit:
    """A station that generates, as one source; its units stand in their own table."""
    capacity = terms.capacity_kva
    size = "" if capacity is None else f"\n装机容量{value_text(capacity / 1000, 'MW')}"
    return Unit(kind="station", words=f"{terms.station_name}\n{terms.station_type.zh}{size}")
