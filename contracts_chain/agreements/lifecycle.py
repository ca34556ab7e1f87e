"""The life of an agreement and of its evidence, each as one explicit table (DESIGN §4).

Decides which deed is allowed in which state. Must never store anything, and must never
make formation wait for evidence: the two tables do not know each other
(民法典 art. 490; DESIGN decision 8). ``docs/lifecycle.md`` draws both.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.errors import RejectedError

__all__ = [
    "AgreementState",
    "Deed",
    "EvidenceState",
    "TransitionRefusedError",
    "advance_agreement",
    "advance_evidence",
    "after_signature",
    "agreement_arrows",
    "allowed_deeds",
    "evidence_arrows",
]


class AgreementState(StrEnum):
    """Where an agreement stands; the same word in database, API, metrics and screens."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    OFFERED = "offered"
    PARTLY_SIGNED = "partly_signed"
    EXECUTED = "executed"
    IN_FORCE = "in_force"
    AMENDING = "amending"
    RENEWING = "renewing"
    SUSPENDED = "suspended"
    DISPUTED = "disputed"
    EXPIRED = "expired"
    TERMINATED = "terminated"
    SUPERSEDED = "superseded"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return _AGREEMENT_ZH[self]

    @property
    def is_formed(self) -> bool:
        """Whether every required party has signed (民法典 art. 490)."""
        return self in _FORMED

    @property
    def came_to_nothing(self) -> bool:
        """Whether it ended without a contract, so that its order may be drafted anew."""
        return self in {_S.REJECTED, _S.WITHDRAWN, _S.LAPSED}


class Deed(StrEnum):
    """What someone, or the calendar, does to an agreement."""

    SUBMIT = "submit"
    RETURN = "return"
    REVISE = "revise"
    APPROVE = "approve"
    OFFER = "offer"
    SIGN = "sign"
    COMPLETE = "complete"
    ENTER_INTO_FORCE = "enter_into_force"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    BEGIN_AMENDMENT = "begin_amendment"
    BEGIN_RENEWAL = "begin_renewal"
    SUSPEND = "suspend"
    DISPUTE = "dispute"
    RESUME = "resume"
    EXPIRE = "expire"
    TERMINATE = "terminate"
    SUPERSEDE = "supersede"
    ARCHIVE = "archive"

    @property
    def zh(self) -> str:
        """The word on Chinese buttons."""
        return _DEED_ZH[self]


class EvidenceState(StrEnum):
    """How far the evidence of one record has come."""

    PENDING = "pending"
    TIMESTAMPED = "timestamped"
    LOGGED = "logged"
    ANCHORED = "anchored"
    FINAL = "final"
    CROSS_ANCHORED = "cross_anchored"

    @property
    def zh(self) -> str:
        """The word on Chinese screens (WEB.md S10)."""
        return _EVIDENCE_ZH[self]


_S = AgreementState
_D = Deed

_AGREEMENT_ZH: Final[Mapping[AgreementState, str]] = MappingProxyType(
    {
        _S.DRAFT: "草稿",
        _S.IN_REVIEW: "审核中",
        _S.RETURNED: "已退回",
        _S.APPROVED: "已审批",
        _S.OFFERED: "待签署",
        _S.PARTLY_SIGNED: "部分已签",
        _S.EXECUTED: "合同成立",
        _S.IN_FORCE: "执行中",
        _S.AMENDING: "变更中",
        _S.RENEWING: "续签中",
        _S.SUSPENDED: "已中止",
        _S.DISPUTED: "争议中",
        _S.EXPIRED: "已到期",
        _S.TERMINATED: "已终止",
        _S.SUPERSEDED: "已被取代",
        _S.ARCHIVED: "已归档",
        _S.REJECTED: "已拒签",
        _S.WITHDRAWN: "已撤回",
        _S.LAPSED: "逾期未签",
    }
)

_DEED_ZH: Final[Mapping[Deed, str]] = MappingProxyType(
    {
        _D.SUBMIT: "提交审核",
        _D.RETURN: "退回",
        _D.REVISE: "修改",
        _D.APPROVE: "审批通过",
        _D.OFFER: "发送签署",
        _D.SIGN: "签署",
        _D.COMPLETE: "完成签署",
        _D.ENTER_INTO_FORCE: "生效",
        _D.REJECT: "拒签",
        _D.WITHDRAW: "撤回",
        _D.LAPSE: "逾期失效",
        _D.BEGIN_AMENDMENT: "发起变更",
        _D.BEGIN_RENEWAL: "发起续签",
        _D.SUSPEND: "中止",
        _D.DISPUTE: "进入争议",
        _D.RESUME: "恢复执行",
        _D.EXPIRE: "到期",
        _D.TERMINATE: "终止",
        _D.SUPERSEDE: "取代",
        _D.ARCHIVE: "归档",
    }
)

