"""Export a checkpoint to ONNX: fp32, int8 beside it, and a measure of how true both are.

Pooling, projection and unit length are part of the graph.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import nn

from training.crossfit import carry
from training.encoder.checkpoint import Origin, encode, open_model, read_origin
from training.encoder.graphs import write_graphs, write_notice
from training.encoder.trim import trim_to
from training.folders import check_new, new_folder
from training.pair_crossfit import carry_pairs
from triage.errors import ArtifactError
from triage.files import sha256
from triage.model.calibration import Array
from triage.model.encoder import (
    CONFIG,
    FLOAT_GRAPH,
    INPUTS,
    INT8_GRAPH,
    NOTICE,
    OUTPUT,
    SCHEMA,
    TOKENIZER,
    OnnxEncoder,
)

MOST_ERROR = 1e-3
"""What ONNX fp32 may differ from torch in any dimension; the export is refused beyond."""
PROBES = (
    "小区门口的路灯坏了",
    "停水",
    "楼下烧烤店油烟直接排到楼道里，晚上两点还在营业，孩子根本没法睡觉，已经打过三次电话",
    "公交站台\n早上七点半的六路车经常不停站直接开走，等车的学生很多，请核实并给个说法",
    "请问灵活就业人员的社保补贴到哪里办理，需要带哪些材料？",
    "工地拖欠十二名工人三个月工资，项目经理电话不接，我们准备去住建局门口等。" * 6,
    "建议在学校东门增设斑马线和减速带。",
    "感谢社区的网格员，帮独居老人修好了水管！",
)
"""Written for this purpose: short and long, one and two lines, beyond most limits of tokens."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How near the graphs are to torch on the probes: largest difference, cosines of int8."""

    fp32_largest_difference: float
    int8_cosine_mean: float
    int8_cosine_least: float
    graph_bytes: int


class _Graph(nn.Module):  # type: ignore[misc]  # torch is untyped here: it is an optional extra
    """Token ids in, unit vectors out."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        return nn.functional.normalize(self.model(features)["sentence_embedding"], dim=1)


def export_encoder(
    checkpoint: Path,
    out: Path,
    *,
    int8: bool,
    trim_texts: Sequence[Path] = (),
    at_most: int | None = None,
) -> tuple[Parity, int]:
    """Write the folder that `triage train --encoder` and the runtime read.

    Parameters
    ----------
    int8 : which of the two graphs runs; both are written
    trim_texts, at_most : see `training.encoder.trim.trim_to`

    Returns
    -------
    how true the graphs are, and how many tokens the encoder knows

    Raises
    ------
    ArtifactError
        ONNX does not give what torch gives.
    """
    check_new(out)
    read_origin(checkpoint)
    with new_folder(out) as draft, tempfile.TemporaryDirectory() as scratch:
        if trim_texts:  # the checkpoint itself stays as it is
            checkpoint = Path(shutil.copytree(checkpoint, Path(scratch) / "checkpoint"))
        tokens = trim_to(checkpoint, trim_texts, at_most=at_most)
        origin = read_origin(checkpoint)
        model = open_model(checkpoint).eval()
        write_graphs(_Graph(model).eval(), INPUTS, OUTPUT, draft / FLOAT_GRAPH, draft / INT8_GRAPH)
        shutil.copyfile(checkpoint / TOKENIZER, draft / TOKENIZER)
        write_notice("编码器来源", checkpoint, origin, draft / NOTICE)
        carry(checkpoint, draft)
        carry_pairs(checkpoint, draft)
        truth = encode(model, [origin.prefix + probe for probe in PROBES], origin.max_tokens)
        found = {}
        for graph in (FLOAT_GRAPH, INT8_GRAPH):
            _write_config(draft, origin, graph, truth.shape[1])
            found[graph] = OnnxEncoder.load(draft).encode(PROBES)
        graph = INT8_GRAPH if int8 else FLOAT_GRAPH
        parity = _compare(truth, found, (draft / graph).stat().st_size)
        if parity.fp32_largest_difference > MOST_ERROR:
            raise ArtifactError(
                f"ONNX 与 torch 的向量相差 {parity.fp32_largest_difference:.2g}，"
                f"大于 {MOST_ERROR}：没有导出，请换用与 BERT 相近的模型"
            )
        _write_config(draft, origin, graph, truth.shape[1], parity)
    return parity, tokens


def _compare(truth: Array, found: Mapping[str, Array], graph_bytes: int) -> Parity:
    cosine = (truth * found[INT8_GRAPH]).sum(axis=1)
    largest = float(np.abs(truth - found[FLOAT_GRAPH]).max())
    return Parity(largest, float(cosine.mean()), float(cosine.min()), graph_bytes)


def _write_config(
    draft: Path, origin: Origin, graph: str, dimensions: int, parity: Parity | None = None
) -> None:
    names = (FLOAT_GRAPH, INT8_GRAPH, TOKENIZER, NOTICE)
    value = {
        "schema": SCHEMA,
        "graph": graph,
        "dimensions": dimensions,
        "max_tokens": origin.max_tokens,
        "prefix": origin.prefix,
        "files": {name: sha256(draft / name) for name in names},
        "source": {
            "name": origin.name,
            "licence": origin.licence,
            "history": list(origin.history),
        },
        "parity": asdict(parity) if parity else None,
    }
    text = json.dumps(value, ensure_ascii=False, indent=1)
    (draft / CONFIG).write_text(text + "\n", "utf-8")
