"""Endpoints and deliveries in JSON, and what may be asked for again (docs/formats/callbacks.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts_chain.workflows.call_back import replay_dead, replay_event, replay_range
from contracts_chain.workflows.callback_desk import CallbackDesk
from contracts_chain.workflows.callback_files import CallbackAttempt, CallbackEndpoint
from contracts_chain.workflows.callback_view import DeliveryView
from kernel.clock import utc_text
from kernel.errors import RejectedError

__all__ = ["CallbackReplayError", "SentReplay", "delivery_json", "endpoint_json", "outcome_zh", "replay"]

_OUTCOMES: Final = {
    "": "尚无结果",
    "url_refused": "网址已不符合要求",
    "address_refused": "域名指向不允许的地址",
    "unresolved": "域名无法解析",
    "timeout": "10 秒内未应答完毕",
    "ConnectError": "无法建立连接",
    "ConnectTimeout": "无法建立连接",
}
"""Reasons by the word before the colon; whatever else went wrong is a broken answer."""


class CallbackReplayError(RejectedError):
    """It does not say what to send again."""

    code = "callback_replay"

    def __init__(self) -> None:
        """Name the three ways."""
        super().__init__(
            "say what to send again: an event, or a subject with first and last, or all dead letters; "
            "nothing was changed",
            "请指明重新发送的内容：一个事件，或编号加起止序号，或全部停止重试的事件；未作任何更改",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReplay:
    """Body of a replay: one of three."""

    event_id: str | None = None
    subject: str | None = None
    first: int | None = None
    last: int | None = None
    dead: bool | None = None


def replay(desk: CallbackDesk, endpoint_id: str, sent: SentReplay, *, by: str) -> int:
    """Send again what is asked for; return how many deliveries are on their way.

    Raises:
        CallbackReplayError: Not exactly one of the three, or a range that is none.
        RejectedError: As the three deeds of ``workflows.call_back``.
    """
    match sent:
        case SentReplay(event_id=str(event_id), subject=None, first=None, last=None, dead=None):
            replay_event(desk, endpoint_id, event_id)
            return 1
        case SentReplay(event_id=None, subject=str(subject), first=int(first), last=int(last), dead=None):
            if not 1 <= first <= last:
                raise CallbackReplayError
            return replay_range(desk, endpoint_id, subject=subject, first=first, last=last)
        case SentReplay(event_id=None, subject=None, first=None, last=None, dead=True):
            return replay_dead(desk, endpoint_id, by=by)
        case _:
            raise CallbackReplayError


def endpoint_json(endpoint: CallbackEndpoint, secret: bytes | None = None) -> dict[str, object]:
    """An endpoint; with its secret where it is told, which is once a generation."""
    shown: dict[str, object] = {
        "id": endpoint.id,
        "url": endpoint.url,
        "kinds": [kind.value for kind in endpoint.kinds],
        "generation": endpoint.generation,
        "created_by": endpoint.created_by,
        "created_utc": utc_text(endpoint.created_utc),
        "closed_utc": utc_text(endpoint.closed_utc) if endpoint.closed_utc else None,
    }
    return shown if secret is None else shown | {"secret": secret.hex()}


def delivery_json(view: DeliveryView) -> dict[str, object]:
    """A delivery with the log of its attempts."""
    delivery, event = view.addressed.delivery, view.addressed.event
    return {
        "id": delivery.id,
        "event_id": event.event_id,
        "kind": event.kind.value,
        "subject": event.subject,
        "sequence": event.sequence,
        "occurred_utc": utc_text(event.occurred_utc),
        "state": delivery.state.value,
        "due_utc": utc_text(delivery.due_utc),
        "attempts": [_attempt_json(attempt) for attempt in view.log],
    }


def _attempt_json(attempt: CallbackAttempt) -> dict[str, object]:
    return {
        "number": attempt.number,
        "started_utc": utc_text(attempt.started_utc),
        "finished_utc": utc_text(attempt.finished_utc) if attempt.finished_utc else None,
        "outcome": attempt.outcome,
        "milliseconds": attempt.milliseconds,
        "taken": attempt.taken,
    }


def outcome_zh(attempt: CallbackAttempt) -> str:
    """How an attempt ended, on Chinese screens."""
    kind, _, status = attempt.outcome.partition(" ")
    if kind == "HTTP":
        return f"{'已接收' if attempt.taken else '对方拒收'}（HTTP\u00a0{status}）"
    return _OUTCOMES.get(attempt.outcome.partition(":")[0], "应答不完整")
