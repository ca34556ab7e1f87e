"""What the signing pages say about a ceremony: masked names, reading progress, what comes next.

Pure words over facts that ``workflows`` hands out (WEB §1 formats, S10).
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.workflows.ceremony_view import CeremonyView
from contracts_chain.workflows.dossier import AgreementDossier

__all__ = ["NextStep", "masked_name", "next_steps", "read_so_far"]

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


def read_so_far(view: CeremonyView) -> int:
    """Pages served, in whole percent; 100 only when every page was."""
    return 100 * len(set(view.pages_served)) // view.pages if view.pages else 0


def next_steps(dossier: AgreementDossier, role: str) -> tuple[NextStep, ...]:
    """From this party's signature to final evidence; formation stands before all evidence."""
    others = {slot.role for slot in dossier.slots} - {role}
    words = {
        "consumer": ("用电方签署", "the customer signs"),
        "supplier": ("供电方签署", "the utility signs"),
    }
    steps = [NextStep(zh="您已签署", en="you have signed", done=_signed(dossier, role))]
    for other in sorted(others):
        zh, en = words.get(other, (f"{other} 签署", f"{other} signs"))
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
