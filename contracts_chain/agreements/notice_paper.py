"""The text of a notice of cutting or ending supply, with its receipt slip, ready to print.

Our own wording. It says what is owed, what was done before, on which law and clause the act
rests, from which day, and how to avert it. What is not settled (whether the electronic
signature law's 等 covers power) is for the file and never printed for the customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from contracts_chain.agreements.notices import Arrears, NoticeFacts, NoticeKind, Reminder
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.clock import BEIJING
from kernel.money import Fen, yuan_capitals, yuan_grouped
from pdfgen.document import Block, Clause, Document, FieldTable, GridTable, Heading, PageBreak, Paragraph

__all__ = ["LEGAL_NOTE", "facts_bytes", "notice_document"]

LEGAL_NOTE = (
    "待核实：电子签名法第三条第三款第（二）项“等公用事业服务”是否包括供电，由法务确认；确认前一律纸质送达。"
    " To confirm: whether 等 covers power is for counsel; until then always on paper."
)
_LINE = "＿" * 22
_SIGN_AND_DATE = f"签名：{'＿' * 12}　日期：{'＿' * 9}"


def facts_bytes(facts: NoticeFacts) -> bytes:
    """Canonical JSON of what the notice rests on, with the note for the file."""
    arrears: list[JsonValue] = [
        {
            "amount_fen": int(one.amount),
            "bill": one.bill_no,
            "due_on": one.due_on.isoformat(),
            "period": one.period,
        }
        for one in facts.arrears
    ]
    reminders: list[JsonValue] = [
        {"manner": one.manner, "reference": one.reference, "sent_on": one.sent_on.isoformat()}
        for one in facts.reminders
    ]
    return canonical_bytes(
        {
            "account_no": facts.account_no,
            "agreement": facts.agreement_number,
            "arrears": arrears,
            "customer": facts.customer,
            "ground": facts.ground,
            "kind": facts.kind.value,
            "legal_note": LEGAL_NOTE,
            "planned_on": facts.planned_on.isoformat(),
            "reminders": reminders,
            "resident": facts.resident,
            "supply_addr": facts.supply_addr,
        }
    )


def notice_document(
    facts: NoticeFacts, *, number: str, issuer: str, issued_utc: datetime, mark: str, qr_text: str
) -> Document:
    """The notice as a document; the same facts give the same bytes.

    Args:
        facts: Verified facts.
        number: Of the notice.
        issuer: Registered name of the utility.
        issued_utc: When it was drafted; printed as the Beijing day.
        mark: ``TEST`` wording for every page, or empty.
        qr_text: Content of the QR code.
    """
    return Document(
        title=facts.kind.zh,
        number=number,
        qr_text=qr_text,
        subtitle=facts.customer,
        cover=(),
        footnote="本通知书以纸质送达为准",
        mark=mark,
        created_utc=issued_utc,
        blocks=(*_letter(facts, number, issuer, issued_utc), *_receipt(facts, number, issuer)),
    )


def _letter(facts: NoticeFacts, number: str, issuer: str, issued_utc: datetime) -> Iterator[Block]:
    issued_on = issued_utc.astimezone(BEIJING).date()
    yield Heading(level=1, text=facts.kind.zh)
    yield Paragraph(text=f"编号：{number}", place="right")
    yield Paragraph(text=f"{facts.customer}：", place="left")
    yield from _subject(facts)
    if facts.arrears:
        yield from _owed(facts, issued_on)
    if facts.kind is NoticeKind.CUT_OFF:
        yield from _cut_off(facts, issuer)
    else:
        yield from _ending(facts, issuer)
    yield Clause(
        number="异议和咨询",
        title="",
        text="您对欠费金额、本通知或者拟采取的措施有异议的，请在上述日期前向我公司书面提出，"
        "我公司将予核实并答复。供电服务热线 95598，能源监管投诉举报热线 12398。",
    )
    yield Paragraph(text="特此通知。")
    yield Paragraph(text=f"{issuer}（盖章）\n{_day(issued_on)}", place="right")


def _subject(facts: NoticeFacts) -> Iterator[Block]:
    """What the letter is about, as its first lines say."""
    yield FieldTable(
        title="",
        rows=(
            ("用户编号", facts.account_no),
            ("供用电合同编号", facts.agreement_number),
            ("用电地址", facts.supply_addr),
            ("拟执行日期", _day(facts.planned_on)),
            ("送达方式", "纸质送达，并由受送达人签收送达回证"),
        ),
    )


def _owed(facts: NoticeFacts, issued_on: date) -> Iterator[Block]:
    yield Paragraph(
        text=f"您（用户编号 {facts.account_no}，用电地址 {facts.supply_addr}）依据编号为 "
        f"{facts.agreement_number} 的供用电合同使用电力，截至 {_day(issued_on)}，"
        "下列电费已超过约定的付款期限，仍未付清："
    )
    yield GridTable(
        title="逾期电费",
        header=("账单编号", "电费期间", "应付日期", "逾期天数", "欠付金额（元）"),
        rows=[_bill(one, issued_on) for one in facts.arrears],
        widths=(3.0, 3.4, 2.6, 1.6, 2.4),
    )
    total = Fen(sum(one.amount for one in facts.arrears))
    yield Paragraph(
        text=f"以上合计 {yuan_grouped(total)} 元（大写：{yuan_capitals(total)}）。"
        "逾期付款违约金按合同约定另行计算。"
    )


def _bill(bill: Arrears, issued_on: date) -> tuple[str, ...]:
    days = (issued_on - bill.due_on).days
    return bill.bill_no, bill.period, bill.due_on.isoformat(), str(days), yuan_grouped(bill.amount)


def _cut_off(facts: NoticeFacts, issuer: str) -> Iterator[Block]:
    yield Paragraph(text=f"我公司已{_reminded(facts.reminders)}催交上述电费，至今未收到全部款项。")
    yield Clause(
        number="拟采取的措施",
        title="",
        text=f"依据《中华人民共和国民法典》第六百五十四条、《电力供应与使用条例》第三十九条以及供用电合同关于欠费中止供电的约定，"
        f"{issuer}拟自 {_day(facts.planned_on)} 起，对上述用电地址中止供电；执行前至少一小时，将再次通知您。",
        conspicuous=True,
    )
    yield Clause(
        number="如何避免停电",
        title="",
        text="请在上述日期前付清电费和违约金。付清后我公司不再中止供电；已经中止的，将按合同约定及时恢复供电。"
        "暂时付清确有困难的，请在上述日期前与我公司协商付款安排。",
    )
    yield Clause(
        number="请您提前准备",
        title="",
        text="请在执行日前安排好生产和生活，落实重要负荷、消防和人身安全的保障措施；"
        "有不宜停电的特殊情形的，请立即书面告知我公司。",
    )


def _ending(facts: NoticeFacts, issuer: str) -> Iterator[Block]:
    yield Clause(
        number="拟采取的措施",
        title="",
        text=f"因{facts.ground.rstrip('。')}，{issuer}拟自 {_day(facts.planned_on)} 起终止编号为 "
        f"{facts.agreement_number} 的供用电合同，并停止供电。",
        conspicuous=True,
    )
    yield Clause(
        number="需要办理的事项",
        title="",
        text="请在上述日期前与我公司共同抄录电能表止码、结清电费、办理计量装置拆除和预收款项退还。"
        "您希望继续用电的，请在上述日期前提出，我公司将依法受理。",
    )


def _reminded(reminders: tuple[Reminder, ...]) -> str:
    sent = "、".join(f"{_day(one.sent_on)}以{one.manner}" for one in reminders)
    return f"于{sent}" if sent else ""


def _receipt(facts: NoticeFacts, number: str, issuer: str) -> Iterator[Block]:
    """送达回证: filled in by hand, so its right column is left open on purpose."""
    yield PageBreak()
    yield Heading(level=1, text="送达回证")
    yield GridTable(
        title="由送达人和受送达人当场填写，送达后由我公司存档",
        header=("项目", "内容"),
        rows=(
            ("送达文书", f"{facts.kind.zh}（{number}）"),
            ("送达单位", issuer),
            ("受送达人", facts.customer),
            ("送达地点", facts.supply_addr),
            ("送达方式（勾选一项）", "□ 直接送达　　□ 邮寄送达　　□ 留置送达"),
            ("受送达人签收（签名或者盖章）", _SIGN_AND_DATE),
            ("代收人（注明关系和理由）", f"{_LINE}\n \n{_SIGN_AND_DATE}"),
            ("拒收或者留置的情况，见证人", f"{_LINE}\n \n{_SIGN_AND_DATE}"),
            ("送达人（两人）", f"{_SIGN_AND_DATE}\n \n{_SIGN_AND_DATE}"),
            ("备注", _LINE),
        ),
        widths=(3.6, 6.4),
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
