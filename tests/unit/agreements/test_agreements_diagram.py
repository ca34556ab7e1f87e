from __future__ import annotations

from dataclasses import replace

import pytest
from drafting_documents import composed, supply_terms
from drawn_samples import sample_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts_chain.agreements.classes.book import CLASSES
from contracts_chain.agreements.diagram import wiring_diagrams
from contracts_chain.agreements.terms import DispatchTerms, HvSupplyTerms, SupplyTerms
from contracts_chain.agreements.terms.codes import MeterMode
from contracts_chain.agreements.terms_json import load_terms
from pdfgen.diagram_block import digest_line
from pdfgen.document import Diagram
from pdfgen.render import render


def words(diagram: Diagram) -> str:
    return "\n".join(label.text for label in diagram.labels)


def with_counts(sources: int, transformers: int, mode: MeterMode) -> HvSupplyTerms:
    """The sample with so many feeds and transformers, a meter named for every feed."""
    terms = supply_terms()
    point = terms.receiving_points[0]
    fed = tuple(
        replace(point.sources[index % 2], no=f"电源{chr(65 + index)}", line_name=f"第{index}线")
        for index in range(sources)
    )
    changed = replace(
        point,
        sources=fed,
        transformers=tuple(
            replace(point.transformers[index % 2], no=f"{index + 1}#变") for index in range(transformers)
        ),
        metering_points=tuple(
            replace(
                point.metering_points[0],
                no=f"计量{index}",
                mode=mode,
                purpose=f"结算（{one.no}）",
                location="计量柜",
            )
            for index, one in enumerate(fed)
        ),
    )
    points = tuple(replace(terms.demarcation_points[0], source_no=one.no) for one in fed)
    return replace(terms, receiving_points=(changed,), demarcation_points=points)


def test_the_sample_shows_both_feeds_to_their_meters() -> None:
    (diagram,) = wiring_diagrams(supply_terms())
    shown = words(diagram)
    for word in (
        "甬新3581线",
        "铸造3572线",
        "分界点1",
        "6300 kVA",
        "35000/100",
        "柴油发电机",
        "供电人\n资产",
    ):
        assert word in shown
    assert "产权分界点" in diagram.description


@settings(max_examples=24, deadline=None)
@given(st.integers(1, 6), st.integers(1, 8), st.sampled_from(list(MeterMode)))
def test_every_feed_transformer_and_meter_of_the_terms_is_shown(
    sources: int, transformers: int, mode: MeterMode
) -> None:
    (diagram,) = wiring_diagrams(with_counts(sources, transformers, mode))
    shown = words(diagram)
    assert all(f"电源{chr(65 + index)}" in shown for index in range(sources))
    assert all(f"{index + 1}#变" in shown for index in range(transformers))
    assert all(f"计量{index}" in shown for index in range(sources))


def test_a_meter_that_names_no_feed_is_put_on_none() -> None:
    terms = with_counts(2, 2, MeterMode.HV_HV)
    point = terms.receiving_points[0]
    nameless = tuple(replace(one, purpose="结算", location="计量柜") for one in point.metering_points)
    (named,) = wiring_diagrams(terms)
    (plain,) = wiring_diagrams(replace(terms, receiving_points=(replace(point, metering_points=nameless),)))
    assert "，计量：" in named.description
    assert "，计量：" not in plain.description
    assert "计量点：计量0" in plain.description


def test_a_meter_at_low_voltage_stands_behind_the_only_transformer() -> None:
    (diagram,) = wiring_diagrams(with_counts(1, 1, MeterMode.HV_LV))
    assert "1#变" in diagram.description.split("，计量：")[0]


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: one.id)
def test_every_class_with_wiring_has_a_diagram_and_no_other(one: object) -> None:
    terms = load_terms(sample_bytes(one))  # type: ignore[arg-type]
    assert bool(wiring_diagrams(terms)) == isinstance(terms, SupplyTerms | DispatchTerms)


def test_the_digest_under_the_diagram_is_in_the_pdf() -> None:
    document = composed(supply_terms())
    (diagram,) = [block for block in document.blocks if isinstance(block, Diagram)]
    assert diagram.sha256().hex() in digest_line(diagram)
    assert render(document).pages >= 12


def test_another_capacity_gives_another_digest() -> None:
    terms = supply_terms()
    (before,) = wiring_diagrams(terms)
    (after,) = wiring_diagrams(with_counts(2, 3, MeterMode.HV_HV))
    assert before.sha256() != after.sha256()