_EVIDENCE_ZH: Final[Mapping[EvidenceState, str]] = MappingProxyType(
    {
        EvidenceState.PENDING: "待存证",
        EvidenceState.TIMESTAMPED: "已加时间戳",
        EvidenceState.LOGGED: "已登记",
        EvidenceState.ANCHORED: "已上链",
        EvidenceState.FINAL: "最终确认",
        EvidenceState.CROSS_ANCHORED: "已跨链存证",
    }
)

_RUNNING: Final[Mapping[Deed, AgreementState]] = MappingProxyType(
    {
        _D.RESUME: _S.IN_FORCE,
        _D.DISPUTE: _S.DISPUTED,
        _D.EXPIRE: _S.EXPIRED,
        _D.TERMINATE: _S.TERMINATED,
        _D.SUPERSEDE: _S.SUPERSEDED,
    }
)
"""Ways out shared by amending, renewing, suspended and disputed."""

_AGREEMENT: Final[Mapping[AgreementState, Mapping[Deed, AgreementState]]] = MappingProxyType(
    {
        _S.DRAFT: {_D.SUBMIT: _S.IN_REVIEW, _D.REVISE: _S.DRAFT, _D.WITHDRAW: _S.WITHDRAWN},
        _S.IN_REVIEW: {_D.APPROVE: _S.APPROVED, _D.RETURN: _S.RETURNED, _D.WITHDRAW: _S.WITHDRAWN},
        _S.RETURNED: {_D.REVISE: _S.DRAFT, _D.WITHDRAW: _S.WITHDRAWN},
        _S.APPROVED: {_D.OFFER: _S.OFFERED, _D.REVISE: _S.DRAFT, _D.WITHDRAW: _S.WITHDRAWN},
        _S.OFFERED: {
            _D.SIGN: _S.PARTLY_SIGNED,
            _D.COMPLETE: _S.EXECUTED,
            _D.REJECT: _S.REJECTED,
            _D.WITHDRAW: _S.WITHDRAWN,
            _D.LAPSE: _S.LAPSED,
        },
        _S.PARTLY_SIGNED: {
            _D.SIGN: _S.PARTLY_SIGNED,
            _D.COMPLETE: _S.EXECUTED,
            _D.REJECT: _S.REJECTED,
            _D.WITHDRAW: _S.WITHDRAWN,
            _D.LAPSE: _S.LAPSED,
        },
        _S.EXECUTED: {
            _D.ENTER_INTO_FORCE: _S.IN_FORCE,
            _D.TERMINATE: _S.TERMINATED,
            _D.SUPERSEDE: _S.SUPERSEDED,
        },
        _S.IN_FORCE: {
            _D.BEGIN_AMENDMENT: _S.AMENDING,
            _D.BEGIN_RENEWAL: _S.RENEWING,
            _D.SUSPEND: _S.SUSPENDED,
            _D.DISPUTE: _S.DISPUTED,
            _D.EXPIRE: _S.EXPIRED,
            _D.TERMINATE: _S.TERMINATED,
            _D.SUPERSEDE: _S.SUPERSEDED,
        },
        _S.AMENDING: _RUNNING,
        _S.RENEWING: _RUNNING,
        _S.SUSPENDED: _RUNNING,
        _S.DISPUTED: {deed: state for deed, state in _RUNNING.items() if deed is not _D.DISPUTE},
        _S.EXPIRED: {_D.ARCHIVE: _S.ARCHIVED},
        _S.TERMINATED: {_D.ARCHIVE: _S.ARCHIVED},
        _S.SUPERSEDED: {_D.ARCHIVE: _S.ARCHIVED},
        _S.ARCHIVED: {},
        _S.REJECTED: {_D.ARCHIVE: _S.ARCHIVED},
        _S.WITHDRAWN: {_D.ARCHIVE: _S.ARCHIVED},
        _S.LAPSED: {_D.ARCHIVE: _S.ARCHIVED},
    }
)

