"""Checks an agreement again under the rules it was checked against, however old (reference §0).

Pack, profile and text are those that the agreement records, at the digests that its
approval recorded: the findings are the same for ever, or the difference is refused by
name. Must never change anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.agreements.compose import compose
from contracts_chain.agreements.rules.finding import Finding
from contracts_chain.agreements.rules.pack import check, check_document, load_pack, pack_sha256
from contracts_chain.agreements.rules.profile import load_profile, profile_sha256
from contracts_chain.agreements.templates.template import Template, template_named
from contracts_chain.agreements.terms_json import load_terms
from contracts_chain.evidence.record import Record, RecordKind
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWork
from kernel.canonical_json import JsonObject
from kernel.errors import RefutedError

__all__ = ["InputsChangedError", "Recheck", "recheck", "recheck_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """What was found again, and by what.

    Attributes:
        template: Name and version of the registered text.
        pack_sha256: Digest of the rule pack's file, 64 hex digits; so the others.
        approved: Whether an approval recorded these digests; before that there is nothing to compare.
        findings: As drafting would have shown them, errors first.
    """

    number: str
    rule_pack: str
    profile: str
    template: str
    pack_sha256: str
    profile_sha256: str
    template_sha256: str
    approved: bool
    findings: tuple[Finding, ...]


class InputsChangedError(RefutedError):
    """A rule pack, profile or text is installed in another form than the approval recorded."""

    code = "check_inputs_changed"

    def __init__(self, *, name: str, recorded: str, installed: str) -> None:
        """Keep both digests."""
        super().__init__(
            f"{name} was {recorded} when the agreement was approved, installed is {installed}; "
            "install the release that the approval names",
            f"{name} 在定稿时的摘要为 {recorded}，现安装的为 {installed}；请安装定稿时所用的版本后重新核查",
        )
        self.name = name
        self.recorded = recorded
        self.installed = installed


def recheck(office: Office, number: str) -> Recheck:
    """Check an agreement again; errors as of ``recheck_in``."""
    with office.work() as work:
        return recheck_in(work, number)


def recheck_in(work: UnitOfWork, number: str) -> Recheck:
    """Check an agreement again under its recorded rules and text; nothing but the store is needed.

    Raises:
        UnknownNumberError: No such agreement.
        PackUnknownError: Its rule pack is not installed.
        ProfileUnknownError: Its profile is not installed.
        TemplateUnknownError: Its text is not installed.
        InputsChangedError: One of them is not what it was.
    """
    dossier = work.agreements.load(number)
    records = [Record.parse(leaf.record) for leaf in work.log.leaves_of(number)]
    template = template_named(dossier.template)
    installed = {
        "pack_sha256": pack_sha256(dossier.rule_pack).hex(),
        "profile_sha256": profile_sha256(dossier.profile).hex(),
        "template_sha256": template.fixed_text_sha256().hex(),
    }
    approval = _approval(records, dossier)
    _verify_unchanged({"template_sha256": dossier.template_sha256.hex(), **approval}, installed)
    return Recheck(
        number=number,
        rule_pack=dossier.rule_pack,
        profile=dossier.profile,
        template=dossier.template,
        approved=bool(approval),
        findings=_findings(dossier, template),
        **installed,
    )


def _approval(records: list[Record], dossier: AgreementDossier) -> JsonObject:
    """Details of the approval of the text that stands; empty where there is none in the log."""
    for record in reversed(records):
        is_approval = record.kind is RecordKind.AGREEMENT_APPROVED
        if is_approval and record.document.sha256 == dossier.approved_sha256:
            return record.details
    return {}


def _verify_unchanged(recorded: JsonObject, installed: dict[str, str]) -> None:
    for name, digest in installed.items():
        due = recorded.get(name)
        if due is not None and due != digest:
            raise InputsChangedError(name=name.removesuffix("_sha256"), recorded=str(due), installed=digest)


def _findings(dossier: AgreementDossier, template: Template) -> tuple[Finding, ...]:
    terms, pack = load_terms(dossier.terms), load_pack(dossier.rule_pack)
    document = compose(
        terms,
        template,
        number=dossier.number,
        not_before=None,
        qr_text=dossier.number,
        created_utc=dossier.drafted_utc,
        mark="",
    )
    profile = load_profile(dossier.profile)
    return (*check(terms, pack, profile), *check_document(document, terms, template, pack))
