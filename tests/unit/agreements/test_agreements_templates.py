from __future__ import annotations

from dataclasses import replace

import pytest

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.classes.grid_dispatch_substation import GRID_DISPATCH_SUBSTATION as DISPATCH
from contracts_chain.agreements.classes.hv_supply import HV_SUPPLY as SUPPLY
from contracts_chain.agreements.templates.template import (
    Chapter,
    ClauseText,
    Head,
    Template,
    TemplateUnknownError,
    load_template,
    template_named,
    verify_template,
)
from contracts_chain.agreements.typed_toml import PackagedFileBrokenError, typed_resource


def altered(template: Template, clause: str, **changes: object) -> Template:
    chapters = tuple(
        Chapter(
            title=chapter.title,
            clauses=tuple(
                replace(each, **changes) if each.id == clause else each  # type: ignore[arg-type]
                for each in chapter.clauses
            ),
        )
        for chapter in template.chapters
    )
    return replace(template, chapters=chapters)


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_installed_texts_are_registered_and_complete(one: AnyClass) -> None:
    template = load_template(one)
    verify_template(template)
    assert template.class_id == one.id
    assert template_named(template.name) is template


def test_a_text_that_is_not_installed_is_refused_by_name() -> None:
    with pytest.raises(TemplateUnknownError, match=r"CC-HV-SUPPLY/0\.0\.1"):
        template_named("CC-HV-SUPPLY/0.0.1")


def test_the_supply_contract_has_five_parts_and_the_dispatch_agreement_eleven_chapters() -> None:
    assert [chapter.title[4:] for chapter in load_template(SUPPLY).chapters] == [
        "基本情况", "双方的义务", "合同的变更、转让和终止", "违约责任", "附则",
    ]  # fmt: skip
    assert len(load_template(DISPATCH).chapters) == 11
    assert len(list(load_template(SUPPLY).clauses())) >= 60


def test_all_seven_heads_have_unconditional_clauses() -> None:
    served = {h for clause in load_template(SUPPLY).clauses() if clause.when is None for h in clause.heads}
    assert served == set(Head)


@pytest.mark.parametrize("changes", [{"text": "另一种写法"}, {"conspicuous": False}, {"heads": ()}])
def test_any_change_of_a_clause_changes_the_digest(changes: dict[str, object]) -> None:
    template = load_template(SUPPLY)
    other = altered(template, "late_fee", **changes)
    assert other.fixed_text_sha256() != template.fixed_text_sha256()


@pytest.mark.parametrize(
    ("clause", "changes", "fault"),
    [
        ("late_fee", {"conspicuous": False}, "late_fee must exist and be conspicuous"),
        ("address", {"text": "地址为{supply_adress}。"}, "does not resolve"),
        ("address", {"text": "电源为{receiving_points}。"}, "does not resolve"),
        ("address", {"text": "供电人为{supplier}。"}, "does not resolve"),
        ("address", {"text": "见{#nowhere}。"}, "does not resolve"),
        ("address", {"text": "见{#retail}。"}, "does not resolve"),
        ("address", {"text": "{=weather}"}, "does not resolve"),
        ("address", {"text": "{ 空 }"}, "stray brace"),
        ("address", {"tables": ("nothing",)}, "no table nothing"),
        ("address", {"when": "SUNDAY"}, "no condition SUNDAY"),
        ("address", {"id": "basis"}, "occurs twice"),
    ],
)
def test_an_incomplete_text_is_refused(clause: str, changes: dict[str, object], fault: str) -> None:
    template = altered(load_template(SUPPLY), clause, **changes)
    with pytest.raises(PackagedFileBrokenError, match=fault):
        verify_template(template)


def test_a_head_without_clauses_is_refused() -> None:
    template = load_template(SUPPLY)
    for clause in tuple(template.clauses()):
        if Head.TERM in clause.heads:
            template = altered(template, clause.id, heads=())
    with pytest.raises(PackagedFileBrokenError, match="no clause serves head TERM"):
        verify_template(template)


def test_no_text_claims_to_be_a_model_text() -> None:
    for one in CLASSES:
        words = "".join(clause.text for clause in load_template(one).clauses())
        assert not any(name in words for name in ("SGTYHT", "GF-", "示范文本"))


def test_a_missing_packaged_file_is_a_fault_of_the_installation() -> None:
    with pytest.raises(PackagedFileBrokenError):
        typed_resource(ClauseText, "contracts_chain.agreements.templates", "absent.toml")
    with pytest.raises(PackagedFileBrokenError):
        typed_resource(ClauseText, "contracts_chain.agreements.templates", "hv_supply.toml")
