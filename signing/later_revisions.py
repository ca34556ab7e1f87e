"""What may follow a signature in the file (rules V3, V4, V5, V12).

Allowed after a signature: filling other signature fields and a seal's own seams, validation
data, archive timestamps. After the last signature: only the latter two. pyHanko compares the
objects of each later revision with a signed one; our rules add what it lets pass: bytes no
table declares, changed fields that are no signature fields, forged seams, new visible fields,
changed metadata, and what merely passes for archive material (``archive_material``). A file of
others is held to pyHanko's judgement alone, and what that cannot judge is undecided there.

The revisions between two signatures are compared once, with the earlier of the two, under the
strictest permission in force; what holds for each stretch holds for the whole. pyHanko's own
loop compares every signature with every later revision, quadratic in the number of parties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, enumerate_sig_fields

from signing.archive_material import StrayEntry, find_stray_entries
from signing.contract_policy import CONTRACT_POLICY
from signing.document_metadata import MetadataHistory
from signing.form_fields import fields_by_name, is_field_rewritten, written_places
from signing.found_signature import FoundSignature
from signing.judgement import SOUND, Judgement, refuted, undecided
from signing.model import Modification
from signing.pdf_reading import FieldOnFile
from signing.revision_bytes import find_unaccounted_bytes
from signing.seam_check import SeamFault, WrittenForm, find_seam_faults, seams_on_file

__all__ = ["Aftermath", "LaterRevisions"]

WORDS = {
    ModificationLevel.NONE: Modification.NONE,
    ModificationLevel.LTA_UPDATES: Modification.ARCHIVE,
    ModificationLevel.FORM_FILLING: Modification.SIGNATURES,
}
GRAVITY = tuple(Modification)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What came after a signature, and whether it may."""

    judgement: Judgement
    modification: Modification


