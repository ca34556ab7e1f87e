from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from pdfgen import house_style as style
from pdfgen.diagram_block import diagram_strips, set_label
from pdfgen.diagram_scene import Meter
from pdfgen.diagram_svg import diagram_svg
from pdfgen.document import Diagram
from pdfgen.one_line import WIDTH, Backup, Feed, OneLine, Unit, one_line_diagrams

WORDS = st.text(alphabet="甬新3581线JL/G1A-185。，（）kV 电缆\n", max_size=60)
METER = st.builds(Meter, words=WORDS, direct=st.booleans(), before=st.booleans())
METERS = st.none() | METER
FEEDS = st.builds(
    Feed,
    origin=WORDS,
    line=WORDS,
    entry=st.sampled_from(["overhead", "cable", "mixed"]),
    boundary=WORDS,
    meter=METERS,
)
UNITS = st.builds(Unit, kind=st.sampled_from(["transformer", "motor", "station"]), words=WORDS, meter=METERS)
CONTENTS = st.builds(
    OneLine,
    title=WORDS,
    description=WORDS,
    above=st.just("供电人\n资产"),
    boundary=st.just("产权分界"),
    below=st.just("用电人\n资产"),
    bus=WORDS,
    feeds=st.lists(FEEDS, min_size=1, max_size=6),
    units=st.lists(UNITS, max_size=8),
    bus_meters=st.lists(METER, max_size=4),
    low_meters=st.lists(METER, max_size=3),
    backups=st.lists(st.builds(Backup, words=WORDS, interlock=WORDS), max_size=3),
)


def whole(content: OneLine) -> Diagram:
    """The one diagram of a content that one can hold."""
    (diagram,) = one_line_diagrams(content)
    return diagram


def boxes(diagram: Diagram) -> list[tuple[int, int, int, int]]:
    return [(one.x, one.y, one.x + one.width, one.y + one.height) for one in diagram.labels]


@settings(max_examples=60, deadline=None)
@given(CONTENTS)
def test_no_label_meets_another(content: OneLine) -> None:
    for diagram in one_line_diagrams(content):
        placed = boxes(diagram)
        for index, (left, top, right, bottom) in enumerate(placed):
            for other in placed[index + 1 :]:
                assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


@settings(max_examples=60, deadline=None)
@given(CONTENTS)
def test_nothing_leaves_the_frame_and_the_frame_fits_a_page(content: OneLine) -> None:
    for diagram in one_line_diagrams(content):
        points = [point for stroke in diagram.strokes for point in stroke.points]
        points += [
            (one.x + step, one.y + step) for one in diagram.rings for step in (-one.radius, one.radius)
        ]
        points += [
            (x, y) for left, top, right, bottom in boxes(diagram) for x, y in ((left, top), (right, bottom))
        ]
        assert all(0 <= x <= WIDTH and 0 <= y <= diagram.height for x, y in points)
        assert sum(one.space_before + one.height for one in diagram_strips(diagram)) <= style.BODY_HEIGHT


@settings(max_examples=60, deadline=None)
@given(CONTENTS)
def test_the_words_of_a_label_stay_in_its_box(content: OneLine) -> None:
    for label in (label for diagram in one_line_diagrams(content) for label in diagram.labels):
        lines, size, leading, _ = set_label(label)
        assert len(lines) * leading <= label.height + 1e-6
        assert all(line.width <= label.width + size for line in lines)


@settings(max_examples=30, deadline=None)
@given(CONTENTS)
def test_every_word_given_is_on_some_diagram(content: OneLine) -> None:
    shown = {label.text for diagram in one_line_diagrams(content) for label in diagram.labels}
    given = {feed.origin for feed in content.feeds} | {feed.boundary for feed in content.feeds}
    given |= {meter.words for meter in (*content.bus_meters, *content.low_meters)}
    given |= {backup.interlock for backup in content.backups}
    assert given <= shown


def sample() -> OneLine:
    return OneLine(
        title="供电接线及产权分界示意图",
        description="一路电源。",
        above="供电人\n资产",
        boundary="产权分界",
        below="用电人\n资产",
        bus="受电点",
        feeds=[
            Feed(
                origin="电源1",
                line="甬新3581线",
                entry="cable",
                boundary="分界点1",
                meter=Meter(words="计量点1"),
            )
        ],
        units=[Unit(kind="transformer", words="1号主变\n6300 kVA")],
    )


def test_another_word_gives_another_digest() -> None:
    other = replace(sample(), units=[Unit(kind="transformer", words="1号主变\n8000 kVA")])
    assert whole(sample()).sha256() == whole(sample()).sha256()
    assert whole(sample()).sha256() != whole(other).sha256()


def test_the_svg_says_what_the_page_says() -> None:
    svg = diagram_svg(whole(sample()), "d1")
    assert 'aria-labelledby="d1-t d1-d"' in svg
    for word in ("电源1", "甬新3581线", "分界点1", "计量点1", "6300 kVA", "一路电源。"):
        assert word in svg


def test_words_in_an_svg_cannot_become_markup() -> None:
    svg = diagram_svg(whole(replace(sample(), bus="<script>")), "d1")
    assert "<script>" not in svg


def test_what_one_diagram_cannot_hold_goes_on_the_next() -> None:
    units = [Unit(kind="transformer", words=f"{index}号主变") for index in range(1, 20)]
    diagrams = one_line_diagrams(replace(sample(), units=units))
    assert [diagram.title[-4:] for diagram in diagrams[1:]] == ["（续1）", "（续2）"]
    shown = [label.text for diagram in diagrams for label in diagram.labels]
    assert all(unit.words in shown for unit in units)
