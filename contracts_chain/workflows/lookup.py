"""What anyone may know of a number until sign-on exists: kind, state, verdict, digest.

No name, no term, no file. The verdict is that of the stored package's recipe where the
evidence is final, else undecided; a look-up never calls anything proven by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.agreements.lifecycle import EvidenceState
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import NotYetFinalError, UnknownNumberError
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.package import build_package
from kernel.errors import UndecidedError
from kernel.verdict import Verdict

__all__ = ["PublicFacts", "look_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFacts:
    """The little that a number reveals."""

    number: str
    kind_zh: str
    state_zh: str
    evidence_state_zh: str
    verdict: Verdict
    sha256: str | None


def look_up(office: Office, number: str) -> PublicFacts:
    """Verify what is stored under a number and tell verdict and digest only.

    Raises:
        UnknownNumberError: No such agreement, or it is not formed yet.
    """
    with office.work() as work:
        dossier = work.agreements.load(number)
    if not dossier.state.is_formed:
        raise UnknownNumberError(number)
    return PublicFacts(
        number=number,
        kind_zh=load_terms(dossier.terms).KIND.zh,
        state_zh=dossier.state.zh,
        evidence_state_zh=dossier.evidence_state.zh,
        verdict=_verdict(office, dossier),
        sha256=dossier.current_sha256.hex() if dossier.current_sha256 else None,
    )


def _verdict(office: Office, dossier: AgreementDossier) -> Verdict:
    if dossier.evidence_state not in {EvidenceState.FINAL, EvidenceState.CROSS_ANCHORED}:
        return Verdict.UNDECIDED
    try:
        return build_package(office, dossier.number).report.verdict
    except (NotYetFinalError, UndecidedError):
        return Verdict.UNDECIDED
