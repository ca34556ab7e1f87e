from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pdfgen.strips import Strip, paginate

HEIGHT = 100.0
HEAD = Strip(height=7.0, draw=lambda _ink, _left, _top: None)


def strip(
    height: float = 10.0, *, before: float = 0.0, keeps: bool = False, head: Strip | None = None
) -> Strip:
    return Strip(
        height=height, draw=lambda _ink, _left, _top: None, space_before=before, keeps_next=keeps, head=head
    )


STRIPS = st.lists(
    st.builds(
        strip,
        st.floats(1.0, 40.0),
        before=st.floats(0.0, 20.0),
        keeps=st.booleans(),
        head=st.sampled_from([None, None, HEAD]),
    ),
    max_size=60,
)


@given(STRIPS)
def test_every_strip_stands_once_and_in_order(strips: list[Strip]) -> None:
    placed = [one.strip for page in paginate(strips, HEIGHT) for one in page if one.strip is not HEAD]
    assert [id(one) for one in placed] == [id(one) for one in strips]


@given(STRIPS)
def test_strips_never_overlap_nor_leave_the_page(strips: list[Strip]) -> None:
    for page in paginate(strips, HEIGHT):
        depth = 0.0
        for one in page:
            assert one.depth >= depth - 1e-9
            depth = one.depth + one.strip.height
        assert depth <= HEIGHT + 0.02


def test_a_heading_never_ends_a_page() -> None:
    strips = [*[strip() for _ in range(9)], strip(keeps=True), strip()]
    pages = paginate(strips, HEIGHT)
    assert [len(page) for page in pages] == [9, 2]


def test_the_head_row_is_repeated_where_a_table_breaks() -> None:
    pages = paginate([strip(head=HEAD) for _ in range(15)], HEIGHT)
    assert [page[0].strip is HEAD for page in pages] == [True, True]


def test_a_chain_taller_than_a_page_still_flows() -> None:
    pages = paginate([strip(keeps=True) for _ in range(25)], HEIGHT)
    assert [len(page) for page in pages] == [10, 10, 5]


def test_a_page_break_starts_a_page_even_after_a_heading() -> None:
    breaking = Strip(height=10.0, draw=lambda _ink, _left, _top: None, page_break=True)
    assert [len(page) for page in paginate([strip(keeps=True), breaking], HEIGHT)] == [1, 1]
