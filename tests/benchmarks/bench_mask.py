"""Measure masking and normalisation of one request of 250 characters.

Run: `python tests/benchmarks/bench_mask.py`. Prints microseconds a text on one core, the least of
many short runs, because the machines it runs on are shared. Targets: 50 µs without personal data,
120 µs with three places.
"""

from __future__ import annotations

import sys
import timeit

from triage.text.mask import mask
from triage.text.normalise import normalise

CLEAN = (
    "居民来电反映，小区门口的道路从上个月开始一直在施工，每天晚上到了十一点多钟还在打桩，噪声非常大，"
    "家里老人和小孩都没有办法休息，打了好几次物业的电话也没有人管，物业说这个是市政工程他们管不了，"
    "让我们去找街道，街道又说要找住建委，就这样来回推了快两个月了，希望有关部门能够尽快核实处理，"
    "给我们一个明确的答复，到底什么时候可以完工，夜间能不能停止施工。另外路面上的渣土也没有人清扫，"
    "下雨天全是泥，2026年3月15日有个婆婆还滑倒了，花了1200元，请求尽快派人来看一下，谢谢。"
)
PERSONAL = "我叫秦海燕，电话13500112233，住在渝北区龙山路某小区3栋2单元502室。"


def main() -> None:
    """Print one line a measurement."""
    clean = (CLEAN * 2)[:250]
    personal = PERSONAL + clean[: 250 - len(PERSONAL)]
    assert len(mask(personal).spans) == 3
    for name, function, text in (
        ("mask, no personal data", mask, clean),
        ("mask, three places", mask, personal),
        ("normalise, simplified", normalise, clean),
        ("normalise, traditional", normalise, clean[:-1] + "電"),
    ):
        sys.stdout.write(f"{name:<24} {_microseconds(function, text):6.1f} µs\n")


def _microseconds(function: object, text: str) -> float:
    timer = timeit.Timer("function(text)", globals={"function": function, "text": text})
    return min(timer.repeat(repeat=300, number=10)) / 10 * 1e6


if __name__ == "__main__":
    main()
