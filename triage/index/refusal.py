"""Why an index on disk is not taken: each reason has a code, and the remedy is always the same."""

from __future__ import annotations

from triage.errors import ArtifactError


class IndexRefused(ArtifactError):
    """A snapshot that is not opened, not even half; `code` is one of the following.

    index_missing, index_damaged (cut short or changed), index_other_encoder, index_other_version,
    index_other_ledger (of another database, or of one that was restored from a backup).
    """

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{what}：请运行 triage index build 重建（服务会自动重建，不丢数据）")
        self.code = code
