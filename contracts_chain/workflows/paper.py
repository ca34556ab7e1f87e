"""A party wants paper (WEB.md S11): signing online stops for it, and the utility's desk is told.

Nothing of the agreement ends by this; what is signed on paper is filed by the desk, which may
also send a new link if the party changes its mind.
"""

from __future__ import annotations

from dataclasses import replace

from contracts_chain.agreements.terms.codes import Coded
from contracts_chain.evidence.trail import TrailEventKind
from contracts_chain.workflows.ceremony_view import hold
from contracts_chain.workflows.deliver import SMS
from contracts_chain.workflows.errors import SignatureTurnError
from contracts_chain.workflows.office import Office
from kernel.canonical_json import canonical_bytes

__all__ = ["PaperWay", "choose_paper"]


class PaperWay(Coded):
    """How the paper comes to the party."""

    POST = ("post", "免费邮寄")
    HALL = ("hall", "营业厅")


def choose_paper(office: Office, token: str, way: PaperWay) -> None:
    """Close the party's link, note the wish and tell the desk.

    Raises:
        UnknownNumberError: No such link.
        SignatureTurnError: Another party is to sign first, or this one has confirmed.
    """
    now = office.clock.now()
    with office.work() as work:
        held = hold(work, token)
        if held.ceremony.state != "open":
            raise SignatureTurnError(held.ceremony.role, None)
        work.ceremonies.save(replace(held.ceremony, state="closed"))
        held.note(TrailEventKind.PAPER_CHOSEN, {"way": way.value}, now)
        text = f"合同 {held.dossier.number} 的签署人选择签纸质合同（{way.zh}），请联系办理。"
        payload = canonical_bytes({"phone": "duty:supplier-desk", "text": text})
        work.outbox.put(SMS, held.dossier.number, payload, now)
        work.commit()
