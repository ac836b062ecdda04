"""Export a cross-encoder to ONNX: int8 alone is kept, with a measure of how true it is to torch.

The fp32 graph is made on the way, compared with torch, and thrown away.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from training.encoder.cross_encoder import CrossCheckpoint, open_cross
from training.encoder.cross_fit import score_pairs
from training.encoder.cross_logits import (
    CROSS_LOGITS,
    carry_logits,
    read_cross_logits,
    write_cross_logits,
)
from training.encoder.cross_pairs import TokenPairs
from training.encoder.graphs import write_graphs, write_notice
from training.folders import check_new, new_folder
from triage.errors import ArtifactError
from triage.files import sha256
from triage.model.calibration import Array
from triage.model.encoder import TOKENIZER as CHECKPOINT_TOKENIZER
from triage.model.encoder import open_graph
from triage.same_event.cross_encoder import (
    CONFIG,
    GRAPH,
    INPUTS,
    NOTICE,
    OUTPUT,
    SCHEMA,
    TOKENIZER,
    CrossConfig,
    CrossEncoder,
    words_of,
)
from triage.same_event.entry import Entry

MOST_ERROR = 1e-2
"""What ONNX fp32 may differ from torch in any log-odds, which are of size 5; refused beyond."""
PROBES = (
    ("路灯不亮", "小区门口的路灯坏了三盏", "晚上太黑", "北门外的路灯一直没修，老人摔了一跤"),
    ("停水", "停水两天了", "请尽快供水", "整栋楼从昨天早上开始没有水，物业说不清原因"),
    ("油烟扰民", "楼下烧烤店油烟直排楼道，凌晨两点还在营业", "夜间施工", "工地半夜打桩，睡不着"),
    ("公交不停站", "早上六路车经常不停站直接开走", "公交不停站", "早上六路车经常不停站直接开走"),
    ("社保补贴", "灵活就业人员的社保补贴到哪里办？", "", "感谢网格员帮独居老人修好了水管！"),
    ("拖欠工资", "工地拖欠十二名工人三个月工资，经理不接电话。" * 9, "讨薪", "工资还没发。" * 40),
)
"""Title and detail of one and of another; written for this purpose, short and beyond any side."""


@dataclass(frozen=True, slots=True)
class CrossParity:
    """How near the graphs are to torch on the probes, in log-odds; bytes of the int8 graph."""

    fp32_largest_difference: float
    int8_mean_difference: float
    int8_largest_difference: float
    graph_bytes: int


def export_cross(folder: Path, out: Path) -> CrossParity:
    """Write the folder that the runtime reads, and return how true it is.

    Raises
    ------
    ArtifactError
        ONNX does not give what torch gives.
    UnusableFile
        The checkpoint cannot be read.
    """
    check_new(out)
    checkpoint = open_cross(folder)
    read_cross_logits(folder)  # damaged ones are not carried on
    probes = [
        (Entry(f"{row}a", one, said), Entry(f"{row}b", other, told))
        for row, (one, said, other, told) in enumerate(PROBES)
    ]
    truth = _by_torch(checkpoint, probes)
    with new_folder(out) as draft, tempfile.TemporaryDirectory() as scratch:
        fp32 = Path(scratch) / "fp32.onnx"
        write_graphs(checkpoint.network.cpu(), INPUTS, OUTPUT, fp32, draft / GRAPH)
        shutil.copyfile(folder / CHECKPOINT_TOKENIZER, draft / TOKENIZER)
        write_notice("交叉编码器来源", folder, checkpoint.origin, draft / NOTICE)
        carry_logits(folder, draft)
        if not (draft / CROSS_LOGITS).exists():  # it saw no judgement, and says so
            write_cross_logits(draft, {}, {})
        _write_config(draft, checkpoint)
        opened = open_graph(fp32, draft / TOKENIZER)
        plain = CrossEncoder(*opened, CrossConfig(checkpoint.side_tokens, {}))
        apart = [
            np.abs(truth - _by_onnx(encoder, probes))
            for encoder in (plain, CrossEncoder.load(draft))
        ]
        size = (draft / GRAPH).stat().st_size
        parity = CrossParity(
            float(apart[0].max()), float(apart[1].mean()), float(apart[1].max()), size
        )
        if not parity.fp32_largest_difference <= MOST_ERROR:
            raise ArtifactError(
                f"ONNX 与 torch 的对数几率相差 {parity.fp32_largest_difference:.2g}，"
                f"大于 {MOST_ERROR}：没有导出，请换用与 BERT 相近的模型"
            )
        _write_config(draft, checkpoint, parity)
    return parity


def _by_torch(checkpoint: CrossCheckpoint, probes: Sequence[tuple[Entry, Entry]]) -> Array:
    texts = [(words_of(one), words_of(other)) for one, other in probes]
    pairs = TokenPairs.of(texts, checkpoint.tokenizer, checkpoint.side_tokens)
    return score_pairs(checkpoint.network, pairs)


def _by_onnx(encoder: CrossEncoder, probes: Sequence[tuple[Entry, Entry]]) -> Array:
    return np.concatenate([encoder.log_odds(one, [other]) for one, other in probes])


def _write_config(
    draft: Path, checkpoint: CrossCheckpoint, parity: CrossParity | None = None
) -> None:
    origin = checkpoint.origin
    value = {
        "schema": SCHEMA,
        "side_tokens": checkpoint.side_tokens,
        "files": {name: sha256(draft / name) for name in (GRAPH, TOKENIZER, NOTICE)},
        "source": {
            "name": origin.name,
            "licence": origin.licence,
            "history": list(origin.history),
        },
        "parity": asdict(parity) if parity else None,
    }
    text = json.dumps(value, ensure_ascii=False, indent=1)
    (draft / CONFIG).write_text(text + "\n", "utf-8")
