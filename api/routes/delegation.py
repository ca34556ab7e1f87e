"""Page S11, delegate: another person signs, by a letter whose file is uploaded. Works without script."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Final

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api.problems import problem_of
from api.routes.desk import AtDesk, Desk, deliver_now
from api.routes.pages import PageRoute, page
from api.signing_words import masked_name
from contracts_chain.agreements.terms.codes import AgreementKind, IdType
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.workflows.acting_party import acting_party
from contracts_chain.workflows.annexes import GREATEST_ANNEX
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.delegate import delegate, read_delegation
from kernel.canonical_json import JsonObject
from kernel.digests import sha256
from kernel.errors import ContractsChainError

__all__ = ["pages"]

pages = APIRouter(route_class=PageRoute, include_in_schema=False)

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateForm:
    """What was typed, so that a refused form comes back with it."""

    name: str = ""
    post: str = ""
    id_type: str = "RESIDENT_ID"
    id_no: str = ""
    phone: str = ""
    letter_no: str = ""
    matters: str = ""
    limit: str = ""
    valid_from: str = ""
    valid_to: str = ""
    may_delegate: str = ""

    def person(self) -> JsonObject:
        """As ``Person`` is read; a blank post is said as such."""
        return {
            "name": self.name.strip(),
            "post": self.post.strip() or "委托代理人",
            "id_type": self.id_type,
            "id_no": self.id_no.strip().upper(),
            "phone": self.phone.strip(),
        }

    def letter(self, principal: str, kind: AgreementKind, passed_on_from: str | None) -> JsonObject:
        """As ``AuthorizationLetter`` is read, for the kind of this agreement."""
        return {
            "number": self.letter_no.strip(),
            "principal": principal,
            "kinds": [str(kind.value)],
            "matters": self.matters.strip(),
            "capacity_limit_kva": self.limit.strip() or None,
            "may_delegate": bool(self.may_delegate) or passed_on_from is not None,
            "delegated_by": passed_on_from,
            "valid_from": self.valid_from.strip(),
            "valid_to": self.valid_to.strip(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A posted form with the letter's file."""

    form: DelegateForm
    content: bytes


@pages.get("/s/{token}/delegate")
def ask(request: Request, desk: AtDesk, token: str) -> Response:
    """Who signs instead, and by which letter."""
    return _form_page(request, desk, token, DelegateForm())


async def _sent(request: Request) -> Sent:
    """The posted form; what is missing is blank, what is too long is cut before it is judged."""
    async with request.form(max_files=1, max_fields=len(fields(DelegateForm))) as form:
        typed = {one.name: form.get(one.name, "") for one in fields(DelegateForm)}
        words = {name: text[:_LONGEST] for name, text in typed.items() if isinstance(text, str)}
        sent = form.get("file")
        content = await sent.read(GREATEST_ANNEX + 1) if isinstance(sent, UploadFile) else b""
    return Sent(form=DelegateForm(**words), content=content)


@pages.post("/delegations/{token}")
def send(
    request: Request, desk: AtDesk, later: BackgroundTasks, token: str, sent: Annotated[Sent, Depends(_sent)]
) -> Response:
    """Check letter and person, then send the delegate a link; the old link ends."""
    try:
        with desk.office.work() as work:
            ceremony, dossier = found(work, token)
            party = acting_party(work, dossier, ceremony.role)
        held = None if party.agent is None else party.agent.letter.number
        described = read_delegation(
            sent.form.person(),
            sent.form.letter(party.name, load_terms(dossier.terms).KIND, held),
            letter_sha256=sha256(sent.content).hex(),
        )
        delegate(desk.office, token, described, file=sent.content)
    except ContractsChainError as problem:
        return _form_page(request, desk, token, sent.form, problem)
    later.add_task(deliver_now, desk)
    return page(request, "delegated.html", name=described.person.name, number=dossier.number)


def _form_page(
    request: Request,
    desk: Desk,
    token: str,
    form: DelegateForm,
    problem: ContractsChainError | None = None,
) -> Response:
    with desk.office.work() as work:
        ceremony, dossier = found(work, token)
        party = acting_party(work, dossier, ceremony.role)
    return page(
        request,
        "delegate.html",
        status=200 if problem is None else problem_of(problem)[0],
        token=token,
        party=party,
        who=masked_name(party.signer.name),
        kind=load_terms(dossier.terms).KIND,
        form=form,
        id_types=(IdType.RESIDENT_ID, IdType.OTHER),
        problem=problem,
    )