_FORMED: Final = frozenset(
    {
        _S.EXECUTED,
        _S.IN_FORCE,
        _S.AMENDING,
        _S.RENEWING,
        _S.SUSPENDED,
        _S.DISPUTED,
        _S.EXPIRED,
        _S.TERMINATED,
        _S.SUPERSEDED,
    }
)

_EVIDENCE: Final[Mapping[EvidenceState, tuple[EvidenceState, ...]]] = MappingProxyType(
    {
        EvidenceState.PENDING: (EvidenceState.TIMESTAMPED, EvidenceState.LOGGED),
        EvidenceState.TIMESTAMPED: (EvidenceState.LOGGED,),
        EvidenceState.LOGGED: (EvidenceState.ANCHORED,),
        EvidenceState.ANCHORED: (EvidenceState.FINAL,),
        EvidenceState.FINAL: (EvidenceState.CROSS_ANCHORED,),
        EvidenceState.CROSS_ANCHORED: (),
    }
)


class TransitionRefusedError(RejectedError):
    """The step is not allowed in this state; the attributes say what is."""

    code = "transition_refused"

    def __init__(self, *, state: str, wanted: str, allowed: tuple[str, ...], en: str, zh: str) -> None:
        """Keep the state, the refused step and the steps allowed now, as stable words."""
        super().__init__(en, zh)
        self.state = state
        self.wanted = wanted
        self.allowed = allowed


def agreement_arrows() -> tuple[tuple[AgreementState, Deed, AgreementState], ...]:
    """Every arrow of the agreement's table: from, deed, to."""
    return tuple((state, deed, to) for state, arrows in _AGREEMENT.items() for deed, to in arrows.items())


def evidence_arrows() -> tuple[tuple[EvidenceState, EvidenceState], ...]:
    """Every arrow of the evidence table: from, to."""
    return tuple((state, to) for state, following in _EVIDENCE.items() for to in following)


def allowed_deeds(state: AgreementState) -> tuple[Deed, ...]:
    """What may be done now, in the table's order."""
    return tuple(_AGREEMENT[state])


def advance_agreement(state: AgreementState, deed: Deed) -> AgreementState:
    """Give the state after the deed.

    Raises:
        TransitionRefusedError: The table has no such arrow; says which deeds are allowed.
    """
    arrows = _AGREEMENT[state]
    if deed in arrows:
        return arrows[deed]
    allowed = tuple(arrows)
    raise TransitionRefusedError(
        state=state,
        wanted=deed,
        allowed=allowed,
        en=f"{deed} is not allowed while {state}; allowed now: {', '.join(allowed) or 'nothing'}",
        zh=f"“{state.zh}”状态下不能{deed.zh}；现在可以：{'、'.join(d.zh for d in allowed) or '无'}",
    )


def after_signature(state: AgreementState, *, made: int, required: int) -> AgreementState:
    """Give the state after a signature, the one just made included.

    Args:
        state: State before this signature.
        made: Signatures on the document now, 1 to ``required``.
        required: Signatures the agreement needs of all its parties (2..n parties).

    Raises:
        TransitionRefusedError: Nothing may be signed in this state.
        ValueError: A count that cannot be; a fault of the caller.
    """
    if not 1 <= made <= required:
        raise ValueError(f"{made} of {required} signatures cannot be")
    return advance_agreement(state, Deed.COMPLETE if made == required else Deed.SIGN)


def advance_evidence(state: EvidenceState, to: EvidenceState, *, timestamp_due: bool = True) -> EvidenceState:
    """Give ``to`` if a record's evidence may move there.

    Args:
        state: Where the evidence stands.
        to: Where it should go.
        timestamp_due: False for records without a signature in them (an approval, a
            status change), which go from pending straight to logged.

    Raises:
        TransitionRefusedError: Not the next step, or a signature would be logged unstamped.
    """
    allowed = _EVIDENCE[state]
    if timestamp_due and state is EvidenceState.PENDING:
        allowed = (EvidenceState.TIMESTAMPED,)
    if to in allowed:
        return to
    raise TransitionRefusedError(
        state=state,
        wanted=to,
        allowed=allowed,
        en=f"evidence cannot go from {state} to {to}; allowed now: {', '.join(allowed) or 'nothing'}",
        zh=f"存证状态不能由“{state.zh}”变为“{to.zh}”；现在可以：{'、'.join(s.zh for s in allowed) or '无'}",
    )
