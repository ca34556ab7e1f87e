"""Orders for domestic seals and the seals made of them, as JSON for the socket; spelling only."""

from __future__ import annotations

from contracts_chain.activation.will_wire import bytes_from, bytes_text
from contracts_chain.evidence.strict_fields import Fields
from kernel.canonical_json import JsonObject
from signing.ses.making import IssuedSeal, SealOrder
from signing.ses.picture import read_picture

__all__ = ["issued_seal_from", "issued_seal_json", "seal_order_from", "seal_order_json"]


def seal_order_json(order: SealOrder) -> JsonObject:
    """An order with its picture in base64."""
    return {
        "height_mm": order.picture.height_mm,
        "kind": order.picture.kind,
        "organisation": order.organisation,
        "organisation_id": order.organisation_id,
        "picture": bytes_text(order.picture.content),
        "seal_id": order.seal_id,
        "seal_name": order.seal_name,
        "width_mm": order.picture.width_mm,
    }


def seal_order_from(fields: Fields) -> SealOrder:
    """Read ``seal_order_json``.

    Raises:
        PictureRefusedError: The picture is beyond the bounds.
    """
    picture = read_picture(
        fields.text("kind"),
        bytes_from(fields.text("picture")),
        width_mm=fields.natural("width_mm"),
        height_mm=fields.natural("height_mm"),
    )
    return SealOrder(
        seal_id=fields.text("seal_id"),
        organisation=fields.text("organisation"),
        organisation_id=fields.text("organisation_id"),
        seal_name=fields.text("seal_name"),
        picture=picture,
    )


def issued_seal_json(issued: IssuedSeal) -> JsonObject:
    """A seal with its certificate and lists in base64."""
    return {
        "certificate": bytes_text(issued.certificate),
        "crls": [bytes_text(one) for one in issued.crls],
        "seal": bytes_text(issued.seal),
    }


def issued_seal_from(fields: Fields) -> IssuedSeal:
    """Read ``issued_seal_json``."""
    return IssuedSeal(
        certificate=bytes_from(fields.text("certificate")),
        crls=tuple(bytes_from(str(one)) for one in fields.members("crls")),
        seal=bytes_from(fields.text("seal")),
    )
