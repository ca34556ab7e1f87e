"""Plays a person at the sandbox provider: presses the button of its page, as a browser would."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from contracts_chain.agreements.identity.methods import IdentityMethod
from contracts_chain.workflows.identify import identify, identify_standing
from contracts_chain.workflows.identity_files import CheckState, IdentityCheck
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.settle_identity import settle_check

__all__ = ["act_at_sandbox", "identify_at_sandbox"]


def act_at_sandbox(check: IdentityCheck, do: str = "pass") -> None:
    """What the person does on the provider's page."""
    place = urlsplit(check.redirect_url)
    where = f"{place.scheme}://{place.netloc}/sessions/{check.session}/act"
    with httpx.Client(trust_env=False, timeout=30) as client:
        client.post(where, json={"do": do}).raise_for_status()


def identify_at_sandbox(
    office: Office, token: str, method: IdentityMethod = IdentityMethod.CARRIER_THREE_ELEMENTS
) -> None:
    """Have the signer of a link identified, unless known from before."""
    if identify_standing(office, token):
        return
    consent = True if method.uses_face else None
    check = identify(office, token, method, face_consent=consent)
    act_at_sandbox(check)
    settled = settle_check(office, check.key)
    assert settled is not None
    assert settled.state is CheckState.PASSED, settled.reason
