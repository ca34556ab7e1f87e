"""What can be wrong with a wish about callbacks."""

from __future__ import annotations

from kernel.errors import RejectedError

__all__ = ["EndpointClosedError", "UnknownEndpointError", "UnknownProcessEventError"]


class UnknownEndpointError(RejectedError):
    """No endpoint has this id."""

    code = "callback_endpoint_unknown"

    def __init__(self, endpoint_id: str) -> None:
        """Keep the id."""
        super().__init__(
            f"no callback endpoint has the id {endpoint_id}; look it up in the list of endpoints",
            f"没有编号为 {endpoint_id} 的回调地址；请在回调地址列表中核对",
        )
        self.endpoint_id = endpoint_id


class EndpointClosedError(RejectedError):
    """Nothing is sent to a closed endpoint."""

    code = "callback_endpoint_closed"

    def __init__(self, endpoint_id: str) -> None:
        """Keep the id."""
        super().__init__(
            f"the callback endpoint {endpoint_id} is closed; register its address anew, then send again",
            f"回调地址 {endpoint_id} 已停用；请重新登记该地址后再发送",
        )
        self.endpoint_id = endpoint_id


class UnknownProcessEventError(RejectedError):
    """No such event was told to other systems."""

    code = "process_event_unknown"

    def __init__(self, wanted: str) -> None:
        """Keep what was asked for."""
        super().__init__(
            f"no event {wanted} was told to other systems; check the number, or wait a moment if it is new",
            f"没有已对外通知的事件 {wanted}；请核对编号，如刚刚发生请稍候再试",
        )
        self.wanted = wanted
