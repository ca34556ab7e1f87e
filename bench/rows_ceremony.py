"""One signer's whole ceremony, and one clause of it, on a whole house.

Ceremony: identity, every page and clause, mark, consent, code, will, two signatures, re-check. Bare: the
pages drawn alone and the same signatures made and re-checked, which nobody can leave out. Clause: served
and confirmed by the second signer, when the trail is longest. Bare: the same rows written in two
transactions; beside it one proof of that trail from its first line, which a ceremony asked for some 150
times before lines were remembered. ``python -m bench.rows_ceremony`` runs these rows alone.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from itertools import count
from pathlib import Path

from api.house import House, open_house
from api.settings import Settings
from api.trial_people import let_seals_be_used, ready_on_phone, sign_on_phone
from bench.measuring import Row, row, spent
from contracts_chain.activation.port import CodeFactor
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.evidence.trail import verify_trail
from contracts_chain.workflows.ceremony import begin, finish, open_link
from contracts_chain.workflows.ceremony_ports import ReadingFile
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.offer import Offer, offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.reading import confirm_clause, serve_clause
from contracts_chain.workflows.review import approve, submit_for_review
from contracts_chain.workflows.will import confirm_will
from kernel.ids import new_id
from pdfgen.page_images import page_png

__all__ = ["rows"]

TURNS = 3
CEREMONY_GOAL = 2.0
CLAUSE_GOAL = 6.0
_PHONE_WIDTH_PX = 780
_ORDERS = count(1)


def rows() -> list[Row]:
    """Both rows, on a house of their own."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), dwell_floor_seconds=0, dwell_cap_seconds=0, codes_an_hour=1000
        )
        with open_house(settings) as house:
            _signed(house, offered(house.office))  # the persons are known from now on
            return [ceremony(house), clause(house)]


def offered(office: Office) -> Offer:
    """The sample contract under an order of its own, ready for its first signer."""
    content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
    terms = load_order(content).agreements[0]
    number = draft_agreement(
        office, terms, order_no=f"BENCH-CEREMONY-{next(_ORDERS)}", drafted_by="drafter"
    ).number
    submit_for_review(office, number, by="drafter")
    approve(office, number, reviewer="reviewer")
    made = offer(office, number, by="reviewer")
    let_seals_be_used(office, made.dossier, by="reviewer")
    return made


def ceremony(house: House) -> Row:
    """One signer, from the link to the signed contract; mean over the turns and both parties."""
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(TURNS):
        made = offered(house.office)
        for token in made.tokens.values():
            before, signing = _one(house, token)
            ours.append(before + signing)
            bare.append(_drawing(house.office, made) + signing)
    mine, least = statistics.mean(ours), statistics.mean(bare)
    work = f"link to signatures, {made.dossier.pages} pages, per signer"
    return row("ceremony", work, "s", mine, least, goal=CEREMONY_GOAL, met=mine <= CEREMONY_GOAL * least)


def _one(house: House, token: str) -> tuple[float, float]:
    """Seconds before the signatures, and seconds of the signatures with their re-check."""
    office = house.office
    wills: list[str] = []

    def way() -> None:
        wills.append(confirm_will(office, token, CodeFactor(code=ready_on_phone(house, token))))

    return spent(way), spent(lambda: finish(office, wills[0]))


def _drawing(office: Office, made: Offer) -> float:
    dossier = made.dossier
    assert dossier.approved_sha256 is not None
    pdf = office.blobs.get(dossier.approved_sha256)
    return spent(lambda: [page_png(pdf, page, _PHONE_WIDTH_PX) for page in range(1, dossier.pages + 1)])


def clause(house: House) -> Row:
    """One clause before the second signer and confirmed, over all clauses of the contract."""
    office, made = house.office, offered(house.office)
    first, second = made.tokens.values()
    sign_on_phone(house, first)
    begin(office, second)
    view = open_link(office, second)
    ours: list[float] = []
    bare: list[float] = []
    proof: list[float] = []
    for position in view.progress.clauses_due:
        ours.append(1000 * spent(_reading(office, second, position)))
        bare.append(1000 * spent(lambda: _write(office, view.id)))
        proof.append(1000 * spent(lambda: _prove(office, view.number)))
    mine, least = statistics.median(ours), statistics.median(bare)
    peers = {"one proof from scratch": statistics.median(proof)}
    work = f"served and confirmed, trail of {_prove(office, view.number)} lines"
    met = mine <= CLAUSE_GOAL * least
    return row("ceremony, clause", work, "ms", mine, least, goal=CLAUSE_GOAL, met=met, peers=peers)


def _reading(office: Office, token: str, position: int) -> Callable[[], None]:
    def read() -> None:
        serve_clause(office, token, position)
        confirm_clause(office, token, position)

    return read


def _write(office: Office, ceremony_id: str) -> None:
    """What serving and confirming a clause leave in the store, under names of the bench."""
    now = office.clock.now()
    served = ReadingFile(ceremony=ceremony_id, item=f"bench:{new_id()}", act="served", at_utc=now)
    for reading in (served, replace(served, act="confirmed")):
        with office.work() as work:
            work.readings.note(reading)
            work.trails.append("BENCH", b"{}" * 300)
            work.commit()


def _prove(office: Office, number: str) -> int:
    with office.work() as work:
        return len(verify_trail(work.trails.lines(number)))


def _signed(house: House, made: Offer) -> None:
    for token in made.tokens.values():
        sign_on_phone(house, token)


if __name__ == "__main__":
    print(json.dumps(rows(), indent=1, ensure_ascii=False))
