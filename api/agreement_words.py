"""What the page and the API say of an agreement's life: plain values, both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from api.routes.orders import dossier_json
from api.staff import Duty
from contracts_chain.agreements.change_triggers import trigger_named
from contracts_chain.agreements.lifecycle import AgreementState, Deed
from contracts_chain.agreements.notices import manner_named, notice_kind_named
from contracts_chain.agreements.shown import day_text
from contracts_chain.workflows.agreement_life import AgreementLife
from contracts_chain.workflows.life_files import ChangeFile, NoticeFile
from kernel.clock import utc_text

__all__ = ["PageDeed", "change_line", "deeds_for", "life_json", "notice_line", "term_zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDeed:
    """One act that the page offers.

    Attributes:
        id: Sent back by the form.
        field: Name of the one further field it needs, empty for none.
        hint_zh: What that field, or the act, means.
        duty: Who may do it.
    """

    id: str
    zh: str
    en: str
    reason_zh: str
    reason_en: str
    field: str = ""
    field_zh: str = ""
    field_en: str = ""
    hint_zh: str = ""
    hint_en: str = ""
    duty: Duty


_DEEDS: Final[tuple[tuple[Deed, PageDeed], ...]] = (
    (
        Deed.SUSPEND,
        PageDeed(
            id="suspend",
            zh="中止供电",
            en="Suspend",
            reason_zh="事由",
            reason_en="Reason",
            field="notice",
            field_zh="已送达的中止供电通知书编号",
            field_en="Number of the notice served on paper",
            hint_zh="须纸质送达、通知期已满，并已在停电前再次通知。",
            hint_en="Served on paper, its period over, the customer called once more.",
            duty=Duty.SUPPLIER_DESK,
        ),
    ),
    (
        Deed.RESUME,
        PageDeed(
            id="resume",
            zh="恢复执行",
            en="Resume",
            reason_zh="事由",
            reason_en="Reason",
            duty=Duty.SUPPLIER_DESK,
        ),
    ),
    (
        Deed.BEGIN_RENEWAL,
        PageDeed(
            id="renew",
            zh="发起续签",
            en="Renew",
            reason_zh="说明",
            reason_en="Note",
            field="order_no",
            field_zh="业务单号",
            field_en="Business number",
            hint_zh="原合同执行至期满；新合同另行起草、审核和签署。",
            hint_en="The old contract runs to its end; the new one is drafted and signed like any other.",
            duty=Duty.SUPPLIER_DESK,
        ),
    ),
    (
        Deed.SUPERSEDE,
        PageDeed(
            id="supersede",
            zh="以新合同取代",
            en="Supersede",
            reason_zh="事由",
            reason_en="Reason",
            field="successor",
            field_zh="新合同编号（已签署）",
            field_en="Number of the executed contract",
            duty=Duty.SUPPLIER_DESK,
        ),
    ),
    (
        Deed.TERMINATE,
        PageDeed(
            id="terminate",
            zh="终止",
            en="Terminate",
            reason_zh="事由",
            reason_en="Reason",
            field="notice",
            field_zh="终止通知书编号（单方终止时）",
            field_en="Number of the notice, if not agreed",
            hint_zh="终止后不能恢复；双方协商一致的，请写明依据的终止协议编号。",
            hint_en="Nothing leads back; if both agreed, name the termination agreement.",
            duty=Duty.SUPPLIER_DESK,
        ),
    ),
    (
        Deed.DISPUTE,
        PageDeed(
            id="hold",
            zh="争议锁定",
            en="Hold for a dispute",
            reason_zh="争议事项",
            reason_en="What is disputed",
            field="case_no",
            field_zh="案号（没有可不填）",
            field_en="Case number, if any",
            hint_zh="锁定期间不得变更、归档或删除。",
            hint_en="Nothing is changed, archived or deleted meanwhile.",
            duty=Duty.REVIEWER,
        ),
    ),
    (
        Deed.ARCHIVE,
        PageDeed(
            id="archive",
            zh="归档",
            en="Archive",
            reason_zh="说明",
            reason_en="Note",
            duty=Duty.SUPPLIER_DESK,
        ),
    ),
)
_RELEASE: Final = PageDeed(
    id="release",
    zh="解除锁定",
    en="Release the hold",
    reason_zh="争议如何了结",
    reason_en="How the dispute ended",
    duty=Duty.REVIEWER,
)


def deeds_for(life: AgreementLife, duty: Duty) -> tuple[PageDeed, ...]:
    """The acts open now to a person of this duty."""
    if life.hold is not None:
        return (_RELEASE,) if duty is _RELEASE.duty else ()
    in_change = life.dossier.state in {AgreementState.AMENDING, AgreementState.RENEWING}
    return tuple(
        shown
        for deed, shown in _DEEDS
        if shown.duty is duty and deed in life.allowed and not (in_change and deed is Deed.RESUME)
    )


def change_line(change: ChangeFile) -> dict[str, object]:
    """A change as a row."""
    states = {"open": ("办理中", "open"), "done": ("已办结", "done"), "abandoned": ("已取消", "given up")}
    zh, en = states[change.state]
    return {
        "trigger": trigger_named(change.trigger).zh,
        "order_no": change.order_no,
        "follower": change.follower,
        "state_zh": zh,
        "state_en": en,
        "opened": change.opened_utc,
        "by": change.opened_by,
    }


def notice_line(notice: NoticeFile) -> dict[str, object]:
    """A notice as a row: kind, how it was served, whether it was used."""
    served = "尚未纸质送达"
    if notice.served_on is not None and notice.manner is not None:
        served = f"{day_text(notice.served_on)}{manner_named(notice.manner).zh}"
    return {
        "number": notice.number,
        "kind": notice_kind_named(notice.kind).zh,
        "reviewed": "法务已审核" if notice.reviewed_by else "待法务审核",
        "served": served,
        "used": notice.used_utc,
    }


def term_zh(life: AgreementLife) -> str:
    """The term with what happens at its end."""
    span = life.span
    if span is None:
        return f"{_days(life.terms.valid_from, life.terms.valid_to)}（签署完成后起算）"
    shown = _days(span.starts_on, span.ends_on)
    if span.renewals:
        return f"{shown}（已按约定续期一次）"
    if span.objected_by is not None:
        return f"{shown}（已有一方提出异议，期满不续）"
    return f"{shown}（期满无异议续期一次）" if span.auto_renew else shown


def _days(first: date, last: date | None) -> str:
    return f"{day_text(first)}至{'原合同终止' if last is None else day_text(last)}"


def life_json(life: AgreementLife) -> dict[str, object]:
    """The whole life as machines see it."""
    span, hold = life.span, life.hold
    term = None
    if span is not None:
        term = {
            "starts_on": span.starts_on.isoformat(),
            "ends_on": None if span.ends_on is None else span.ends_on.isoformat(),
            "auto_renew": span.auto_renew,
            "renewals": span.renewals,
            "objected_by": span.objected_by,
        }
    standing = None
    if hold is not None:
        standing = {"by": hold.held_by, "since_utc": utc_text(hold.held_utc), "reason": hold.reason}
    return dossier_json(life.dossier) | {
        "term": term,
        "hold": standing,
        "allowed": [deed.value for deed in life.allowed],
        "next_step": {"zh": life.next_step.zh, "en": life.next_step.en},
        "versions": [
            {"version": one.version, "saved_by": one.saved_by, "saved_utc": utc_text(one.saved_utc)}
            for one in life.versions
        ],
        "changes": [
            {"order_no": one.order_no, "trigger": one.trigger, "follower": one.follower, "state": one.state}
            for one in life.changes
        ],
        "notices": [one.number for one in life.notices],
        "related": [
            {"number": one.number, "kind": one.kind, "state": one.state.value} for one in life.related
        ],
    }
