"""An agreement is checked again under what it was checked against, or the difference is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from memory_office import MemoryOffice, memory_office, paperless

from contracts_chain.agreements.rules.pack import LATEST_PACK, PackUnknownError, pack_sha256
from contracts_chain.agreements.rules.profile import profile_sha256
from contracts_chain.agreements.templates.template import TemplateUnknownError
from contracts_chain.workflows import recheck as rechecking
from contracts_chain.workflows.recheck import InputsChangedError, recheck
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.sized_bytes import Bytes32


@pytest.fixture
def world() -> Iterator[MemoryOffice]:
    """An approved agreement whose approval is in the log."""
    with paperless():
        made = memory_office()
        number = made.draft(by="li")
        submit_for_review(made.office, number, by="li")
        approve(made.office, number, reviewer="zhao")
        yield made


def number_of(world: MemoryOffice) -> str:
    (number,) = world.tables.agreements
    return number


def sequence(world: MemoryOffice) -> None:
    with world.office.work() as work:
        work.log.sequence_pending(99)
        work.commit()


def test_the_findings_are_those_of_drafting_and_the_digests_those_of_the_approval(
    world: MemoryOffice,
) -> None:
    sequence(world)
    again = recheck(world.office, number_of(world))
    assert {found.rule for found in again.findings} == {"R-DEM-2"}
    assert again.approved
    assert again.pack_sha256 == pack_sha256(LATEST_PACK).hex()
    assert again.profile_sha256 == profile_sha256("ZJ").hex()
    assert recheck(world.office, number_of(world)) == again


def test_before_the_approval_is_in_the_log_there_is_nothing_to_compare_with(world: MemoryOffice) -> None:
    assert not recheck(world.office, number_of(world)).approved


@pytest.mark.parametrize(("source", "name"), [("pack_sha256", "pack"), ("profile_sha256", "profile")])
def test_rules_that_are_not_what_they_were_are_refused_by_name(
    world: MemoryOffice, monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    sequence(world)
    monkeypatch.setattr(rechecking, source, lambda _: Bytes32(bytes(32)))
    with pytest.raises(InputsChangedError) as refused:
        recheck(world.office, number_of(world))
    assert refused.value.name == name
    assert refused.value.installed == "00" * 32


def test_a_text_that_is_not_what_it_was_is_refused_even_before_approval(world: MemoryOffice) -> None:
    dossier = world.tables.agreements[number_of(world)]
    world.tables.agreements[dossier.number] = replace(dossier, template_sha256=Bytes32(bytes(32)))
    with pytest.raises(InputsChangedError, match="template"):
        recheck(world.office, dossier.number)


def test_rules_or_texts_that_are_not_installed_are_refused_by_name(world: MemoryOffice) -> None:
    dossier = world.tables.agreements[number_of(world)]
    world.tables.agreements[dossier.number] = replace(dossier, rule_pack="2019.1")
    with pytest.raises(PackUnknownError, match=r"2019\.1"):
        recheck(world.office, dossier.number)
    world.tables.agreements[dossier.number] = replace(dossier, template="CC-NONE/9.9.9")
    with pytest.raises(TemplateUnknownError, match="CC-NONE"):
        recheck(world.office, dossier.number)
