"""What the report says of each signer's ceremony: identity, level of control, reading times, questions.

合同编通则解释 art. 10 leaves the burden of proof for prompting with the provider of the text: so every
conspicuous clause is listed with the seconds due and read, and every question with its answer. The
lower level of a code is said in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from contracts_chain.evidence.trail import TrailEvent, TrailEventKind
from kernel.clock import beijing_text
from pdfgen.document import Block, GridTable
from signing.model import SoleControl

__all__ = ["ceremony_tables"]

_ASKED = {TrailEventKind.QUESTION_ASKED: "问", TrailEventKind.QUESTION_ANSWERED: "答"}
_METHODS = {
    "bank_account": "对公打款核验",
    "carrier_three_elements": "运营商三要素核验",
    "e_licence_face": "电子证照加刷脸",
    "hall_review": "营业厅人工核验",
    "standing": "此前已核验，仍在有效期内",
}


def ceremony_tables(trail: Sequence[TrailEvent], roles: Mapping[str, str]) -> Iterator[Block]:
    """Tables of control, reading and questions; one that would be empty is left out."""
    control = tuple(_control(event, trail, roles) for event in _of(trail, TrailEventKind.WILL_CONFIRMED))
    if control:
        header = ("所属方", "身份核验方式", "签署意愿的确认方式", "时间")
        yield GridTable(title="身份核验和签署控制", header=header, rows=control, widths=(1.5, 3, 3, 3))
    reading = tuple(_reading(event, roles) for event in _of(trail, TrailEventKind.CLAUSE_CONFIRMED))
    if reading:
        header = ("所属方", "重点条款", "应读秒数", "实读秒数")
        yield GridTable(title="重点条款逐条提示", header=header, rows=reading, widths=(1.5, 5, 1.3, 1.3))
    asked = tuple(_asked(event, roles) for event in trail if event.event in _ASKED)
    if asked:
        header = ("所属方", "", "内容", "时间")
        yield GridTable(title="提问和答复", header=header, rows=asked, widths=(1.5, 0.6, 5, 3))


def _of(trail: Sequence[TrailEvent], kind: TrailEventKind) -> Iterator[TrailEvent]:
    return (event for event in trail if event.event is kind)


def _control(
    event: TrailEvent, trail: Sequence[TrailEvent], roles: Mapping[str, str]
) -> tuple[str, str, str, str]:
    role = event.details.get("role")
    known = [
        str(one.details.get("method", ""))
        for one in _of(trail[: event.seq], TrailEventKind.IDENTIFIED)
        if one.details.get("role") == role
    ]
    method = known[-1] if known else ""
    return (_party(event, roles), _METHODS.get(method, method or "—"), _level(event), _moment(event))


def _level(event: TrailEvent) -> str:
    word = event.details.get("level")
    return next((level.zh for level in SoleControl if level.value == word), "—")


def _reading(event: TrailEvent, roles: Mapping[str, str]) -> tuple[str, str, str, str]:
    details = event.details
    clause = str(details.get("clause", "—"))
    if "read_in" in details:
        clause = f"{clause}（同一条款，在合同 {details['read_in']} 中阅读）"
    return (
        _party(event, roles),
        clause,
        str(details.get("seconds_due", "—")),
        str(details.get("seconds_read", "—")),
    )


def _asked(event: TrailEvent, roles: Mapping[str, str]) -> tuple[str, str, str, str]:
    words = str(event.details.get("words", "—"))
    return (_party(event, roles), _ASKED[event.event], words, _moment(event))


def _party(event: TrailEvent, roles: Mapping[str, str]) -> str:
    return roles.get(str(event.details.get("role", "")), "—")


def _moment(event: TrailEvent) -> str:
    return beijing_text(event.occurred_utc, seconds=True)
