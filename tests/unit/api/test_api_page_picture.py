"""Slim page images keep what a reader must see."""

from __future__ import annotations

import io
from importlib.resources import files

import pytest
from PIL import Image

from api.page_picture import slim_png
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.workflows.draft import draw_up
from kernel.clock import parse_utc
from pdfgen.page_images import page_png

PHONE_LIMIT_BYTES = 120_000


@pytest.fixture(scope="module")
def pages() -> list[bytes]:
    order = load_order((files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes())
    drawn = draw_up(
        order.agreements[0],
        number="SGZJMZ00YXGY2600001",
        not_before=None,
        created_utc=parse_utc("2026-11-20T07:32:05Z"),
        mark="TEST",
        verify_url="http://127.0.0.1:8000",
    )
    return [page_png(drawn.pdf, page, 780) for page in (1, drawn.pages // 2, drawn.pages)]


def rgb(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_a_page_of_the_contract_fits_the_phones_budget(pages: list[bytes]) -> None:
    assert max(len(slim_png(page)) for page in pages) <= PHONE_LIMIT_BYTES


def test_no_pixel_of_a_page_moves_and_none_changes_much(pages: list[bytes]) -> None:
    for page in pages:
        before, after = rgb(page), rgb(slim_png(page))
        assert before.size == after.size
        far = [abs(x - y) > 40 for x, y in zip(before.tobytes(), after.tobytes(), strict=True)]
        assert sum(far) <= len(far) // 1000


@pytest.mark.parametrize("colour", [(255, 247, 214), (200, 22, 29), (22, 33, 31), (122, 74, 0)])
def test_a_colour_that_means_something_stays_what_it_is(
    pages: list[bytes], colour: tuple[int, int, int]
) -> None:
    picture = rgb(pages[0])
    picture.paste(colour, (100, 100, 600, 200))
    written = io.BytesIO()
    picture.save(written, format="PNG")
    shown = rgb(slim_png(written.getvalue())).getpixel((300, 150))
    assert isinstance(shown, tuple)
    assert max(abs(x - y) for x, y in zip(colour, shown, strict=True)) <= 10
