"""Another person signs instead, by a letter of authority: a record, a new link, the old one dead.

The approved bytes stay: they name the first signer, and the record says who signs in that place
and by which letter (docs/adr/0022). Only a signer who is identified may delegate, so that whoever
merely holds a link cannot. The certificate will bear the delegate's name, and step 5 of the recipe
accepts it because this record stands before the signature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts_chain.agreements.authority import AuthorityExceededError, act_of
from contracts_chain.agreements.identity.delegation import Delegation, delegation_shortfalls
from contracts_chain.agreements.terms.party import AuthorizationLetter, Person
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.agreements.typed_json import Problem, typed_from, value_json
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.acting_party import acting_party, is_mobile
from contracts_chain.workflows.annexes import keep_annex
from contracts_chain.workflows.authority_check import verify_authority
from contracts_chain.workflows.ceremony import new_ceremony
from contracts_chain.workflows.ceremony_view import Held, hold
from contracts_chain.workflows.chronicle import append_record
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.errors import SignatureTurnError
from contracts_chain.workflows.identity_files import DelegationFile
from contracts_chain.workflows.lapse import verify_offer_stands
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.people import name_signers
from kernel.canonical_json import JsonObject, JsonValue, canonical_bytes
from kernel.clock import BEIJING
from kernel.digests import digests_of
from kernel.errors import RejectedError
from kernel.ids import new_id

__all__ = ["Delegated", "DelegationRefusedError", "NotIdentifiedError", "delegate", "read_delegation"]


class DelegationRefusedError(RejectedError):
    """The delegate or the letter is not described as it must be; every problem is listed."""

    code = "delegation_refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep all problems."""
        super().__init__(
            f"{len(problems)} things to correct: " + "; ".join(one.en for one in problems),
            f"有 {len(problems)} 处要改：" + "；".join(one.zh for one in problems),
        )
        self.problems = problems


class NotIdentifiedError(RejectedError):
    """Who holds the link has not shown who they are."""

    code = "not_identified"

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(
            "confirm who you are first, then choose who signs instead; nothing was changed",
            "请先确认您的身份，再委托他人；没有作任何更改",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegated:
    """The agreement, and the secret token of the delegate's link; it exists only here and in the message."""

    dossier: AgreementDossier
    token: str


def read_delegation(person: JsonObject, letter: JsonObject, *, letter_sha256: str) -> Delegation:
    """Read a form: who is to sign instead, and the letter whose file has this digest.

    Raises:
        DelegationRefusedError: With every problem found.
    """
    problems: list[Problem] = []
    read_person = typed_from(Person, dict(person), "person", problems)
    whole: dict[str, JsonValue] = {**letter, "sha256": letter_sha256}
    read_letter = typed_from(AuthorizationLetter, whole, "letter", problems)
    if read_person is not None and not is_mobile(read_person.phone):
        en, zh = "person.phone: write a mobile number of 11 digits", "手机：应为 11 位手机号"
        problems.append(Problem(path="person.phone", code="phone", en=en, zh=zh))
    if problems or read_person is None or read_letter is None:
        raise DelegationRefusedError(tuple(problems))
    return Delegation(person=read_person, letter=read_letter)


def delegate(office: Office, token: str, delegation: Delegation, *, file: bytes) -> Delegated:
    """Pass the signature of a party on; the old link is closed and the delegate gets one by message.

    Args:
        office: Where records and time come from.
        token: Link of the signer, who has been identified.
        delegation: Who, and by which letter.
        file: The signed letter as PDF, PNG or JPEG.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has confirmed or signed.
        OfferOverError: The last day for signing has passed.
        NotIdentifiedError: The signer has not been identified on this link.
        AuthorityExceededError: The letter does not cover this agreement today, or may not be given.
        DelegationRefusedError: The letter is of another file.
        SeparationOfDutiesError: The delegate drafted or reviewed the agreement.
        AnnexKindError: The file is no whole PDF, PNG or JPEG.
    """
    kept = keep_annex(office, file, by="link")
    if kept.sha256.hex() != delegation.letter.sha256:
        en, zh = "the letter's digest is another file's", "授权委托书摘要与上传文件不一致"
        raise DelegationRefusedError((Problem(path="letter.sha256", code="digest", en=en, zh=zh),))
    with office.work() as work:
        held = hold(work, token)
        _verify_may_delegate(office, held, delegation)
        link = _passed_on(office, held, delegation, file)
        name_signers(work, held.dossier.number, load_terms(held.dossier.terms))
        work.commit()
        return Delegated(dossier=work.agreements.load(held.dossier.number), token=link)


def _verify_may_delegate(office: Office, held: Held, delegation: Delegation) -> None:
    now, role, work = office.clock.now(), held.ceremony.role, held.work
    if held.ceremony.state != "open":
        raise SignatureTurnError(role, None)
    verify_offer_stands(held.dossier, now)
    verify_authority(work, held.dossier, role, now)
    _verify_identified(held)
    acting = acting_party(work, held.dossier, role)
    act = act_of(load_terms(held.dossier.terms), now.astimezone(BEIJING).date())
    found = tuple(delegation_shortfalls(acting, replace(acting, agent=delegation.agent), act))
    if found:
        raise AuthorityExceededError(
            signer=delegation.person.name, letter=delegation.letter.number, found=found
        )


def _verify_identified(held: Held) -> None:
    """An event of this very ceremony: an earlier signer's does not count."""
    for event in held.trail():
        if event.event is TrailEventKind.IDENTIFIED and event.details.get("ceremony") == held.ceremony.id:
            return
    raise NotIdentifiedError


def _passed_on(office: Office, held: Held, delegation: Delegation, file: bytes) -> str:
    """Row, trail, leaf, links and message, in the caller's transaction; returns the new link's token."""
    now, role, work = office.clock.now(), held.ceremony.role, held.work
    letter, signer = delegation.letter, acting_party(work, held.dossier, role).signer
    row = DelegationFile(
        id=new_id(),
        number=held.dossier.number,
        role=role,
        from_name=signer.name,
        person=canonical_bytes(value_json(delegation.person)),
        letter=canonical_bytes(value_json(letter)),
        letter_sha256=digests_of(file).sha256,
        valid_from=letter.valid_from,
        valid_to=letter.valid_to,
        delegated_utc=now,
    )
    details: JsonObject = {
        "delegate": delegation.person.name,
        "delegator": signer.name,
        "letter": letter.number,
        "letter_sha256": row.letter_sha256.hex(),
        "role": role,
        "valid_from": letter.valid_from.isoformat(),
        "valid_to": letter.valid_to.isoformat(),
    }
    held.note(TrailEventKind.DELEGATED, details, now)
    append_record(
        work,
        RecordKind.AUTHORITY_DELEGATED,
        subject=row.number,
        document=digests_of(file),
        at=now,
        actor=f"{role}:{signer.name}",
        details=details,
    )
    work.delegations.add(row)
    return _relinked(office, held, delegation.person)


def _relinked(office: Office, held: Held, person: Person) -> str:
    now, work, number = office.clock.now(), held.work, held.dossier.number
    work.ceremonies.save(replace(held.ceremony, state="closed"))
    ceremony, token = new_ceremony(held.dossier, held.ceremony.role, now)
    work.ceremonies.add(ceremony)
    link = f"{office.utility.verify_url}/s/{token}"
    text = (
        f"【{office.utility.name}】{held.signer.organisation}委托您签署合同{number}，请本人打开：{link} "
        "请勿转发。/ You are asked to sign this contract; open the link yourself."
    )
    work.outbox.put(SMS, number, canonical_bytes({"phone": person.phone, "text": text}), now)
    return token
