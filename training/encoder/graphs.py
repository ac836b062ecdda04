"""Write a network as ONNX graphs, fp32 and int8, and the notice that goes with them.

int8 is dynamic, seven bits a weight and one scale a column: eight bits overflow on processors
without VNNI (onnxruntime's own advice).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from training.encoder.checkpoint import Origin, legal_files


def write_graphs(
    network: nn.Module, inputs: Sequence[str], output: str, fp32: Path, int8: Path
) -> None:
    """Write both graphs of a network that takes int64 (n, width) for each name of `inputs`."""
    examples = torch.ones((len(inputs), 2, 8), dtype=torch.int64).unbind()
    dynamic = {name: {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC} for name in inputs}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecated calls
        torch.onnx.export(
            network, examples, str(fp32), dynamo=True, opset_version=18,
            input_names=list(inputs), output_names=[output], dynamic_shapes=dynamic,
            external_data=False, verbose=False,
        )  # fmt: skip
        quantize_dynamic(
            fp32, int8, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )


def write_notice(title: str, checkpoint: Path, origin: Origin, path: Path) -> None:
    """Write where a checkpoint comes from, its licence, what was done, and its legal files."""
    parts = [
        f"# {title} / NOTICE\n\n- 来源：{origin.name}\n- 许可证：{origin.licence}",
        "\n".join(f"- {step}" for step in origin.history),
    ]
    for legal in legal_files(checkpoint):
        parts.append(f"## {legal.name}\n\n{legal.read_text('utf-8', 'replace').strip()}")
    path.write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")
