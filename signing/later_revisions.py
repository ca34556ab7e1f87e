"""What may follow a signature in the file (rules V3, V4, V5, V12).

Allowed after a signature: filling other signature fields, validation data, archive
timestamps. After the last signature: only the latter two. pyHanko compares the objects
of each later revision with the signed one; our rules add what it lets pass: bytes no
table declares, changed fields that are no signature fields, new visible fields, and
changed metadata.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.document_metadata import find_metadata_change
from signing.form_fields import is_field_rewritten
from signing.judgement import SOUND, Judgement, refuted
from signing.pdf_reading import FieldOnFile
from signing.revision_bytes import UnaccountedBytes, find_unaccounted_bytes

__all__ = ["LaterRevisions"]


class LaterRevisions:
    """The file's revisions, walked once and asked about each signature."""

    def __init__(
        self,
        pdf: bytes,
        reader: PdfFileReader,
        fields: Sequence[FieldOnFile],
        *,
        anchors: Sequence[tuple[int, int]],
    ) -> None:
        """Walk all bytes after the first signature.

        Args:
            pdf: The whole file.
            reader: Over the same bytes.
            fields: All signature fields of the newest revision.
            anchors: Revision and covered length of every signature, in order.
        """
        self._reader = reader
        self._fields = {field.name: field for field in fields}
        self._unaccounted = _unaccounted(pdf, reader, anchors)
        self._judged: dict[int, Judgement] = {}
        self._levels: dict[int, ModificationLevel] = {}

    def judge_after(self, embedded: EmbeddedPdfSignature) -> Judgement:
        """Judge everything that follows one signature.

        Raises:
            Exception: pyHanko's, over malformed revisions.
        """
        revision = int(embedded.signed_revision)
        if revision not in self._judged:
            self._judged[revision] = self._judge_since(embedded, revision)
        return self._judged[revision]

    def _judge_since(self, embedded: EmbeddedPdfSignature, revision: int) -> Judgement:
        if self._unaccounted is not None and self._unaccounted.revision > revision:
            return refuted(
                "unaccounted_bytes", f"bytes from {self._unaccounted.offset} on belong to no declared object"
            )
        embedded.compute_integrity_info()  # type: ignore[no-untyped-call]
        difference: object = embedded.diff_result
        if not embedded.summarise_integrity_info()["docmdp_ok"] or not isinstance(difference, DiffResult):
            return refuted("changed_after_signing", "a later revision changed the document")
        self._levels[revision] = difference.modification_level
        if difference.modification_level > ModificationLevel.FORM_FILLING:
            return refuted("changed_after_signing", "a later revision added annotations")
        return self._judge_fields(difference, revision)

    def judge_tail(self, last: EmbeddedPdfSignature) -> Judgement:
        """Judge what follows the last signature, after ``judge_after`` was asked about it."""
        after = self.judge_after(last)
        if after is not SOUND:
            return after
        if self._levels[int(last.signed_revision)] > ModificationLevel.LTA_UPDATES:
            return refuted("tail_changes_document", "more than archive material follows the last signature")
        return SOUND

    def _judge_fields(self, difference: DiffResult, revision: int) -> Judgement:
        suspects = difference.changed_form_fields - self._fields.keys()
        strangers = [name for name in suspects if is_field_rewritten(self._reader, name, since=revision)]
        if strangers:
            return refuted("form_overlay", f"other form fields changed: {', '.join(sorted(strangers))}")
        signed_root = self._reader.get_historical_resolver(revision)
        before = {str(name) for name, _, _ in enumerate_sig_fields(signed_root)}
        added = [name for name, field in self._fields.items() if name not in before and field.visible]
        if added:
            return refuted("field_added", f"visible signature fields were added: {', '.join(sorted(added))}")
        if find_metadata_change(self._reader, since=revision) is not None:
            return refuted("metadata_changed", "title or other metadata changed after signing")
        return SOUND


def _unaccounted(
    pdf: bytes, reader: PdfFileReader, anchors: Sequence[tuple[int, int]]
) -> UnaccountedBytes | None:
    sound = [(revision, covered) for revision, covered in anchors if covered]
    if not sound:
        return None
    revision, covered = sound[0]
    return find_unaccounted_bytes(pdf, reader, after_revision=revision, start=covered)
