"""Excel and Parquet read in a child process, so that a bad file cannot take the service with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from triage.intake.sheets import Locked, SheetStart, from_line
from triage.intake.sources import FileType, unusable

# The memory limit counts address space, and every thread of a large machine reserves some.
_FEW_THREADS = {"POLARS_MAX_THREADS": "2", "MALLOC_ARENA_MAX": "2"}


def isolated_sheets(
    path: Path, kind: FileType, *, columns: Sequence[str] = ()
) -> Iterator[SheetStart | list[object]]:
    """Yield sheets' starts and rows as `excel_sheets` and `parquet_sheet` do.

    Raises
    ------
    UnusableFile
        When the file is damaged, locked, or needs more memory than the child may take.
    """
    command = [sys.executable, "-P", "-m", "triage.intake.worker", kind.value, str(path), *columns]
    with subprocess.Popen(
        command,
        env={**os.environ, **_FEW_THREADS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        if child.stdout is None:
            raise RuntimeError("the child was started with a pipe")
        try:
            for line in child.stdout:
                if line.endswith(b"\n"):  # an aborted child leaves half a line
                    yield from_line(line)
        except Locked as error:
            raise unusable(path, "工作簿有打开密码", "请去掉密码后重新保存") from error
        except BaseException:
            child.kill()  # whoever reads has gone away
            raise
    if child.returncode != 0:
        raise unusable(
            path,
            f"无法作为 {kind.value} 读取：文件已损坏，或数据区以外的零星单元格使范围过大",
            "请用 Excel 打开，只保留数据区，另存为 .xlsx 或 CSV",
        )
