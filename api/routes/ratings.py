"""The customer's rating of the signing: free, once, by a one-time link (reference I19)."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from api.routes.desk import AtDesk, RawBody
from api.routes.drafts import body_as
from contracts_chain.workflows.rating import rate

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/ratings")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRating:
    """Body of a rating: one to five stars, and a text that may be empty."""

    stars: int
    text: str = ""


@router.post("/{token}", status_code=201, summary="Rate the signing, once (holder of a link)")
def post_rating(desk: AtDesk, token: str, body: RawBody) -> dict[str, str]:
    """Kept apart from everything that is evidence; your contract is not affected."""
    sent = body_as(SentRating, body)
    rate(desk.office, token, stars=sent.stars, text=sent.text)
    return {"zh": "感谢您的评价。", "en": "Thank you."}
