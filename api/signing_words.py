"""What the signing pages say about a ceremony: masked names, reading progress, what comes next.

Pure words over facts that ``workflows`` hands out (WEB §1 formats, S10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts_chain.agreements.lifecycle import AgreementState, EvidenceState
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.ceremony_view import CeremonyView
from contracts_chain.workflows.dossier import AgreementDossier

__all__ = ["NextStep", "masked_name", "next_steps", "party_titles", "read_so_far"]

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


def read_so_far(view: CeremonyView) -> int:
    """Pages served, in whole percent; 100 only when every page was."""
    return 100 * len(set(view.pages_served)) // view.pages if view.pages else 0


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
