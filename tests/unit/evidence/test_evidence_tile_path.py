"""A tile has one address, that of C2SP tlog-tiles, and no other text is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence.tile_path import TilePath, TilePathError


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", TilePath(level=0, number=0)),
        ("tile/0/x001/x234/067", TilePath(level=0, number=1_234_067)),
        ("tile/2/x001/000", TilePath(level=2, number=1000)),
        ("tile/1/003.p/1", TilePath(level=1, number=3, width=1)),
        ("tile/0/x273/063.p/255", TilePath(level=0, number=273_063, width=255)),
        ("tile/63/000", TilePath(level=63, number=0)),
    ],
)
def test_the_examples_of_the_specification_are_read_and_written(path: str, tile: TilePath) -> None:
    assert TilePath.parse(path) == tile
    assert str(tile) == path


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_every_tile_is_found_again_at_its_address(level: int, number: int, width: int) -> None:
    tile = TilePath(level=level, number=number, width=width)
    assert TilePath.parse(str(tile)) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/x002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/0/000\n",
        "tile/entries/000",
        "/tile/0/000",
        "tile/0/x001/x002/x003/x004/x005/x006/000",
    ],
)
def test_anything_else_is_no_address(path: str) -> None:
    with pytest.raises(TilePathError) as caught:
        TilePath.parse(path)
    assert caught.value.path == path


@given(st.text(alphabet="tile/0123456789x.p", max_size=24))
def test_what_is_read_is_written_the_same_way(path: str) -> None:
    try:
        tile = TilePath.parse(path)
    except TilePathError:
        return
    assert str(tile) == path
