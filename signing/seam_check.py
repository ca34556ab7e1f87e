"""Straddling seals (骑缝章): a slice on every page, shown by its own party's seal and by nothing else.

Seam widgets are declared empty before the first signature (``seam_drawing``). pyHanko lets any later
revision fill form fields and names untouched ones among the changed, so each widget is compared
here object by object, revision by revision:

* before the first signature it is empty;
* it is written at most once, in the revision that the seal of its own slot signs;
* there only its appearance changes: page, rectangle, flags and all else stay as declared;
* the appearance is exactly its slice of that seal's drawing, the very object the seal shows.

Anything else is refuted as ``seam_forged``. A sealed slot whose seam stayed empty is refuted as
``seam_missing``: its revision is closed by its signature, so nobody can ever add the slice
without forging it, and a document with an unsealed leaf is what 骑缝章 exists to show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    Reference,
    StreamObject,
)
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.form_fields import Place, own_places
from signing.seam_drawing import Box, seam_names, slice_appearance, slice_box, slice_of

__all__ = ["SeamFault", "WrittenForm", "find_seam_faults", "seams_on_file"]

SEAM = re.compile(r"(?P<slot>.+)Seam\d{3,}")
FORM_KEYS = frozenset({"/Type", "/Subtype", "/FormType", "/BBox", "/Resources", "/Length", "/Filter"})
TOLERANCE = 0.01
"""Points: how far a written number may stand from the computed one, for the rounding of decimals."""
DEEPEST_STAMP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamFault:
    """What is wrong with one seam.

    Attributes:
        name: Of the widget.
        code: ``seam_forged`` or ``seam_missing``.
        revision: Where it went wrong: it tells against that signature and all before it;
            a missing one against its own seal alone.
        detail: One English sentence.
    """

    name: str
    code: str
    revision: int
    detail: str

    def tells_against(self, revision: int) -> bool:
        """Whether the signature of this revision falls with it."""
        return revision == self.revision if self.code == "seam_missing" else revision <= self.revision


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenForm:
    """The form of a file with its history, gathered once.

    Attributes:
        reader: Over the whole file.
        fields: Every field of the newest revision, by name.
        written: In which revisions from the first signed one on each object was written.
        sealed: Signed revision of each signed slot, 0-based.
        first: The first signed revision.
    """

    reader: PdfFileReader
    fields: Mapping[str, IndirectObject]
    written: Mapping[Place, tuple[int, ...]]
    sealed: Mapping[str, int]
    first: int

    def at(self, name: str, revision: int) -> DictionaryObject:
        """A field's dictionary as of one revision; empty if it was not there."""
        place = self.fields[name]
        resolver = self.reader.get_historical_resolver(max(revision, 0))
        found = resolver.get_object(Reference(place.idnum, place.generation, resolver))
        return found if isinstance(found, DictionaryObject) else DictionaryObject()  # type: ignore[no-untyped-call]

    def revisions_of(self, name: str) -> Iterator[int]:
        """Revisions that wrote the field or anything it shows."""
        for place in own_places(self.fields[name]):
            yield from self.written.get(place, ())


