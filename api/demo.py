"""``contracts-chain demo``: the main job on a real-looking order, every artefact kept.

Plays all people through the same deeds that ``serve`` offers: the parties are vouched for by the sandbox
provider, read every page and clause (the shortest reading time is set to nothing for the trial), take
the code from the sandbox outbox and sign; the custodian lets the seal be used. Verification runs in a
fresh process
after every server has been stopped.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from rich.console import Console

from api.demo_artefacts import Artefacts, write_summary
from api.demo_progress import Stages
from api.demo_table import print_table
from api.demo_tamper import tamper_all
from api.demo_verdicts import verify_in_fresh_process
from api.house import House, open_house
from api.settings import Settings
from api.trial_people import let_seals_be_used, sign_on_phone
from contracts_chain.agreements.terms_json import BillingOrder, Order, load_order
from contracts_chain.workflows.anchor import advance_anchors, close_checkpoint
from contracts_chain.workflows.dossier import AgreementDossier, InvoiceDossier
from contracts_chain.workflows.draft import draft_order
from contracts_chain.workflows.issue_invoice import issue_invoice
from contracts_chain.workflows.offer import offer
from contracts_chain.workflows.package import build_package
from contracts_chain.workflows.package_invoice import build_invoice_package
from contracts_chain.workflows.review import approve, submit_for_review
from kernel.clock import BEIJING, SystemClock
from kernel.verdict import Verdict

__all__ = ["run_demo", "sample_order"]

SAMPLE = "zhejiang_35kv.json"


def sample_order() -> Order:
    """The sample under an order number of its own, so that every run is a new order."""
    content = (files("contracts_chain.agreements.samples") / SAMPLE).read_bytes()
    order = load_order(content)
    moment = SystemClock().now().astimezone(BEIJING)
    return replace(order, order_no=f"{order.order_no}-{moment:%Y%m%d%H%M%S}")


def run_demo(out: Path) -> int:
    """Run everything and return 0 if all is proven and every forgery refused.

    Raises:
        ContractsChainError: A stage failed; what was written before stays.
    """
    console = Console(highlight=False)
    settings = Settings(data_dir=out / "data", dwell_floor_seconds=0, dwell_cap_seconds=0)
    artefacts = Artefacts(out)
    with Stages(console) as stages:
        with ExitStack() as servers:
            with stages.stage("servers", "启动数据库与区块链 start PostgreSQL and chain"):
                house = servers.enter_context(open_house(settings))
            try:
                agreements, invoice = _work(house, stages, artefacts)
            finally:
                with stages.stage("stop", "停止全部服务 stop every server"):
                    servers.close()
        with stages.stage("verify", "新进程离线核验 verify offline in a fresh process"):
            verdicts = verify_in_fresh_process(artefacts.packages, artefacts.trust)
        with stages.stage("tamper", "逐处改一字节 flip one byte in each part"):
            tampered = tamper_all(artefacts)
    summary = write_summary(artefacts, agreements, invoice, verdicts, tampered, stages.timings_ms)
    print_table(console, summary, out)
    sound = all(verdict is Verdict.PROVEN for verdict in verdicts.values())
    refused = all(one.verdict is not Verdict.PROVEN for one in tampered)
    return 0 if sound and refused else 1


def _work(
    house: House, stages: Stages, artefacts: Artefacts
) -> tuple[tuple[AgreementDossier, ...], InvoiceDossier]:
    office, order = house.office, sample_order()
    with stages.stage("draft", "校验并起草 check terms and draft"):
        drafted = draft_order(office, order, drafted_by="drafter")
    signed = tuple(_through_ceremonies(house, dossier, stages) for dossier in drafted)
    with stages.stage("anchor", "锚定并等待最终确认 anchor and wait for finality"):
        _anchor(house, stages)
    with stages.stage("invoice", "开具样张发票 issue the SPECIMEN invoice"):
        invoice = issue_invoice(
            office, signed[0].number, _bill(order), idempotency_key=f"demo-{order.order_no}"
        )
    with stages.stage("anchor_invoice", "锚定发票 anchor the invoice"):
        _anchor(house, stages)
    with stages.stage("package", "写出证据包 write evidence packages"):
        for dossier in signed:
            artefacts.keep_agreement(office, dossier, build_package(office, dossier.number))
        artefacts.keep_invoice(office, invoice, build_invoice_package(office, str(invoice.number)))
        office.trust.write(artefacts.trust)
    return signed, invoice


def _bill(order: Order) -> BillingOrder:
    if order.invoice is None:
        raise ValueError("the sample order holds no bill")
    return order.invoice


def _through_ceremonies(house: House, dossier: AgreementDossier, stages: Stages) -> AgreementDossier:
    office, number = house.office, dossier.number
    with stages.stage("review", f"审核并发送 review and offer {number}"):
        submit_for_review(office, number, by="drafter")
        approve(office, number, reviewer="reviewer")
        offered = offer(office, number, by="reviewer")
        let_seals_be_used(office, offered.dossier, by="reviewer")
    for role in ("consumer", "supplier"):
        with stages.stage(
            "sign",
            f"{'用电人' if role == 'consumer' else '供电人'}阅读并签署 {role} reads and signs {number}",
        ):
            dossier = sign_on_phone(house, offered.tokens[role])
    return dossier


def _anchor(house: House, stages: Stages) -> None:
    close_checkpoint(house.office)
    stages.wait_until(lambda: advance_anchors(house.office), patience_seconds=60)


if __name__ == "__main__":
    sys.exit(run_demo(Path("out/demo")))
