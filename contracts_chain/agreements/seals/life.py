"""The life of a seal as one explicit table, and who may take which step (L28: 申请-制作-备案-使用-注销).

Decides which deed is allowed in which state and which part of the registry must do it. Nobody
approves what he applied for, and nobody decides on a seal that he keeps: a custodian may stop
a seal at once, but reviving or destroying it takes the approver. Must never store anything.
``docs/formats/seals.md`` draws the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from contracts_chain.agreements.lifecycle import TransitionRefusedError
from kernel.errors import RejectedError

__all__ = [
    "SealDeed",
    "SealPart",
    "SealPartError",
    "SealState",
    "advance_seal",
    "allowed_seal_deeds",
    "seal_arrows",
    "seal_chart",
    "verify_seal_part",
]


class SealState(StrEnum):
    """Where a seal stands; the same word in database, API and screens."""

    APPLIED = "applied"
    REFUSED = "refused"
    APPROVED = "approved"
    MADE = "made"
    FILED = "filed"
    IN_USE = "in_use"
    SUSPENDED = "suspended"
    DESTROYED = "destroyed"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return _STATE_ZH[self]


class SealDeed(StrEnum):
    """What someone does to a seal, after its application."""

    APPROVE = "approve"
    REFUSE = "refuse"
    MAKE = "make"
    FILE = "file"
    BEGIN_USE = "begin_use"
    SUSPEND = "suspend"
    RESUME = "resume"
    DESTROY = "destroy"

    @property
    def zh(self) -> str:
        """The word on Chinese buttons."""
        return _DEED_ZH[self]


class SealPart(StrEnum):
    """What a person is to one seal."""

    APPLICANT = "applicant"
    APPROVER = "approver"
    CUSTODIAN = "custodian"

    @property
    def zh(self) -> str:
        """The word on Chinese screens."""
        return {SealPart.APPLICANT: "申请人", SealPart.APPROVER: "审批人", SealPart.CUSTODIAN: "保管人"}[self]


_S = SealState
_D = SealDeed

_STATE_ZH: Final[Mapping[SealState, str]] = MappingProxyType(
    {
        _S.APPLIED: "已申请",
        _S.REFUSED: "未批准",
        _S.APPROVED: "已批准",
        _S.MADE: "已制作",
        _S.FILED: "已备案",
        _S.IN_USE: "使用中",
        _S.SUSPENDED: "已停用",
        _S.DESTROYED: "已注销",
    }
)

_DEED_ZH: Final[Mapping[SealDeed, str]] = MappingProxyType(
    {
        _D.APPROVE: "批准刻制",
        _D.REFUSE: "不予批准",
        _D.MAKE: "制作",
        _D.FILE: "备案",
        _D.BEGIN_USE: "启用",
        _D.SUSPEND: "停用",
        _D.RESUME: "恢复使用",
        _D.DESTROY: "注销",
    }
)

_ARROWS: Final[Mapping[SealState, Mapping[SealDeed, SealState]]] = MappingProxyType(
    {
        _S.APPLIED: {_D.APPROVE: _S.APPROVED, _D.REFUSE: _S.REFUSED},
        _S.REFUSED: {},
        _S.APPROVED: {_D.MAKE: _S.MADE},
        _S.MADE: {_D.FILE: _S.FILED, _D.DESTROY: _S.DESTROYED},
        _S.FILED: {_D.BEGIN_USE: _S.IN_USE, _D.DESTROY: _S.DESTROYED},
        _S.IN_USE: {_D.SUSPEND: _S.SUSPENDED, _D.DESTROY: _S.DESTROYED},
        _S.SUSPENDED: {_D.RESUME: _S.IN_USE, _D.DESTROY: _S.DESTROYED},
        _S.DESTROYED: {},
    }
)

_BY: Final[Mapping[SealDeed, tuple[SealPart, ...]]] = MappingProxyType(
    {
        _D.APPROVE: (SealPart.APPROVER,),
        _D.REFUSE: (SealPart.APPROVER,),
        _D.MAKE: (SealPart.CUSTODIAN,),
        _D.FILE: (SealPart.CUSTODIAN,),
        _D.BEGIN_USE: (SealPart.CUSTODIAN,),
        _D.SUSPEND: (SealPart.CUSTODIAN, SealPart.APPROVER),
        _D.RESUME: (SealPart.APPROVER,),
        _D.DESTROY: (SealPart.APPROVER,),
    }
)


class SealPartError(RejectedError):
    """Somebody else has to take this step: who asks does not decide, who keeps does not decide alone."""

    code = "seal_part"

    def __init__(self, deed: str, *, by: str, zh_deed: str, due: tuple[SealPart, ...]) -> None:
        """Name the step, the person, and whose step it is."""
        parts, words = " or ".join(due), "或".join(part.zh for part in due)
        super().__init__(
            f"{by} may not {deed} this seal; it takes the {parts}, who is another person; ask them to do it",
            f"{by} 不得办理“{zh_deed}”；应由{words}办理，且不得与申请人为同一人，请由相应人员办理",
        )
        self.by = by
        self.due = due


def seal_arrows() -> tuple[tuple[SealState, SealDeed, SealState], ...]:
    """Every arrow of the table: from, deed, to."""
    return tuple((state, deed, to) for state, arrows in _ARROWS.items() for deed, to in arrows.items())


def allowed_seal_deeds(state: SealState) -> tuple[SealDeed, ...]:
    """What may be done now, in the table's order."""
    return tuple(_ARROWS[state])


def advance_seal(state: SealState, deed: SealDeed) -> SealState:
    """Give the state after the deed.

    Raises:
        TransitionRefusedError: The table has no such arrow; says which deeds are allowed.
    """
    arrows = _ARROWS[state]
    if deed in arrows:
        return arrows[deed]
    allowed = tuple(arrows)
    raise TransitionRefusedError(
        state=state,
        wanted=deed,
        allowed=allowed,
        en=f"{deed} is not allowed while the seal is {state}; allowed now: {', '.join(allowed) or 'nothing'}",
        zh=f"印章{state.zh}，不能{deed.zh}；现在可以：{'、'.join(one.zh for one in allowed) or '无'}",
    )


def verify_seal_part(deed: SealDeed, *, by: str, applicant: str, custodian: str) -> None:
    """Prove that a person may take the step.

    Args:
        deed: The step.
        by: Account of who takes it.
        applicant: Account of who applied for the seal.
        custodian: Account of who keeps it.

    Raises:
        SealPartError: An approver who applied or keeps it, or a custodian who does not keep it.
    """
    due = _BY[deed]
    as_custodian = SealPart.CUSTODIAN in due and by == custodian
    as_approver = SealPart.APPROVER in due and by not in {applicant, custodian}
    if not (as_custodian or as_approver):
        raise SealPartError(deed, by=by, zh_deed=deed.zh, due=due)


def seal_chart() -> str:
    """The table as a Mermaid picture; a test holds the paper against it."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state} : {state} {state.zh}" for state in SealState]
    lines += [f"    [*] --> {SealState.APPLIED}"]
    lines += [f"    {start} --> {to} : {deed} {deed.zh}" for start, deed, to in seal_arrows()]
    lines += [f"    {state} --> [*]" for state in SealState if not allowed_seal_deeds(state)]
    return "\n".join((*lines, "```"))
