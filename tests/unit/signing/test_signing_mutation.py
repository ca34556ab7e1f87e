"""Whatever is done to the bytes of a finished file, it is never proven again.

The file under test bears two seals with their seams, each B-LTA, and ends with a document
timestamp that covers all before it. What no signature protects, the loose bytes of that last
timestamp, is held to its one value by ``unprotected_bytes``. One exception is argued below: a whole
earlier state of the file was honest then, and tells by its empty fields and levels what it is.
"""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.verdict import Verdict
from signing.model import PadesLevel, PdfFindings
from signing.pdf_reading import UnreadablePdfError
from signing.seam_drawing import seam_names
from tests.unit.signing.sealed_samples import LEAVES, SEALS, leaves_with_seams
from tests.unit.signing.signed_samples import Office, is_proven

SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
END = re.compile(rb"%%EOF\r?\n")


@pytest.fixture(scope="module")
def finished(office: Office) -> bytes:
    first = office.sign(leaves_with_seams(), SEALS[0], certify=True, seams=seam_names(SEALS[0], LEAVES))
    return office.sign(first, SEALS[1], seams=seam_names(SEALS[1], LEAVES))


def judged(office: Office, content: bytes) -> PdfFindings | None:
    """Findings; ``None`` if the file cannot be read. Anything else that is raised fails the test."""
    try:
        return office.inspect(content)
    except UnreadablePdfError:
        return None


def never_proven(office: Office, content: bytes) -> bool:
    findings = judged(office, content)
    return findings is None or not is_proven(findings)


def regions(pdf: bytes) -> dict[str, tuple[int, int]]:
    """Where each kind of byte stands: begin and end."""
    gaps = [match.span(1) for match in re.finditer(rb"/Contents (<[0-9A-F]+>)", pdf)]
    tables = [match.start() for match in re.finditer(rb"\nxref\n", pdf)]
    token = pdf.index(b"00000000", gaps[-1][0] + 64)
    return {
        "header": (0, 64),
        "page": (64, pdf.index(b"/ByteRange")),
        "first signature": gaps[0],
        "first revision's table": (tables[2], pdf.index(b"%%EOF", tables[2]) + 6),
        "validation data": (pdf.rindex(b"/DSS"), pdf.rindex(b"/DSS") + 400),
        "last signature": gaps[-2],
        "last timestamp": (gaps[-1][0], token),
        "last padding": (token, gaps[-1][1]),
        "last table": (tables[-1], len(pdf)),
        "anywhere": (0, len(pdf)),
    }


REGIONS = (
    "header",
    "page",
    "first signature",
    "first revision's table",
    "validation data",
    "last signature",
    "last timestamp",
    "last padding",
    "last table",
    "anywhere",
)


def test_the_unchanged_file_is_proven_to_its_last_byte(office: Office, finished: bytes) -> None:
    findings = office.inspect(finished)
    assert is_proven(findings)
    assert findings.document_timestamps[-1].covered_length == len(finished)
    assert set(regions(finished)) == set(REGIONS)


@pytest.mark.parametrize("region", REGIONS)
@settings(SLOW, max_examples=14)
@given(data=st.data())
def test_a_file_with_one_byte_changed_is_never_proven(
    office: Office, finished: bytes, region: str, data: st.DataObject
) -> None:
    begin, end = regions(finished)[region]
    place = data.draw(st.integers(begin, end - 1))
    changed = bytearray(finished)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert never_proven(office, bytes(changed))


@SLOW
@given(data=st.data(), bytes_=st.binary(min_size=1, max_size=40))
def test_a_file_with_bytes_inserted_is_never_proven(
    office: Office, finished: bytes, data: st.DataObject, bytes_: bytes
) -> None:
    place = data.draw(st.integers(0, len(finished)))
    assert never_proven(office, finished[:place] + bytes_ + finished[place:])


@SLOW
@given(data=st.data(), length=st.integers(1, 5_000))
def test_a_file_with_bytes_missing_is_never_proven(
    office: Office, finished: bytes, data: st.DataObject, length: int
) -> None:
    place = data.draw(st.integers(0, len(finished) - length - 1))
    assert never_proven(office, finished[:place] + finished[place + length :])


@SLOW
@given(part=st.integers(0, 999_999), near=st.none() | st.integers(-3, 3))
def test_a_cut_file_is_never_proven_but_as_an_honest_earlier_state(
    office: Office, finished: bytes, part: int, near: int | None
) -> None:
    """Cut anywhere, or at the end of a revision and up to three bytes beside it."""
    ends = [match.end() for match in END.finditer(finished)]
    length = len(finished) * part // 1_000_000 if near is None else ends[part % len(ends)] + near
    if length >= len(finished):
        return
    findings = judged(office, finished[:length])
    if findings is None or not is_proven(findings):
        return
    # the exception: whole earlier states that were honest then and say so themselves
    assert length in ends
    whole = office.inspect(finished)
    if len(findings.signatures) == len(SEALS):
        # everything the parties signed, without the archive timestamp that came after
        assert (findings.executed, length) == (whole.executed, whole.signatures[-1].covered_length)
        assert findings.signatures[-1].level is PadesLevel.B_LT
    else:
        # what the first party signed: the second field is there and empty
        assert [one.field for one in findings.signatures] == [SEALS[0]]
        assert SEALS[1] in findings.fields
        assert findings.executed != whole.executed


@SLOW
@given(data=st.data())
def test_a_file_with_revisions_doubled_swapped_or_left_out_is_never_proven(
    office: Office, finished: bytes, data: st.DataObject
) -> None:
    ends = [0, *(match.end() for match in END.finditer(finished))]
    parts = [finished[begin:end] for begin, end in pairwise(ends)]
    order = data.draw(st.lists(st.integers(0, len(parts) - 1), min_size=2, max_size=len(parts) + 2))
    arranged = b"".join(parts[number] for number in order)
    if finished.startswith(arranged):
        return
    assert never_proven(office, arranged)


@SLOW
@given(data=st.data())
def test_two_stretches_exchanged_are_never_proven(
    office: Office, finished: bytes, data: st.DataObject
) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(finished)), min_size=4, max_size=4, unique=True)))
    a, b, c, d = places
    exchanged = finished[:a] + finished[c:d] + finished[b:c] + finished[a:b] + finished[d:]
    if exchanged != finished:
        assert never_proven(office, exchanged)


@pytest.mark.long
@pytest.mark.parametrize("quarter", range(4))
def test_no_byte_of_the_last_timestamp_and_after_can_be_changed(
    office: Office, finished: bytes, quarter: int
) -> None:
    """Every byte, one bit after the other in turn: the part that no later signature covers."""
    begin, _ = regions(finished)["last timestamp"]
    for place in range(begin + quarter, len(finished), 4):
        changed = bytearray(finished)
        changed[place] ^= 1 << place % 8
        assert never_proven(office, bytes(changed)), place


def test_hexadecimal_digits_in_the_other_case_are_not_proven(office: Office, finished: bytes) -> None:
    begin, end = regions(finished)["last timestamp"]
    place = next(place for place in range(begin, end) if finished[place : place + 1].isalpha())
    changed = finished[:place] + finished[place : place + 1].lower() + finished[place + 1 :]
    findings = office.inspect(changed)
    assert findings.document_timestamps[-1].verdict is Verdict.REFUTED
