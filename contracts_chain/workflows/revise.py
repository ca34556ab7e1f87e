"""Saves new terms of a draft under the same number, as a new version beside all earlier ones.

Saving works as long as the terms have their shape: a draft that breaks rules is kept without
a PDF and cannot be submitted. Any edit of an approved text returns it to draft and undoes the
approval, on record. Whoever comes second is told what the first changed, and nothing is saved
until every collision is decided; changes that do not collide are joined when asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts_chain.agreements.classes.book import class_of
from contracts_chain.agreements.compose import TemplateMismatchError, UnresolvedReferenceError
from contracts_chain.agreements.lifecycle import Deed, EvidenceState, advance_agreement
from contracts_chain.agreements.rules.finding import Severity
from contracts_chain.agreements.rules.pack import check, load_pack
from contracts_chain.agreements.rules.profile import load_profile
from contracts_chain.agreements.separation import Part
from contracts_chain.agreements.terms import Terms
from contracts_chain.agreements.terms_json import load_terms, terms_bytes
from contracts_chain.agreements.typed_json import Problem, typed_from, value_json
from contracts_chain.evidence.record import RecordKind
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.ledger.errors import ChainUnavailableError
from contracts_chain.workflows.chronicle import append_record, note_event
from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.draft import (
    draw_version,
    registered_text,
    slot_files,
    text_facts,
    version_of,
)
from contracts_chain.workflows.draft_changes import (
    Path,
    collisions,
    differences,
    field_label,
    merged,
    path_text,
    shown_at,
)
from contracts_chain.workflows.draft_errors import (
    FieldChange,
    KindFixedError,
    StaleDraftError,
    VersionUnknownError,
)
from contracts_chain.workflows.draft_ports import DraftVersion
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.people import name_signers, take_part
from contracts_chain.workflows.ports import UnitOfWork
from contracts_chain.workflows.process_events import moves
from contracts_chain.workflows.related import keep_retail
from kernel.canonical_json import JsonValue
from kernel.digests import digests_of
from pdfgen.glyphs import MissingGlyphError

__all__ = ["revise"]


def revise(
    office: Office,
    number: str,
    terms: Terms,
    *,
    by: str,
    base_version: int,
    merge: bool = False,
    undone_by: str | None = None,
) -> AgreementDossier:
    """Save new terms; the same terms again change nothing unless they undo an approval or a return.

    Args:
        office: Where blocks, documents and records come from.
        number: Contract number; it stays.
        terms: The whole terms as the clerk wants them.
        by: Account of the clerk, a drafter of the agreement from now on.
        base_version: The draft version the clerk began from.
        merge: Join changes of others that do not collide, instead of refusing.
        undone_by: Reviewer who takes an approval back while the terms stay the clerk's: it is
            this person's deed in trail and record.

    Raises:
        TransitionRefusedError: The agreement is not to be edited in its state.
        StaleDraftError: Somebody saved another version, and the changes are not to be joined, or collide.
        KindFixedError: The terms are of another class.
        ProfileUnknownError: No profile of their province is installed.
        SeparationOfDutiesError: The clerk reviewed the agreement, or is to sign it.
        VersionUnknownError: There is no such base version.
        UnknownNumberError: No such agreement.
    """
    while True:
        wanted = _plan(office, number, terms, base_version=base_version, merge=merge)
        if wanted is None:
            with office.work() as work:
                return work.agreements.load(number)
        saved = _save(office, _drawn(office, wanted), by, undone_by or by)
        if saved is not None:
            return saved  # else somebody saved while we drew: plan again from what stands now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The dossier as read, as it is to be, and the one moment that PDF and version carry."""

    standing: AgreementDossier
    revised: AgreementDossier
    terms: Terms
    at: datetime


def _plan(office: Office, number: str, terms: Terms, *, base_version: int, merge: bool) -> _Wanted | None:
    """What is to be stored; ``None`` if it stands already."""
    with office.work() as work:
        standing = work.agreements.load(number)
        advance_agreement(standing.state, Deed.REVISE)
        due = load_terms(standing.terms)
        if class_of(terms) is not class_of(due):
            raise KindFixedError(number, class_of(due).id, class_of(terms).id)
        if base_version != standing.draft_version:
            terms = _reconciled(work, standing, terms, base_version, merge=merge)
    unchanged = terms_bytes(terms) == standing.terms and standing.current_sha256 is not None
    if unchanged and advance_agreement(standing.state, Deed.REVISE) is standing.state:
        return None
    now = office.clock.now().replace(microsecond=0)
    return _Wanted(standing=standing, revised=_revised(office, standing, terms), terms=terms, at=now)


def _reconciled(
    work: UnitOfWork, standing: AgreementDossier, terms: Terms, base_version: int, *, merge: bool
) -> Terms:
    """My terms joined with what the others changed.

    Raises:
        StaleDraftError: A change collides, or joining was not asked for.
    """
    base = work.drafts.find(standing.number, base_version)
    if base is None:
        raise VersionUnknownError(standing.number, base_version, standing.draft_version)
    versions = [one for one in work.drafts.versions(standing.number) if one.version >= base_version]
    changes = _changes(versions, terms)
    if changes and (not merge or any(change.collides for change in changes)):
        raise StaleDraftError(
            number=standing.number, base=base_version, current=standing.draft_version, changes=changes
        )
    joined = merged(
        value_json(load_terms(base.terms)), value_json(load_terms(standing.terms)), value_json(terms)
    )
    return _typed(type(terms), joined)


