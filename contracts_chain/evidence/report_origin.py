"""Chapter 2 of the report: who made the data, when, and from what.

人民法院在线诉讼规则 art. 18 asks for the truth before anything was put on the chain: inputs of the
draft, acts of identification and will. All stand in records that were logged when they happened.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.evidence.report_ceremony import ceremony_tables
from contracts_chain.evidence.report_facts import ReportFacts, ReportSubject
from contracts_chain.evidence.trail import TrailEvent, TrailEventKind
from kernel.canonical_json import JsonObject
from kernel.clock import beijing_text
from pdfgen.document import Block, FieldTable, GridTable, Heading, Paragraph

__all__ = ["origin_chapter"]

_INPUTS = (
    ("template", "文本模板及版本"),
    ("template_sha256", "模板固定文本 SHA-256"),
    ("rule_pack", "条款规则包版本"),
    ("profile", "地区参数"),
    ("drafted_by", "起草人标识"),
    ("agreement", "所依据的合同"),
    ("pdf_sha256", "PDF 版式文件 SHA-256"),
    ("ofd_sha256", "OFD 版式文件 SHA-256"),
)
_WILL = frozenset(
    {
        TrailEventKind.IDENTIFIED,
        TrailEventKind.SHOWN,
        TrailEventKind.CLAUSE_CONFIRMED,
        TrailEventKind.QUESTION_ASKED,
        TrailEventKind.QUESTION_ANSWERED,
        TrailEventKind.QUESTION_CLEARED,
        TrailEventKind.CONSENTED,
        TrailEventKind.WILL_CONFIRMED,
        TrailEventKind.SIGNED,
        TrailEventKind.SEALED,
    }
)
_BEFORE = "下列输入在文件定稿时即写入存证记录，早于签署；以相同输入重新生成，可与定稿版本比对。"
_ISSUED = "下列事项在发票开具时写入存证记录。"


def origin_chapter(subject: ReportSubject, facts: ReportFacts) -> tuple[Block, ...]:
    """Parties, signers, inputs, acts of will, the whole trail."""
    return (
        Heading(level=1, text="二、生成主体和时间，表现内容"),
        GridTable(
            title="当事人",
            header=("身份", "名称", "统一社会信用代码（自然人为证件号码，已遮盖）"),
            rows=subject.parties,
        ),
        *_signers(facts),
        Heading(level=2, text="（一）上链前的生成过程"),
        Paragraph(text=_BEFORE if facts.is_agreement else _ISSUED),
        FieldTable(title="生成输入", rows=_inputs(facts)),
        *_acts(facts, subject.roles),
    )


def _signers(facts: ReportFacts) -> tuple[Block, ...]:
    if not facts.evidence.slots:
        return ()
    rows = tuple(
        (slot.field, slot.signer_name, slot.organisation, slot.certificate_sha256.hex())
        for slot in facts.evidence.slots
    )
    return (
        GridTable(
            title="签署人与证书",
            header=("签名位", "签署人", "代表主体", "证书 SHA-256"),
            rows=rows,
            widths=(1.9, 2, 2, 4),
        ),
    )


def _inputs(facts: ReportFacts) -> tuple[tuple[str, str], ...]:
    record = _settling_record(facts)
    named = tuple((label, str(record.details[key])) for key, label in _INPUTS if key in record.details)
    settled, word = record.document, "定稿" if facts.is_agreement else "开具"
    return (
        *named,
        (f"{word}人标识", record.actor),
        (f"{word}时间", beijing_text(record.occurred_utc, seconds=True)),
        (f"{word}长度（字节）", str(settled.length)),
        (f"{word} SHA-256", settled.sha256.hex()),
        (f"{word} SM3", settled.sm3.hex()),
    )


def _settling_record(facts: ReportFacts) -> Record:
    """The approval of the text that was signed; of an invoice, its issue."""
    if not facts.is_agreement:
        return facts.evidence.record_of(RecordKind.INVOICE_ISSUED)
    settled = facts.evidence.settled_records()
    return next(record for record in settled if record.kind is RecordKind.AGREEMENT_APPROVED)


def _acts(facts: ReportFacts, roles: Mapping[str, str]) -> tuple[Block, ...]:
    if not facts.trail:
        return ()
    will = [event for event in facts.trail if event.event in _WILL]
    return (
        Heading(level=2, text="（二）身份核验与签署意愿"),
        GridTable(
            title="身份与意愿事件（北京时间）",
            header=("序号", "事件", "所属方或签名位", "时间"),
            rows=tuple(
                (str(event.seq), event.event.zh, _about(event.details, roles), _moment(event))
                for event in will
            ),
            widths=(0.8, 2.2, 2.4, 3),
        ),
        *ceremony_tables(facts.trail, roles),
        Heading(level=2, text="（三）全部过程记录"),
        GridTable(
            title="过程记录（北京时间）",
            header=("序号", "事件", "时间", "操作者"),
            rows=tuple(
                (str(event.seq), event.event.zh, _moment(event), event.actor) for event in facts.trail
            ),
            widths=(0.8, 2, 3, 3),
        ),
    )


def _about(details: JsonObject, roles: Mapping[str, str]) -> str:
    if "field" in details:
        return str(details["field"])
    return roles.get(str(details.get("role", "")), "—")


def _moment(event: TrailEvent) -> str:
    return beijing_text(event.occurred_utc, seconds=True)
