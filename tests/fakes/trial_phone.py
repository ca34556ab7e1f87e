"""A signer's phone in a trial house: identity at the sandbox provider, reading, the code in its messages."""

from __future__ import annotations

import threading

import httpx
from ceremony_reader import prepare_to_sign

from api.activation_sms import SandboxPhone
from contracts_chain.agreements.identity.methods import IdentityMethod
from contracts_chain.workflows.acting_party import acting_party, signing_phone
from contracts_chain.workflows.ceremony import open_link
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.identify import identify, identify_standing, identity_view
from contracts_chain.workflows.identity_files import CheckState
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.settle_identity import settle_identity
from contracts_chain.workflows.will import send_code

__all__ = ["fresh_code", "identify_as", "newest_code", "phone_of", "ready_to_sign", "wait"]


def wait(seconds: int) -> None:
    """Let the reading time of a clause pass; a test house asks for none."""
    threading.Event().wait(seconds)


def phone_of(office: Office) -> SandboxPhone:
    """The phones of a trial installation: their messages lie with the activation process alone."""
    channel = office.activation._channel  # type: ignore[attr-defined]
    return SandboxPhone(channel.directory)


def identify_as(office: Office, token: str) -> None:
    """Have the sandbox provider vouch for the signer of a link, unless it is known already."""
    if open_link(office, token).progress.identified or identify_standing(office, token):
        return
    methods = identity_view(office, token).methods
    method = next(one for one in methods if one is not IdentityMethod.HALL_REVIEW)
    check = identify(office, token, method, face_consent=True if method.uses_face else None)
    site = check.redirect_url.split("/p/")[0]
    httpx.post(f"{site}/sessions/{check.session}/act", json={}, trust_env=False).raise_for_status()
    settled = settle_identity(office, token)
    assert settled is not None, "no check was begun"
    assert settled.state is CheckState.PASSED, settled


def ready_to_sign(office: Office, token: str) -> None:
    """Everything before the will: identity, reading, mark, consent."""
    identify_as(office, token)
    prepare_to_sign(office, token, wait)


def fresh_code(office: Office, token: str) -> str:
    """Ask for a code and read it from the phone; everything before must be done."""
    send_code(office, token)
    return newest_code(office, token)


def newest_code(office: Office, token: str) -> str:
    """The newest code on the phone of the signer of a link."""
    with office.work() as work:
        ceremony, dossier = found(work, token)
        party = acting_party(work, dossier, ceremony.role)
    return phone_of(office).newest_code(signing_phone(party))
