"""What an audit may find wrong. A fork keeps both statements, so that anyone can check them.

Decides the family of each finding: Refuted where signed or sealed statements contradict
each other or the trust bundle; Undecided where only the node's own word fails, since a
node that lies says nothing about the chain.
"""

from __future__ import annotations

from kernel.canonical_json import JsonObject
from kernel.errors import RefutedError, RejectedError, UndecidedError

__all__ = [
    "AuditRefutedError",
    "BlockTimeError",
    "ChainNotProvenError",
    "ChainStaleError",
    "CheckpointOrderError",
    "ForeignChainShownError",
    "ForkError",
    "HistoryReplacedError",
    "LogBehindError",
    "LogChangedError",
    "MemoryUnreadableError",
    "NodeAnswerError",
    "NotOnChainError",
    "ParentLinkError",
    "SecondRegistryError",
]


class AuditRefutedError(RefutedError):
    """Two values that should be equal are not; both are kept as text."""

    code = "audit_refuted"

    def __init__(self, en: str, zh: str, *, expected: str, actual: str) -> None:
        """Keep both values beside the two sentences."""
        super().__init__(
            f"{en}: expected {expected}, found {actual}; keep this output and tell the other validators",
            f"{zh}：应为 {expected}，实为 {actual}；请保存本结果并通知其他验证机构",
        )
        self.expected = expected
        self.actual = actual


class ForeignChainShownError(AuditRefutedError):
    """The node shows another chain than the trust bundle names."""

    code = "foreign_chain_shown"


class ParentLinkError(AuditRefutedError):
    """A sealed block does not follow the one before it."""

    code = "parent_link"


class BlockTimeError(AuditRefutedError):
    """A block is older than its parent or comes from the future."""

    code = "block_time"


class CheckpointOrderError(AuditRefutedError):
    """A checkpoint does not follow the one before it: sequence, size or twin."""

    code = "checkpoint_order"


class LogChangedError(AuditRefutedError):
    """The published leaves do not give the root that was anchored or signed."""

    code = "log_changed"


class NotOnChainError(AuditRefutedError):
    """A package stands on a checkpoint that the chain does not hold."""

    code = "not_on_chain"


class HistoryReplacedError(AuditRefutedError):
    """The chain or registry shown today has another history than the one audited before."""

    code = "history_replaced"


class ForkError(AuditRefutedError):
    """Two signed or sealed statements contradict each other.

    Attributes:
        statements: Both, whole, as ``fork-evidence.json`` keeps them.
    """

    code = "fork_proven"

    def __init__(self, en: str, zh: str, *, expected: str, actual: str, statements: JsonObject) -> None:
        """Keep both statements."""
        super().__init__(en, zh, expected=expected, actual=actual)
        self.statements = statements


class SecondRegistryError(ForkError):
    """The operator's own account wrote another history into another registry."""

    code = "second_registry"


class NodeAnswerError(UndecidedError):
    """What the node answers is not what the sealed headers commit to."""

    code = "node_answer"

    def __init__(self, en: str, zh: str) -> None:
        """Say to ask elsewhere."""
        super().__init__(
            f"{en}; do not rely on this node, ask another one", f"{zh}；该节点不可信，请换一个节点重试"
        )


class ChainNotProvenError(UndecidedError):
    """The chain itself is not proven, so nothing can be held against it."""

    code = "chain_not_proven"

    def __init__(self) -> None:
        """Point to the chain's own finding."""
        super().__init__(
            "not decided, because the chain is not proven; see the finding of the chain",
            "因链本身未获证实，本项不能判定；见“链”一项",
        )


class ChainStaleError(UndecidedError):
    """The newest block shown is older than the bundle lets a status be."""

    code = "chain_stale"

    def __init__(self, newest: str, due: str) -> None:
        """Keep both moments as text."""
        super().__init__(
            f"the newest block shown is of {newest}, one since {due} is due: the node withholds blocks or "
            "the chain stands still; ask another node",
            f"节点所示最新区块的时间为 {newest}，应不早于 {due}：节点隐匿区块或链已停滞；请换一个节点",
        )


class LogBehindError(UndecidedError):
    """The published log does not reach the newest anchored checkpoint."""

    code = "log_behind"

    def __init__(self, published: int, anchored: int) -> None:
        """Keep both sizes."""
        super().__init__(
            f"the published log has {published} leaves, the chain holds a checkpoint of {anchored}; "
            "ask the operator to publish it",
            f"公开日志仅有 {published} 片叶，链上检查点为 {anchored} 片；请运营方补充公开",
        )


class MemoryUnreadableError(RejectedError):
    """The state file is no audit's memory."""

    code = "audit_state_unreadable"

    def __init__(self, problem: str) -> None:
        """Keep the problem."""
        super().__init__(
            f"the state file cannot be read: {problem}; restore it from a copy, or name a new file",
            f"状态文件无法读取（{problem}）；请从副本恢复，或另指定新文件",
        )
