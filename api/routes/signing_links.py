"""What the signing pages share: where somebody belongs, and how a page is filled.

A token in the address is the secret; it goes into no log and no Referer.
"""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.problems import problem_of
from api.routes.pages import page
from contracts_chain.agreements.ceremony.steps import Step
from contracts_chain.evidence.will import SignerRef
from contracts_chain.workflows.acting_party import signer_ref
from contracts_chain.workflows.ceremony_errors import IdentityMissingError
from contracts_chain.workflows.ceremony_view import CeremonyView, hold, view_of
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office
from kernel.errors import ContractsChainError

__all__ = ["dossier_of", "elsewhere", "identified_signer", "place_of", "signing_page", "to"]

DONE = frozenset({"signed", "confirmed"})
_SET_STEPS = frozenset({"check", "code"})


def to(token: str, where: str = "") -> RedirectResponse:
    """Send the browser to a page of this link."""
    return RedirectResponse(f"/s/{token}/{where}".rstrip("/"), status_code=303)


def dossier_of(office: Office, number: str) -> AgreementDossier:
    """The agreement as it stands."""
    with office.work() as work:
        return work.agreements.load(number)


def identified_signer(office: Office, token: str) -> SignerRef:
    """The identified person whose turn it is.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has signed.
        IdentityMissingError: Nobody vouched for the person in this ceremony.
    """
    with office.work() as work:
        held = hold(work, token)
        if not view_of(held).progress.identified:
            raise IdentityMissingError
        return signer_ref(held.person)


def elsewhere(view: CeremonyView, token: str) -> RedirectResponse | None:
    """Where somebody belongs who is not in the middle of signing; ``None`` if they are."""
    if view.state in DONE:
        return to(token, "done")
    return None if view.progress.identified else to(token)


def place_of(view: CeremonyView) -> str:
    """The page of the first thing that is not done: a clause before the pages, then mark, then check."""
    progress = view.progress
    match progress.next_step:
        case Step.IDENTITY:
            return "identity"
        case Step.SUMMARY | Step.READ:
            if progress.pages_due:
                return "read"
            waiting = (*progress.clauses_due, *progress.unclear, *progress.unanswered)
            return f"clause/{min(waiting)}"
        case Step.MARK:
            return "mark"
        case Step.CONFIRM:
            return "check"


def signing_page(
    request: Request,
    template: str,
    view: CeremonyView,
    token: str,
    problem: ContractsChainError | None = None,
    **values: object,
) -> HTMLResponse:
    """Fill a page of a ceremony; a problem gives its status and stands at the top."""
    status = 200 if problem is None else problem_of(problem)[0]
    return page(request, template, status=status, view=view, token=token, problem=problem, **values)
