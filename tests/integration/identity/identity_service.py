"""A running service with its sandbox provider, and an offered agreement of its own a test."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import httpx
import uvicorn

from api.app import STAFF_TOKENS, create_app
from api.house import House, open_house
from api.listening import bound_socket
from api.settings import Settings
from contracts_chain.agreements.terms_json import load_order
from contracts_chain.evidence.record import Record
from contracts_chain.evidence.trail import Trail, verify_trail
from contracts_chain.workflows.draft import draft_agreement
from contracts_chain.workflows.offer import Offer, offer
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.review import approve, submit_for_review

_ORDERS = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    house: House
    url: str
    tokens: dict[str, str]

    @property
    def office(self) -> Office:
        return self.house.office

    def client(self, duty: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[duty]}"} if duty else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def offered(self) -> Offer:
        """The sample, offered anew; its consumer and its supplier are always the same persons."""
        content = (files("contracts_chain.agreements.samples") / "zhejiang_35kv.json").read_bytes()
        order = replace(load_order(content), order_no=f"IDENT-{next(_ORDERS)}")
        terms = order.agreements[0]
        number = draft_agreement(self.office, terms, order_no=order.order_no, drafted_by="drafter").number
        submit_for_review(self.office, number, by="drafter")
        approve(self.office, number, reviewer="reviewer")
        return offer(self.office, number, by="reviewer")

    def trail(self, number: str) -> Trail:
        with self.office.work() as work:
            return verify_trail(work.trails.lines(number))

    def records(self, number: str) -> list[Record]:
        with self.office.work() as work:
            taken_in = [row.record for row in work.log.waiting() if row.subject == number]
            in_order = [leaf.record for leaf in work.log.leaves_of(number)]
        return [Record.parse(record) for record in dict.fromkeys(in_order + taken_in)]


@contextmanager
def running_service(data_dir: Path) -> Iterator[Service]:
    with bound_socket("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(
            data_dir=data_dir,
            public_url=url,
            block_period_seconds=0,
            dwell_floor_seconds=0,
            codes_an_hour=1000,
            dwell_cap_seconds=0,
        )
        with open_house(settings) as house:
            server = uvicorn.Server(uvicorn.Config(create_app(house), log_level="warning", access_log=False))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                tokens = json.loads((data_dir / STAFF_TOKENS).read_text("utf-8"))
                yield Service(house=house, url=url, tokens=tokens)
            finally:
                server.should_exit = True
                thread.join(30)
