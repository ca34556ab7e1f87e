"""What can happen to an agreement, an order or an invoice that other systems are told of.

Decides names only. Every state of an agreement and of its evidence (DESIGN §4) is entered with one
of these kinds, and every row "States" of reference/esigning-and-law.md §7.2 has its own. Codes are
part of the format ``docs/formats/callbacks.md``: one that was sent once is never renamed.
"""

from __future__ import annotations

from contracts_chain.agreements.terms.codes import Coded

__all__ = ["ProcessEventKind"]


class ProcessEventKind(Coded):
    """Code in the body of a callback, and the words on Chinese screens."""

    DRAFTED = ("drafted", "已起草")
    SUBMITTED = ("submitted", "已提交审核")
    RETURNED = ("returned", "已退回")
    REVISED = ("revised", "已修改")
    APPROVED = ("approved", "已审批")
    SENT = ("sent", "已发送签署")
    YOUR_TURN = ("your_turn", "轮到签署")
    IDENTIFIED = ("identified", "身份核验通过")
    VIEWED = ("viewed", "已查看")
    READ_COMPLETE = ("read_complete", "已读完")
    WILL_PASSED = ("will_passed", "意愿核验通过")
    WILL_FAILED = ("will_failed", "意愿核验未通过")
    SIGNED = ("signed", "已签名")
    TRANSFERRED = ("transferred", "已转交他人签署")
    PAPER_CHOSEN = ("paper_chosen", "改用纸质合同")
    REMINDED = ("reminded", "已催办")
    REJECTED = ("rejected", "已拒签")
    EXPIRED = ("expired", "逾期未签，已失效")
    CANCELLED = ("cancelled", "已撤回")
    SEALING_STEP = ("sealing_step", "用印进度")
    SEALED = ("sealed", "全部签章完成，合同成立")
    FAILED = ("failed", "签章失败")
    DEGRADED = ("degraded", "时间戳待补，暂为降级签名")
    TIMESTAMPED = ("timestamped", "已加时间戳")
    ANCHORED = ("anchored", "已上链")
    FINAL = ("final", "上链最终确认")
    CROSS_ANCHORED = ("cross_anchored", "已跨链存证")
    STATUS_CHANGED = ("status_changed", "合同状态变更")
    EXPIRING = ("expiring", "合同即将到期")
    READY_TO_ENERGISE = ("ready_to_energise", "合同齐备，可以送电")
    INVOICE_ISSUED = ("invoice_issued", "发票已开具")
