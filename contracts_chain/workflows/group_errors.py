"""Refusals about group accounts, their files and sets; each says what to do next."""

from __future__ import annotations

from kernel.errors import FaultError, RejectedError

__all__ = [
    "DrawersLostError",
    "GroupTakenError",
    "ImportNotReadyError",
    "LinksHandedOutError",
    "SetChangedError",
    "SetStateError",
    "SiteTakenError",
    "UnknownGroupError",
]


class UnknownGroupError(RejectedError):
    """No such group, file, set or row."""

    code = "unknown_group"

    def __init__(self, name: str) -> None:
        """Keep what was asked for."""
        super().__init__(
            f"no group, import or set {name}; check the address, or begin at /imports",
            f"没有集团户、导入或批次 {name}；请核对地址，或从“集团户导入”重新进入",
        )
        self.name = name


class GroupTakenError(RejectedError):
    """The number of a new group is in use."""

    code = "group_taken"

    def __init__(self, group_no: str) -> None:
        """Keep the number."""
        super().__init__(
            f"group {group_no} exists; choose it from the list, or use another number",
            f"集团户编号 {group_no} 已存在；请从列表中选择，或改用其他编号",
        )
        self.group_no = group_no


class SiteTakenError(RejectedError):
    """Another file with the same site was confirmed first."""

    code = "site_taken"

    def __init__(self) -> None:
        """Have the file looked at again: the findings will name the row."""
        super().__init__(
            "a site of this file became part of another set meanwhile; nothing was imported: "
            "check the file again",
            "本文件中有户号刚被另一批次导入；一行也没有导入，请重新检查本文件",
        )


class ImportNotReadyError(RejectedError):
    """The file has rows to correct, or was confirmed already."""

    code = "import_not_ready"

    def __init__(self, *, rows: int, passing: int) -> None:
        """Keep both counts."""
        left = rows - passing
        super().__init__(
            f"of {rows:,} rows {passing:,} can be imported and {left:,} need correction; "
            "nothing is imported before all are right: correct the file and upload it again",
            f"{rows:,} 行：{passing:,} 可导入，{left:,} 要改；改完前一行也不导入，请改正后重新上传",
        )
        self.rows = rows
        self.passing = passing


class SetStateError(RejectedError):
    """The set is not where this deed begins."""

    code = "set_state"

    def __init__(self, *, state_en: str, state_zh: str, due_en: str, due_zh: str) -> None:
        """Say where it is and where it has to be, or in which of several states."""
        super().__init__(
            f"the set is {state_en}; this is possible when it is {due_en}: look at the set again",
            f"本批次现为“{state_zh}”，须为“{due_zh}”才能办理；请刷新批次页面",
        )


class SetChangedError(RejectedError):
    """The reviewer approves other bytes than are there now."""

    code = "set_changed"

    def __init__(self, *, seen: str, current: str) -> None:
        """Keep both roots."""
        super().__init__(
            f"the set has changed since you looked at it (you saw {seen[:16]}, it is {current[:16]}); "
            "look at it again, then approve",
            f"您查看之后本批次有变动（您看到的总指纹 {seen[:16]}，现为 {current[:16]}）；请重新查看后再审批",
        )
        self.seen = seen
        self.current = current


class LinksHandedOutError(RejectedError):
    """All links of the set were given as one table before; they exist nowhere any more."""

    code = "links_handed_out"

    def __init__(self, *, by: str, on: str) -> None:
        """Say who has them."""
        super().__init__(
            f"the links of this set were downloaded by {by} on {on}, and a link is shown only once; "
            "renew single links on the page of the set",
            f"本批次的链接已由 {by} 于 {on} 下载，链接只显示一次；如有遗失，请在批次页面逐份重新生成",
        )
        self.by = by


class DrawersLostError(FaultError):
    """A rendering process was killed, most often for want of memory."""

    code = "drawers_lost"

    def __init__(self) -> None:
        """The worker starts new ones."""
        super().__init__(
            "a rendering process died; nothing is lost, the worker starts another; "
            "check free memory if it recurs",
            "制作 PDF 的进程中断；没有丢失内容，后台会自动重启；如再次发生请检查可用内存",
        )
