"""What ``rules``, ``recheck``, ``revoke-letter`` and ``letter`` print, and by which code they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from fake_unit_of_work import FakeUnitOfWork
from memory_office import MemoryOffice, memory_office, paperless

from api import rules_command
from api.letter_file import letter_file
from api.rules_command import (
    RevocationRequestError,
    recheck_agreement,
    record_revocation,
    show_rules,
)
from contracts_chain.agreements.rules.pack import PackUnknownError
from contracts_chain.agreements.terms_json import load_terms, terms_bytes
from kernel.digests import sha256

LETTER = "MZGD-SQ-2026-017"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryOffice]:
    with paperless():
        made = memory_office()
        made.draft(by="li")

        @contextmanager
        def opened(_: object) -> Iterator[Callable[[], FakeUnitOfWork]]:
            yield lambda: FakeUnitOfWork(made.tables)

        monkeypatch.setattr(rules_command, "open_database", opened)
        yield made


def number_of(world: MemoryOffice) -> str:
    (number,) = world.tables.agreements
    return number


def test_the_matrix_on_the_terminal_is_the_page_in_the_docs(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_rules(None) == 0
    page = Path(__file__).parents[3] / "docs" / "rules.md"
    assert capsys.readouterr().out == page.read_text("utf-8")
    with pytest.raises(PackUnknownError):
        show_rules("1.0")


def test_a_recheck_tells_rules_digests_and_findings(
    world: MemoryOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recheck_agreement(number_of(world)) == 0
    told = capsys.readouterr().out
    assert number_of(world) in told
    assert "2026.1 ZJ" in told
    assert "尚未定稿" in told
    assert "R-DEM-2" in told


def test_a_recheck_that_finds_errors_ends_with_ten(
    world: MemoryOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    dossier = world.tables.agreements[number_of(world)]
    broken = replace(load_terms(dossier.terms), valid_to=None)
    world.tables.agreements[dossier.number] = replace(dossier, terms=terms_bytes(broken))
    assert recheck_agreement(dossier.number) == 10
    assert "请填写有效期截止日（《电力供应与使用条例》第三十三条第五项）" in capsys.readouterr().out


def test_a_revocation_is_recorded_and_told(world: MemoryOffice, capsys: pytest.CaptureFixture[str]) -> None:
    assert record_revocation(number_of(world), LETTER, "2026-11-21", "岗位调整", "legal") == 0
    assert "自 2026-11-21 起撤销" in capsys.readouterr().out
    (kept,) = world.tables.revocations.values()
    assert (kept.number, kept.recorded_by) == (LETTER, "legal")


@pytest.mark.parametrize(
    ("on", "reason", "by"),
    [("2026-02-30", "岗位调整", "legal"), ("2026-11-21", " ", "legal"), ("2026-11-21", "岗位调整", "")],
)
def test_a_revocation_without_day_reason_or_person_is_refused(
    world: MemoryOffice, on: str, reason: str, by: str
) -> None:
    with pytest.raises(RevocationRequestError):
        record_revocation(number_of(world), LETTER, on, reason, by)
    assert not world.tables.revocations


def test_a_letter_is_drawn_and_its_digest_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "letter.json"
    sample = files("contracts_chain.agreements.samples.letters") / "authorization_letter.json"
    source.write_bytes(sample.read_bytes())
    paper = tmp_path / "letter.pdf"
    assert letter_file(source, paper) == 0
    assert sha256(paper.read_bytes()).hex() in capsys.readouterr().out
