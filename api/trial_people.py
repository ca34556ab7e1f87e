"""Plays the people of a trial: who signs on a phone, and who lets the utility's seal be used.

Every step is the deed that the pages call. The signer is vouched for by the sandbox provider and
reads its codes where a phone would: in the sandbox outbox of the activation process.
"""

from __future__ import annotations

import threading

import httpx

from api.activation_sms import SandboxPhone
from api.house import House
from api.house_signing import activation_directory
from contracts_chain.agreements.identity.methods import IdentityMethod
from contracts_chain.workflows.acting_party import acting_party, signing_phone
from contracts_chain.workflows.ceremony import begin, consent, open_link, sign_with_code
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.identify import identify, identify_standing, identity_view
from contracts_chain.workflows.mark import TypedMark, choose_mark
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.reading import confirm_clause, page_image, serve_clause
from contracts_chain.workflows.seal_use import approve_use, is_own_seal, own_seal, request_use
from contracts_chain.workflows.settle_identity import settle_identity
from contracts_chain.workflows.will import send_code

__all__ = ["let_seals_be_used", "ready_on_phone", "sign_on_phone"]

_PHONE_WIDTH_PX = 780


def sign_on_phone(house: House, token: str) -> AgreementDossier:
    """Go the whole way from a link to the signatures of its party."""
    return sign_with_code(house.office, token, ready_on_phone(house, token))


def ready_on_phone(house: House, token: str) -> str:
    """Go the way from a link to the will: identity, reading, mark, consent; gives the code of the phone."""
    office = house.office
    _identify(office, token)
    _read(office, token)
    choose_mark(office, token, TypedMark(name=open_link(office, token).signer_name))
    consent(office, token)
    send_code(office, token)
    phone = SandboxPhone(activation_directory(house.settings))
    return phone.newest_code(_phone(office, token))


def let_seals_be_used(office: Office, dossier: AgreementDossier, *, by: str) -> None:
    """Ask for every own seal that an agreement takes, and approve it as the seal's custodian."""
    own = [slot for slot in dossier.slots if is_own_seal(office, slot)]
    with office.work() as work:
        seals = {seal.id: seal for seal in (own_seal(office, work, slot) for slot in own)}
    for seal in seals.values():
        asked = request_use(office, seal.id, [dossier.number], by=by, reason=f"签订合同 {dossier.number}")
        approve_use(office, asked.id, by=seal.custodian)


def _identify(office: Office, token: str) -> None:
    """The easiest way online that suffices; a signer who is known needs no second check."""
    if identify_standing(office, token):
        return
    methods = identity_view(office, token).methods
    method = next(one for one in methods if one is not IdentityMethod.HALL_REVIEW)
    check = identify(office, token, method, face_consent=True if method.uses_face else None)
    page = check.redirect_url.partition("/p/")[0]
    httpx.post(f"{page}/sessions/{check.session}/act", json={}, trust_env=False).raise_for_status()
    settle_identity(office, token)


def _read(office: Office, token: str) -> None:
    """Every page, then every conspicuous clause for as long as it must stand."""
    for page in range(1, begin(office, token).pages + 1):
        page_image(office, token, page, _PHONE_WIDTH_PX)
    for position in open_link(office, token).progress.clauses_due:
        threading.Event().wait(serve_clause(office, token, position).seconds_left)
        confirm_clause(office, token, position)


def _phone(office: Office, token: str) -> str:
    with office.work() as work:
        ceremony, dossier = found(work, token)
        return signing_phone(acting_party(work, dossier, ceremony.role))
