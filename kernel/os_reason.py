"""What the operating system's refusals are called in Chinese.

Decides words only; which refusal calls for which error is the caller's.
"""

from __future__ import annotations

import errno
from typing import Final

__all__ = ["reason_en", "reason_zh"]

_ZH: Final = {
    errno.ENOENT: "不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许此操作",
    errno.EEXIST: "已存在",
    errno.EISDIR: "是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.ENAMETOOLONG: "名称过长",
    errno.ELOOP: "符号链接循环",
    errno.EROFS: "文件系统只读",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "超出磁盘配额",
    errno.EFBIG: "超过允许的文件大小",
    errno.EIO: "磁盘读写错误",
    errno.EMFILE: "打开的文件过多",
    errno.ENOMEM: "内存不足",
}


def reason_en(problem: OSError) -> str:
    """The system's own words."""
    return problem.strerror or type(problem).__name__


def reason_zh(problem: OSError) -> str:
    """The same in Chinese; the system's words where we have none."""
    return _ZH.get(problem.errno or 0, reason_en(problem))
