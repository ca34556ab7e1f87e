"""Files made to exhaust a verifier end within 10 s and 512 MB with an answer that is never ``proven``."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import pytest

from signing.bounded_inspection import MEMORY_BYTES, WALL_SECONDS, inspect_pdf_bounded
from signing.pdf_reading import SlowPdfError, UnreadablePdfError
from tests.integration.signing.conftest import OnDisk
from tests.integration.signing.hostile_files import (
    AFTER_A_SIGNATURE,
    FROM_NOTHING,
    a_hundred_thousand_signed_fields,
    metadata_bomb,
)
from tests.unit.signing.signed_samples import is_proven

PATIENCE = 2.5
"""Seconds given here; the product gives ten. A file that takes longer must end as too slow."""
START_UP = 5.0


def answer(on_disk: OnDisk, content: bytes, *, seconds: float = PATIENCE) -> str:
    """The code of the answer; raises whatever is none."""
    started = time.monotonic()
    try:
        findings = inspect_pdf_bounded(content, on_disk.office.trust, wall_seconds=seconds)
    except UnreadablePdfError as problem:
        return problem.code
    finally:
        assert time.monotonic() - started < seconds + START_UP
    assert not is_proven(findings)
    return findings.tail_code


@pytest.mark.parametrize("make", FROM_NOTHING, ids=lambda make: make.__name__)
def test_a_file_made_to_exhaust_ends_with_an_answer(on_disk: OnDisk, make: Callable[[], bytes]) -> None:
    assert answer(on_disk, make())


@pytest.mark.parametrize("revise", AFTER_A_SIGNATURE, ids=lambda revise: revise.__name__)
def test_a_signed_file_made_to_exhaust_ends_with_an_answer(
    on_disk: OnDisk, revise: Callable[[bytes], bytes]
) -> None:
    assert answer(on_disk, revise(on_disk.pdf.read_bytes()))


def test_the_limits_are_those_that_are_promised() -> None:
    assert (WALL_SECONDS, MEMORY_BYTES) == (10.0, 512 * 1024 * 1024)


def test_the_inspection_of_a_bomb_takes_no_more_memory_than_it_may(on_disk: OnDisk) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    answer(on_disk, metadata_bomb(on_disk.pdf.read_bytes()))
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert after <= max(before, MEMORY_BYTES // 1024)


def test_memory_that_runs_out_says_nothing_against_the_file(on_disk: OnDisk) -> None:
    """An honest contract under a limit too small is too slow, not forged."""
    with pytest.raises(SlowPdfError):
        inspect_pdf_bounded(on_disk.pdf.read_bytes(), on_disk.office.trust, memory_bytes=24 * 1024 * 1024)


def test_more_fields_than_are_judged_end_before_the_answer_on_each(on_disk: OnDisk) -> None:
    """The caller reads the answer outside of the limits, so that has to be short as well."""
    with pytest.raises(SlowPdfError, match="signature fields"):
        inspect_pdf_bounded(a_hundred_thousand_signed_fields(), on_disk.office.trust)
