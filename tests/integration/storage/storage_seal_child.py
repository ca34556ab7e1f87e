"""Takes the number of one use of a seal, says so, and waits to be killed: before the commit or after it.

python storage_seal_child.py DATABASE_URL NUMBER before|after
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

from dossiers import a_dossier
from seal_behaviour import MORNING, OWNER

from contracts_chain.agreements.seals.use import SealUse
from contracts_chain.storage.engine import open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.dossier import SlotFile
from contracts_chain.workflows.seal_use import take_use


def take(work: SqlUnitOfWork, number: str) -> SealUse:
    office: Any = SimpleNamespace(utility=SimpleNamespace(uscc=OWNER))
    slot = SlotFile(
        ordinal=3,
        field="SupplierSeal",
        role="supplier",
        kind="seal",
        signer_name="王小明",
        organisation="示例供电公司",
        organisation_id=OWNER,
        seal_name="供用电合同专用章",
    )
    return take_use(office, work, a_dossier(number=number, slots=(slot,)), slot, MORNING)


def main(url: str, number: str, moment: str) -> None:
    with SqlUnitOfWork(open_engine(url)) as work:
        use = take(work, number)
        if moment == "after":
            work.commit()
        print(use.use_no, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
