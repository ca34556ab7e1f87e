"""No field of any class is skipped silently: a rule notices it, or a reason says why none does."""

from __future__ import annotations

import pytest
from field_coverage import noticing, sample_terms

from contracts_chain.agreements.classes.agreement_class import AnyClass
from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.rules.field_paths import fields_of
from contracts_chain.agreements.rules.unruled import SHARED_UNRULED


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: str(one.id))
def test_every_field_has_its_rule_or_its_reason_and_no_reason_is_needless(one: AnyClass) -> None:
    noticed = noticing(sample_terms(one))
    owners = {field.path: field.owner for field in fields_of(one.terms)}
    silent = {path for path, rule in noticed.items() if rule is None}
    reasons = {path for path in silent if path in one.unruled or owners[path] in SHARED_UNRULED}
    assert sorted(silent - reasons) == []
    assert sorted(set(one.unruled) - silent) == []
    assert all(reason.strip() for reason in one.unruled.values())


def test_shared_reasons_name_fields_that_some_class_has() -> None:
    declared = {field.owner for one in CLASSES for field in fields_of(one.terms)}
    assert sorted(set(SHARED_UNRULED) - declared) == []
