"""Everything about one agreement on one page: state, versions, term, changes, holds, notices, related papers.

Reads only; the next legal step is derived here so that page, API and command say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.change_triggers import trigger_named
from contracts_chain.agreements.lifecycle import AgreementState, Deed, allowed_deeds
from contracts_chain.agreements.shown import day_text
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft_ports import DraftVersion
from contracts_chain.workflows.errors import UnknownNumberError
from contracts_chain.workflows.life_files import ChangeFile, DisputeHold, LifeSpan, NoticeFile
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.standing import beijing_day

__all__ = ["AgreementLife", "NextStep", "life_of"]

RENEW_DAYS: Final = 90
_STEPS: Final[Mapping[AgreementState, tuple[str, str, str]]] = MappingProxyType(
    {
        AgreementState.DRAFT: ("补齐条款并提交审核", "complete and submit it", "/drafts/{number}"),
        AgreementState.RETURNED: ("按退回意见修改", "revise it as the reviewer asks", "/drafts/{number}"),
        AgreementState.IN_REVIEW: ("审核人审核", "the reviewer decides", "/reviews/{number}"),
        AgreementState.APPROVED: ("发送签署", "offer it to the parties", "/drafts/{number}"),
        AgreementState.OFFERED: ("等待各方签署", "the parties sign", "/deadlines"),
        AgreementState.PARTLY_SIGNED: ("等待其余各方签署", "the others sign", "/deadlines"),
        AgreementState.SUSPENDED: ("付清欠费后恢复供电", "resume once the debt is paid", "#deeds"),
        AgreementState.EXPIRED: ("归档", "archive it", "#deeds"),
        AgreementState.TERMINATED: ("归档", "archive it", "#deeds"),
        AgreementState.SUPERSEDED: ("归档", "archive it", "#deeds"),
        AgreementState.REJECTED: ("归档", "archive it", "#deeds"),
        AgreementState.WITHDRAWN: ("归档", "archive it", "#deeds"),
        AgreementState.LAPSED: ("归档", "archive it", "#deeds"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What is to be done next, in both languages; ``href`` leads there, empty where nothing is open."""

    zh: str
    en: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementLife:
    """One agreement as its page shows it.

    Attributes:
        related: Other agreements: of the same order, supplements, main contract, follower.
        hold: The dispute hold that stands.
        allowed: Deeds of its state that a person may do now; none while it is held.
    """

    dossier: AgreementDossier
    terms: Terms
    span: LifeSpan | None
    versions: tuple[DraftVersion, ...]
    changes: tuple[ChangeFile, ...]
    notices: tuple[NoticeFile, ...]
    related: tuple[AgreementDossier, ...]
    hold: DisputeHold | None
    allowed: tuple[Deed, ...]
    next_step: NextStep


def life_of(office: Office, number: str) -> AgreementLife:
    """Read one agreement with everything around it.

    Raises:
        UnknownNumberError: No such agreement.
    """
    with office.work() as work:
        dossier = work.agreements.load(number)
        terms, changes = load_terms(dossier.terms), work.life.changes_of(number)
        span, hold = work.life.find_span(number), work.life.hold_of(number)
        return AgreementLife(
            dossier=dossier,
            terms=terms,
            span=span,
            versions=tuple(work.drafts.versions(number)),
            changes=changes,
            notices=work.notices.of_agreement(number),
            related=tuple(_related(work, dossier, terms, changes)),
            hold=hold,
            allowed=() if hold else allowed_deeds(dossier.state),
            next_step=_next(dossier, span, changes, hold, beijing_day(office.clock.now())),
        )


def _related(
    work: UnitOfWork, dossier: AgreementDossier, terms: Terms, changes: tuple[ChangeFile, ...]
) -> Iterator[AgreementDossier]:
    numbers = [*work.orders.agreements_of(dossier.order_no), *terms.related_numbers()]
    numbers += [change.follower for change in changes if change.follower]
    for number in dict.fromkeys(numbers):
        if number == dossier.number:
            continue
        try:
            yield work.agreements.load(number)
        except UnknownNumberError:
            continue  # named on paper, kept in another system


def _next(
    dossier: AgreementDossier,
    span: LifeSpan | None,
    changes: tuple[ChangeFile, ...],
    hold: DisputeHold | None,
    today: date,
) -> NextStep:
    if hold is not None:
        return NextStep(
            zh=f"争议处理中，由 {hold.held_by} 锁定", en=f"held for a dispute by {hold.held_by}", href="#hold"
        )
    opened = next((one for one in changes if one.state == "open"), None)
    if opened is not None:
        return _next_of_change(opened)
    if dossier.state is AgreementState.EXECUTED:
        starts = "存证最终确认后" if span is None else f"自{day_text(span.starts_on)}起"
        return NextStep(zh=f"{starts}进入执行", en=f"in force from {span.starts_on if span else 'finality'}")
    if dossier.state is AgreementState.IN_FORCE:
        return _next_of_term(span, today)
    zh, en, href = _STEPS.get(dossier.state, ("无须办理", "nothing to do", ""))
    return NextStep(zh=zh, en=en, href=href.format(number=dossier.number))


def _next_of_change(change: ChangeFile) -> NextStep:
    trigger = trigger_named(change.trigger).zh
    if change.follower is None:
        return NextStep(
            zh=f"起草“{trigger}”的文本", en=f"draft the paper of {change.trigger}", href="#changes"
        )
    return NextStep(
        zh=f"完成 {change.follower} 的签署",
        en=f"have {change.follower} signed",
        href=f"/agreements/{change.follower}",
    )


def _next_of_term(span: LifeSpan | None, today: date) -> NextStep:
    if span is not None and span.ends_on is not None and (span.ends_on - today).days <= RENEW_DAYS:
        return NextStep(
            zh=f"期限将于{day_text(span.ends_on)}届满，请办理续签或确认不续",
            en=f"the term ends on {span.ends_on}; renew it or let it end",
            href="#deeds",
        )
    return NextStep(zh="正常执行，无须办理", en="in force, nothing to do")
