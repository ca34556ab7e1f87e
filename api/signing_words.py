"""What the signing pages say about a ceremony: masked names, reading progress, what comes next.

Pure words over facts that ``workflows`` hands out (WEB §1 formats, S10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.working_days import house_calendar
from contracts_chain.workflows.dossier import AgreementDossier
from kernel.clock import BEIJING

__all__ = ["Fact", "NextStep", "day_until", "masked_name", "next_steps", "party_titles", "summary_rows"]

_EVIDENCE_ORDER = (
    EvidenceState.TIMESTAMPED,
    EvidenceState.LOGGED,
    EvidenceState.ANCHORED,
    EvidenceState.FINAL,
)
_EVIDENCE_EN = {
    EvidenceState.TIMESTAMPED: "timestamped",
    EvidenceState.LOGGED: "logged",
    EvidenceState.ANCHORED: "anchored on chain",
    EvidenceState.FINAL: "final",
}


_WEEKDAYS = "一二三四五六日"
_SIGNS_EN = {"consumer": "the customer signs", "supplier": "the utility signs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One line of 接下来, done or waiting."""

    zh: str
    en: str
    done: bool


def masked_name(name: str) -> str:
    """``王*明``: first and last character; two characters show the first only."""
    if len(name) <= 1:
        return "*"
    return f"{name[0]}*" if len(name) == 2 else f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row of the summary, or one sentence, in both languages."""

    zh: str
    en: str
    value: str = ""


def day_until(until: date | None, now: datetime) -> Fact | None:
    """「12月4日 周五前（10 个工作日）」: the last day for signing, with the working days left."""
    if until is None:
        return None
    left = house_calendar().working_days_between(now.astimezone(BEIJING).date(), until)
    weekday = _WEEKDAYS[until.weekday()]
    zh = f"{until.month}月{until.day}日 周{weekday}前（{max(left, 0)} 个工作日）"
    return Fact(zh=zh, en=f"By {until:%a %d %b} ({max(left, 0)} working days)")


def summary_rows(dossier: AgreementDossier) -> tuple[Fact, ...]:
    """What the contract says, in short; rows that a class does not have are left out."""
    terms = load_terms(dossier.terms)
    parties = "；".join(f"{held.title}：{held.party.name}" for held in terms.parties())
    ends = f"{terms.valid_to:%Y年%m月%d日}" if terms.valid_to else "长期"
    capacity = terms.capacity_kva
    rows = (
        Fact(zh="双方", en="Parties", value=parties),
        Fact(zh="户号", en="Account", value=terms.account_no or ""),
        Fact(zh="用电地址", en="Address", value=str(getattr(terms, "use_addr", "") or "")),
        Fact(zh="容量", en="Capacity", value="" if capacity is None else f"{capacity:f} 千伏安"),
        Fact(zh="期限", en="Term", value=f"{terms.valid_from:%Y年%m月%d日} 至 {ends}"),
    )
    return tuple(row for row in rows if row.value)


def party_titles(dossier: AgreementDossier) -> dict[str, str]:
    """What the agreement calls each party: ``{"consumer": "用电人"}``."""
    return {held.role: held.title for held in load_terms(dossier.terms).parties()}


def next_steps(dossier: AgreementDossier, role: str, titles: Mapping[str, str]) -> tuple[NextStep, ...]:
    """From this party's signature to final evidence; formation stands before all evidence.

    Args:
        dossier: The agreement.
        role: Who looks.
        titles: What the agreement calls each party.
    """
    others = [each for each in dict.fromkeys(slot.role for slot in dossier.slots) if each != role]
    steps = [NextStep(zh="您已签署", en="you have signed", done=_signed(dossier, role))]
    for other in others:
        zh, en = f"{titles[other]}签署", _SIGNS_EN.get(other, "another party signs")
        steps.append(NextStep(zh=zh, en=en, done=_signed(dossier, other)))
    steps.append(NextStep(zh=AgreementState.EXECUTED.zh, en="contract formed", done=dossier.state.is_formed))
    return (*steps, *_evidence_steps(dossier))


def _signed(dossier: AgreementDossier, role: str) -> bool:
    return all(slot.signed for slot in dossier.slots if slot.role == role)


def _evidence_steps(dossier: AgreementDossier) -> tuple[NextStep, ...]:
    order = (EvidenceState.PENDING, *_EVIDENCE_ORDER, EvidenceState.CROSS_ANCHORED)
    reached = order.index(dossier.evidence_state) if dossier.state.is_formed else 0
    return tuple(
        NextStep(zh=state.zh, en=_EVIDENCE_EN[state], done=reached >= order.index(state))
        for state in _EVIDENCE_ORDER
    )
