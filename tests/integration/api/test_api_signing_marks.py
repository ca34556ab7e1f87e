"""A photo of a signature is judged on the page where another can be taken, not when it is too late."""

from __future__ import annotations

import io

import httpx
import pytest
from api_service import Service, sample_order
from PIL import Image, ImageDraw
from trial_phone import identify_as


def picture(*strokes: tuple[int, int, int, int], ground: str = "white") -> bytes:
    image = Image.new("RGB", (600, 300), ground)
    for stroke in strokes:
        ImageDraw.Draw(image).line(stroke, fill="black", width=8)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


SIGNED = picture((80, 200, 260, 90), (260, 90, 330, 220), (330, 220, 520, 100))
UNFIT = {
    "an empty sheet": (picture(), "没有看到笔迹"),
    "a cut file": (SIGNED[: len(SIGNED) // 2], "不是可读取的 PNG 或 JPEG"),
    "a head without a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "不是可读取的 PNG 或 JPEG"),
    "another kind of file": (b"GIF89a" + bytes(100), "不是 PNG 或 JPEG"),
}


@pytest.fixture(scope="module")
def link(service: Service) -> str:
    """An identified consumer's link."""
    with service.client("drafter") as drafter, service.client("reviewer") as reviewer:
        order = drafter.post("/api/orders", content=sample_order("ORDER-MARKS")).json()
        number = order["agreements"][0]["number"]
        drafter.post(f"/api/agreements/{number}/submit")
        reviewer.post(f"/api/agreements/{number}/approve")
    with service.client("supplier-desk") as desk:
        offered = desk.post(f"/api/agreements/{number}/offer").json()["links"]["consumer"]
    identify_as(service.house.office, offered.rsplit("/", 1)[-1])
    return str(offered)


def sent(signer: httpx.Client, link: str, photo: bytes) -> httpx.Response:
    return signer.post(f"{link}/mark", data={"kind": "photo"}, files={"photo": ("p.png", photo, "image/png")})


@pytest.mark.parametrize("kind", UNFIT)
def test_a_photo_that_cannot_become_a_signature_comes_back_to_the_pad(
    service: Service, link: str, kind: str
) -> None:
    content, words = UNFIT[kind]
    with service.client() as signer:
        answer = sent(signer, link, content)
        check = signer.get(f"{link}/check").text
    assert answer.status_code == 422
    assert "<title>错误：签名</title>" in answer.text
    assert words in answer.text
    assert "/mark" not in check, "no look is chosen, so there is none to change"


def test_a_photo_of_ink_is_kept(service: Service, link: str) -> None:
    with service.client() as signer:
        assert sent(signer, link, SIGNED).status_code == 303
        assert f"{link.removeprefix(service.url)}/mark" in signer.get(f"{link}/check").text