def seams_on_file(fields: Iterable[str], slots: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Names of the seam widgets of each slot, in the order of pages.

    Args:
        fields: Names of all fields of the newest revision.
        slots: Names of its signature fields.
    """
    known, found = frozenset(slots), dict[str, list[str]]()
    for name in fields:
        match = SEAM.fullmatch(name)
        if match is not None and match["slot"] in known and name not in known:
            found.setdefault(match["slot"], []).append(name)
    return {slot: tuple(sorted(names, key=_page_of)) for slot, names in found.items()}


def find_seam_faults(form: WrittenForm, seams: Mapping[str, tuple[str, ...]]) -> tuple[SeamFault, ...]:
    """Compare every seam with what its slot's seal, and nobody else, could have written.

    Args:
        form: Of the file.
        seams: As ``seams_on_file`` found them.

    Raises:
        Exception: pyHanko's, over malformed objects.
    """
    return tuple(fault for slot, names in seams.items() for fault in _SlotSeams(form, slot, names).faults())


class _SlotSeams:
    """The seams of one slot."""

    def __init__(self, form: WrittenForm, slot: str, names: tuple[str, ...]) -> None:
        self._form = form
        self._slot = slot
        self._names = names
        self._sealed = form.sealed.get(slot)
        self._drawing = None if self._sealed is None else _drawing_of(form.at(slot, self._sealed))

    def faults(self) -> Iterator[SeamFault]:
        """Every fault of every seam: one may tell against an earlier signature, one against its own."""
        if self._names != seam_names(self._slot, len(self._names)):
            yield self._forged(self._names[0], self._form.first, "the seams are not one a page")
            return
        for number, name in enumerate(self._names, start=1):
            yield from self._faults_unsealed(name)
            fault = self._fault_sealed(name, slice_of(number, len(self._names)))
            if fault is not None:
                yield fault

    def _faults_unsealed(self, name: str) -> Iterator[SeamFault]:
        strange = [revision for revision in self._form.revisions_of(name) if revision != self._sealed]
        if strange:
            yield self._forged(name, max(strange), "a revision that its seal did not sign wrote it")
        if not _is_empty(self._form.at(name, self._form.first - 1)):
            yield self._forged(name, self._form.first, "it showed something before the first signature")

    def _fault_sealed(self, name: str, part: tuple[int, int]) -> SeamFault | None:
        sealed = self._sealed
        if sealed is None:
            return None
        if sealed not in self._form.written.get(_place(self._form.fields[name]), ()):
            detail = f"the seal did not fill its seam {name}"
            return SeamFault(name=name, code="seam_missing", revision=sealed, detail=detail)
        before, after = self._form.at(name, sealed - 1), self._form.at(name, sealed)
        if not _is_same_widget(before, after):
            return self._forged(name, sealed, "more than its appearance changed")
        if self._drawing is None or not _is_slice(after, self._drawing, part):
            return self._forged(name, sealed, "it does not show its slice of the seal")
        return None

    def _forged(self, name: str, revision: int, reason: str) -> SeamFault:
        return SeamFault(name=name, code="seam_forged", revision=revision, detail=f"seam {name}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """The drawing a seal shows: where it lies and its box."""

    place: Place
    box: Box


def _page_of(name: str) -> int:
    return int(name.rpartition("Seam")[2])


def _part(of: DictionaryObject, key: str) -> DictionaryObject:
    """A dictionary inside another, wherever it lies; empty if it is not there."""
    # not ``get``: pyHanko's follows no reference
    if key in of and isinstance(found := of[key], DictionaryObject):
        return found
    return DictionaryObject()  # type: ignore[no-untyped-call]


def _is_empty(widget: DictionaryObject) -> bool:
    """No appearance, or one that draws nothing."""
    looks = _part(widget, "/AP")
    return all(isinstance(looks[key], StreamObject) and not looks[key].data.strip() for key in looks)


def _is_same_widget(before: DictionaryObject, after: DictionaryObject) -> bool:
    keys = (set(before) | set(after)) - {"/AP"}
    return all(key in before and key in after and before.raw_get(key) == after.raw_get(key) for key in keys)


def _drawing_of(seal: DictionaryObject) -> _Drawing | None:
    """The outermost ``/Drawn`` below the seal's appearance."""
    level = [seal["/AP"].raw_get("/N")] if "/AP" in seal else []
    for _ in range(DEEPEST_STAMP):
        forms = [_part(_part(shown.get_object(), "/Resources"), "/XObject") for shown in level]
        for form in forms:
            if "/Drawn" in form:
                return _as_drawing(form.raw_get("/Drawn"))
        level = [form.raw_get(key) for form in forms for key in form]
    return None


def _as_drawing(reference: object) -> _Drawing | None:
    if not isinstance(reference, IndirectObject):
        return None
    drawn = reference.get_object()  # type: ignore[no-untyped-call]
    left, bottom, right, top = (float(number) for number in drawn["/BBox"])
    return _Drawing(place=_place(reference), box=(left, bottom, right, top))


def _is_slice(widget: DictionaryObject, drawing: _Drawing, part: tuple[int, int]) -> bool:
    looks = _part(widget, "/AP")
    form = looks["/N"] if set(looks) == {"/N"} else None
    if not isinstance(form, StreamObject) or not set(form) <= FORM_KEYS or form["/Subtype"] != "/Form":
        return False
    k, n = part
    return (
        _shows_only(_part(form, "/Resources"), drawing)
        and _is_near(form["/BBox"], slice_box(n, drawing.box))
        and form.data == slice_appearance(k, n, drawing.box)
    )


def _shows_only(resources: DictionaryObject, drawing: _Drawing) -> bool:
    """The drawing is the only resource."""
    named = _part(resources, "/XObject")
    if set(resources) != {"/XObject"} or set(named) != {"/Drawn"}:
        return False
    reference = named.raw_get("/Drawn")
    return isinstance(reference, IndirectObject) and _place(reference) == drawing.place


def _place(reference: IndirectObject) -> Place:
    return (reference.idnum, reference.generation)


def _is_near(written: object, computed: Box) -> bool:
    if not isinstance(written, ArrayObject) or len(written) != len(computed):
        return False
    return all(abs(float(a) - b) <= TOLERANCE for a, b in zip(written, computed, strict=True))
