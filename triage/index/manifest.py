"""What a snapshot says of itself, and whether its files are what it says.

Everything is compared before a byte is mapped: a mapped file that was cut short would end the
process, not raise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from triage.files import atomic_write, sha256
from triage.index.refusal import IndexRefused

SCHEMA = 1
MANIFEST = "manifest.json"
VECTORS, CODES, SCALE, IDS = "vectors.faiss", "codes.npy", "scale.npy", "ids.npy"
PAIR_STARTS, PAIR_ROWS, PAIR_COUNTS = "pair_starts.npy", "pair_rows.npy", "pair_counts.npy"
FILES = (VECTORS, CODES, SCALE, IDS, PAIR_STARTS, PAIR_ROWS, PAIR_COUNTS)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the ledger: the number of an event, and its hash in hexadecimal digits.

    The hash tells another database, or one that was restored, from the one that was indexed.
    """

    position: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """One snapshot: the ledger up to `mark`, read by the encoder of this version.

    `trained_on` is how many orders there were when the lists were last trained, `probes` how many
    lists a search reads, `seen` over how many orders the pairs were counted.
    """

    encoder: str
    mark: Mark
    count: int
    dimensions: int
    trained_on: int
    probes: int
    seen: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts, and sha256 and size of each file."""

    facts: Facts
    files: dict[str, tuple[str, int]]


def write_manifest(folder: Path, facts: Facts) -> Manifest:
    """Hash the files of a finished snapshot and write what it is."""
    files = {name: (sha256(folder / name), (folder / name).stat().st_size) for name in FILES}
    document = {"schema": SCHEMA, "facts": asdict(facts), "files": files}
    with atomic_write(folder / MANIFEST) as file:
        file.write(json.dumps(document, indent=2).encode())
    return Manifest(facts, files)


def read_manifest(folder: Path) -> Manifest:
    """Read what a snapshot is.

    Raises
    ------
    IndexRefused
        index_missing, index_damaged, index_other_version.
    """
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise IndexRefused("index_missing", f"索引 {folder} 没有 {MANIFEST}") from None
    except (OSError, ValueError, RecursionError):
        raise IndexRefused("index_damaged", f"索引的 {path} 无法读取") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise IndexRefused(
            "index_other_version", f"索引 {folder} 的格式是 {schema!r}，本版只认 {SCHEMA}"
        )
    try:
        files = {str(name): (str(h), int(size)) for name, (h, size) in document["files"].items()}
        return Manifest(_facts(document["facts"]), files)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise IndexRefused("index_damaged", f"索引的 {path} 内容不全") from None


_MOST = 2**62
"""What no count of a sound manifest reaches: databases and FAISS count in 64 bits."""


def _facts(said: Mapping[str, Any]) -> Facts:
    """Read what `asdict` wrote; what is missing, too much or of another type raises."""
    mark = Mark(**said["mark"])
    facts = Facts(**{**said, "mark": mark})
    words = (facts.encoder, mark.hash)
    numbers = (mark.position, facts.count, facts.dimensions, facts.trained_on, facts.probes,
               facts.seen)  # fmt: skip
    if not all(isinstance(one, str) for one in words):
        raise TypeError("encoder and hash are words")
    if not all(type(one) is int and 0 <= one <= _MOST for one in numbers) or not facts.probes:
        raise ValueError("the others are whole numbers")
    return facts


def check_files(folder: Path, manifest: Manifest) -> None:
    """Check every file against its size, then its sha256.

    Raises
    ------
    IndexRefused
        index_damaged.
    """
    for name in FILES:
        path, (_, size) = folder / name, manifest.files.get(name, ("", -1))
        if not path.is_file() or path.stat().st_size != size:
            found = f"{path.stat().st_size:,} 字节" if path.is_file() else "没有这个文件"
            raise IndexRefused(
                "index_damaged", f"索引文件 {path} 应为 {size:,} 字节，实际：{found}"
            )
    for name in FILES:
        if sha256(folder / name) != manifest.files[name][0]:
            raise IndexRefused("index_damaged", f"索引文件 {folder / name} 与清单的 sha256 不符")
