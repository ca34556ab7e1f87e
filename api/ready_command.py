"""``contracts-chain ready``: one question about an order, one answer, from the database alone.

Works beside a running service; starts nothing but the embedded database where none runs.
"""

from __future__ import annotations

import json

from rich.console import Console

from api.database_alone import open_database
from api.routes.readiness import readiness_json
from api.settings import Settings
from contracts_chain.workflows.readiness import answer_for
from kernel.clock import SystemClock

__all__ = ["ready_to_energise"]

NOT_READY = 20
_OUT = Console(highlight=False, soft_wrap=True, markup=False)


def ready_to_energise(order_no: str, *, as_json: bool) -> int:
    """Print the answer; 0 when ready, 20 with the list of what is missing.

    Raises:
        UnknownNumberError: No agreement was ever drafted for this order.
    """
    with open_database(Settings()) as unit_of_work, unit_of_work() as work:
        answer = answer_for(work, order_no, SystemClock().now())
    if as_json:
        _OUT.print(json.dumps(readiness_json(answer), ensure_ascii=False))
    elif answer.ready:
        _OUT.print(f"{order_no} 可以接电 ready to energise")
    else:
        _OUT.print(
            f"{order_no} 还不能接电，缺 {len(answer.missing)} 项 not ready, {len(answer.missing)} missing"
        )
        for one in answer.missing:
            _OUT.print(f"  {one.code} {one.zh}：{one.to_do_zh} / {one.en}: {one.to_do_en}")
    return 0 if answer.ready else NOT_READY
