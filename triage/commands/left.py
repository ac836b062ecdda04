"""Say which index files could not be erased after a purge."""

from __future__ import annotations

import sys

from triage.desk.erasing import Erased


def told_left(erased: Erased) -> int:
    """Print what is left and what to do; return the exit code."""
    for path, reason in erased.left:
        print(
            f"索引文件 {path} 应删而没有删去：{reason}。请稍后或换有权限的用户再运行 "
            "triage index build",
            file=sys.stderr,
        )
    return 2 if erased.left else 0