UNTOUCHED = Aftermath(judgement=SOUND, modification=Modification.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """The revisions from one signature to the next: their level, or why they are inadmissible."""

    aftermath: Aftermath
    changed: frozenset[str]


class LaterRevisions:
    """The file's revisions, compared once and asked about each signature."""

    def __init__(
        self,
        pdf: bytes,
        reader: PdfFileReader,
        fields: Sequence[FieldOnFile],
        signatures: Sequence[FoundSignature],
        *,
        ours: bool,
    ) -> None:
        """Walk and compare everything after the first signature.

        Args:
            pdf: The whole file.
            reader: Over the same bytes.
            fields: All signature fields of the newest revision.
            signatures: Of parties, in order; those without a sound shape are passed over.
            ours: Whether the rules of our contracts apply.

        Raises:
            Exception: pyHanko's, over malformed revisions.
        """
        self._reader = reader
        self._fields = fields
        self._ours = ours
        self._sound = [one for one in signatures if one.shape is SOUND]
        self._unaccounted = None
        if not self._sound:
            return
        first = self._sound[0]
        self._first = first.revision
        self._unaccounted = find_unaccounted_bytes(
            pdf, reader, after_revision=first.revision, start=first.covered
        )
        self._stretches = {one.revision: self._stretch(place) for place, one in enumerate(self._sound)}
        self._form = WrittenForm(
            reader=reader,
            fields=fields_by_name(reader),
            written=written_places(reader, since=first.revision),
            sealed={one.field.name: one.revision for one in self._sound},
            first=first.revision,
        )
        self._seams = seams_on_file(self._form.fields, [field.name for field in fields]) if ours else {}
        self._faults: tuple[SeamFault, ...] = find_seam_faults(self._form, self._seams)
        self._strays: tuple[StrayEntry, ...] = (
            find_stray_entries(reader, fields, first=first.revision) if ours else ()
        )
        self._metadata = MetadataHistory(reader)

    def judge_after(self, signature: FoundSignature) -> Aftermath:
        """Judge everything that follows one signature of sound shape.

        Raises:
            Exception: pyHanko's, over malformed revisions.
        """
        if self._unaccounted is not None and self._unaccounted.revision > signature.revision:
            return self._stray(self._unaccounted.offset)
        stretches = [one for revision, one in self._stretches.items() if revision >= signature.revision]
        for stretch in stretches:
            if stretch.aftermath.judgement is not SOUND:
                return stretch.aftermath
        changed = frozenset[str]().union(*(stretch.changed for stretch in stretches))
        word = max((one.aftermath.modification for one in stretches), key=GRAVITY.index)
        word = Modification.FORM_FILLING if self._strangers(changed, signature.revision) else word
        broken = self._judge_contract(signature.revision, word) if self._ours else SOUND
        return Aftermath(judgement=broken, modification=word)

    def judge_tail(self, last: FoundSignature) -> Judgement:
        """Judge what follows the last signature, after ``judge_after`` was asked about it."""
        after = self.judge_after(last)
        if after.judgement is not SOUND:
            return after.judgement
        if GRAVITY.index(after.modification) > GRAVITY.index(Modification.ARCHIVE):
            wrong = refuted if self._ours else undecided
            return wrong("tail_changes_document", "more than archive material follows the last signature")
        return SOUND

    def _stray(self, offset: int) -> Aftermath:
        wrong = refuted if self._ours else undecided
        judgement = wrong("unaccounted_bytes", f"bytes from {offset} on belong to no declared object")
        return Aftermath(judgement=judgement, modification=Modification.OTHER)

    def _stretch(self, place: int) -> _Stretch:
        base = self._sound[place]
        following = [one.revision for one in self._sound[place + 1 :] if one.revision > base.revision]
        last = following[0] if following else self._reader.xrefs.total_revisions - 1
        revisions = range(base.revision + 1, last + 1)
        if self._reader.xrefs.hybrid_xrefs_present:
            return self._inadmissible("hybrid_file", "the file has cross-references of two kinds at once")
        if not revisions:
            return _Stretch(aftermath=UNTOUCHED, changed=frozenset())
        try:
            return self._compare(base.revision, revisions, self._sound[: place + 1])
        except SuspiciousModification:
            if any(self._reader.xrefs.refs_freed_in_revision(revision) for revision in revisions):
                return self._inadmissible("objects_freed", "a later revision deletes objects")
            judgement = refuted("changed_after_signing", "a later revision changed the document")
            return _Stretch(
                aftermath=Aftermath(judgement=judgement, modification=Modification.OTHER), changed=frozenset()
            )

    def _inadmissible(self, code: str, detail: str) -> _Stretch:
        """What our contracts never contain, and what in files of others cannot be judged."""
        judgement = (
            refuted("changed_after_signing", detail)
            if self._ours
            else undecided(code, f"{detail}: not judged")
        )
        aftermath = Aftermath(judgement=judgement, modification=Modification.OTHER)
        return _Stretch(aftermath=aftermath, changed=frozenset())

    def _compare(self, base: int, revisions: range, binding: Sequence[FoundSignature]) -> _Stretch:
        """Raises ``SuspiciousModification`` where pyHanko's strict policy does, or above the permission."""
        permission, locks = _permission(binding), _locks(binding)
        policy = CONTRACT_POLICY if self._ours else DEFAULT_DIFF_POLICY
        level, changed = ModificationLevel.NONE, set[str]()
        for revision in revisions:
            for lock in locks:
                found = policy.apply(
                    self._reader.get_historical_resolver(base),
                    self._reader.get_historical_resolver(revision),
                    field_mdp_spec=lock,
                    doc_mdp=permission,
                )
                level, changed = max(level, found.modification_level), changed | found.changed_form_fields
        if level not in WORDS or (permission is not None and level.value > permission.value):
            raise SuspiciousModification("more was changed than the signatures permit")
        return _Stretch(
            aftermath=Aftermath(judgement=SOUND, modification=WORDS[level]), changed=frozenset(changed)
        )

    def _strangers(self, changed: frozenset[str], revision: int) -> list[str]:
        """Changed fields that are neither signature fields nor seams."""
        known = {field.name for field in self._fields}.union(*self._seams.values())
        fields, written = self._form.fields, self._form.written
        return sorted(
            name for name in changed - known if is_field_rewritten(fields.get(name), written, since=revision)
        )

    def _judge_contract(self, revision: int, word: Modification) -> Judgement:
        """The rules of our own contracts (V5, V7, V12)."""
        if word is Modification.FORM_FILLING:
            return refuted("form_overlay", "form fields that are no signatures changed")
        for fault in self._faults:
            if fault.tells_against(revision):
                return refuted(fault.code, fault.detail)
        added = self._added(revision)
        if added:
            return refuted("field_added", f"visible signature fields were added: {', '.join(added)}")
        if self._metadata.find_change(since=revision) is not None:
            return refuted("metadata_changed", "title or other metadata changed after signing")
        for stray in self._strays:
            if stray.revision > revision:
                return refuted("stray_entry", stray.detail)
        return SOUND

    def _added(self, revision: int) -> list[str]:
        """Visible signature fields that this revision did not have; none if the first one had them all."""
        for since in dict.fromkeys((self._first, revision)):
            root = self._reader.get_historical_resolver(since)
            before = {str(name) for name, _, _ in enumerate_sig_fields(root)}
            added = [one.name for one in self._fields if one.visible and one.name not in before]
            if not added:
                return []
        return sorted(added)


def _permission(binding: Sequence[FoundSignature]) -> MDPPerm | None:
    """The strictest of all signatures so far; ``None`` if none certifies."""
    named = [one.embedded.docmdp_level for one in binding]
    return min((one for one in named if one is not None), key=lambda one: one.value, default=None)


def _locks(binding: Sequence[FoundSignature]) -> list[FieldMDPSpec | None]:
    """Every lock on fields in force, or ``None`` alone."""
    named = [one.embedded.fieldmdp for one in binding]
    return [one for one in named if one is not None] or [None]