def _typed(kind: type[Terms], value: JsonValue) -> Terms:
    problems: list[Problem] = []
    read = typed_from(kind, value, "", problems)
    if read is None:
        raise ValueError("; ".join(problem.en for problem in problems))
    return read


def _changes(versions: Sequence[DraftVersion], mine: Terms) -> tuple[FieldChange, ...]:
    """Every field that differs between the first and the last of the versions."""
    base, theirs = load_terms(versions[0].terms), load_terms(versions[-1].terms)
    values = value_json(base), value_json(theirs), value_json(mine)
    clashes = collisions(*values)
    return tuple(
        _change(path, base, theirs, mine, _last_to_touch(versions, path), path in clashes)
        for path in differences(values[0], values[1])
    )


def _change(
    path: Path, base: Terms, theirs: Terms, mine: Terms, touched: DraftVersion, collides: bool
) -> FieldChange:
    return FieldChange(
        path=path_text(path),
        label=field_label(type(base), path),
        base=shown_at(base, path),
        theirs=shown_at(theirs, path),
        mine=shown_at(mine, path),
        by=touched.saved_by,
        at=touched.saved_utc,
        collides=collides,
    )


def _last_to_touch(versions: Sequence[DraftVersion], path: Path) -> DraftVersion:
    """The newest version that changed the field, or what stands around or within it."""
    for older, newer in zip(reversed(versions[:-1]), reversed(versions[1:]), strict=True):
        before, after = value_json(load_terms(older.terms)), value_json(load_terms(newer.terms))
        for changed in differences(before, after):
            shared = min(len(changed), len(path))
            if changed[:shared] == path[:shared]:
                return newer
    return versions[-1]


def _revised(office: Office, standing: AgreementDossier, terms: Terms) -> AgreementDossier:
    """The dossier with the new text, not drawn yet; an unreachable chain leaves the older block."""
    text = registered_text(terms)
    number, block_hash = standing.not_before_number, standing.not_before_hash
    try:
        block = office.chain.latest_block()
        number, block_hash = block.number, block.hash
    except ChainUnavailableError:
        pass  # saving always works; the older block still says "not before"
    return replace(
        standing,
        state=advance_agreement(standing.state, Deed.REVISE),
        terms=terms_bytes(terms),
        rule_pack=load_pack().version,
        profile=load_profile(terms.province).province,
        template=text.name,
        template_sha256=text.sha256,
        not_before_number=number,
        not_before_hash=block_hash,
        draft_version=standing.draft_version + 1,
        reviewed_by=None,
        approved_sha256=None,
        current_sha256=None,
        pages=0,
        slots=slot_files(terms),
    )


def _drawn(office: Office, wanted: _Wanted) -> _Wanted:
    """With its PDF, if the terms may be drawn: no rule broken, every character printable."""
    findings = check(wanted.terms, load_pack(), load_profile(wanted.terms.province))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return wanted
    try:
        drawn = draw_version(office, version_of(wanted.revised, by="", at=wanted.at))
    except (MissingGlyphError, TemplateMismatchError, UnresolvedReferenceError):
        return wanted
    digest = office.blobs.put(drawn.pdf)
    return replace(wanted, revised=replace(wanted.revised, current_sha256=digest, pages=drawn.pages))


def _save(office: Office, wanted: _Wanted, by: str, actor: str) -> AgreementDossier | None:
    """Store dossier, version, parts, trail line and, if an approval is undone, its leaf."""
    number = wanted.standing.number
    with office.work() as work:
        standing = work.agreements.load(number, lock=True)
        if standing.version != wanted.standing.version:
            return None
        take_part(work, number, Part.DRAFTER, by)
        name_signers(work, number, wanted.terms)
        undone = standing.approved_sha256 is not None
        evidence = EvidenceState.LOGGED if undone else standing.evidence_state
        saved = work.agreements.rewrite(replace(wanted.revised, evidence_state=evidence))
        work.drafts.add(version_of(saved, by=by, at=wanted.at))
        keep_retail(work, number, wanted.terms)
        now, facts, moved = office.clock.now(), text_facts(saved), moves(standing, saved)
        note_event(work, number, TrailEventKind.REVISED, at=now, actor=actor, details=facts, moved=moved)
        _undo_approval(office, work, standing, saved, actor)
        work.commit()
    return saved


def _undo_approval(
    office: Office, work: UnitOfWork, standing: AgreementDossier, saved: AgreementDossier, by: str
) -> None:
    """A leaf that says: the approval of these bytes no longer counts."""
    if standing.approved_sha256 is None:
        return
    append_record(
        work,
        RecordKind.AGREEMENT_REVISED,
        subject=saved.number,
        document=digests_of(office.blobs.get(standing.approved_sha256)),
        at=office.clock.now(),
        actor=by,
        details={"draft_version": saved.draft_version},
    )
