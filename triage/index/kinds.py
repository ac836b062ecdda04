"""How the big segment finds candidates: lists of 4-bit product codes, scanned in registers.

Inverted lists (Jégou et al. 2011) with fast scan (André et al. 2015) through FAISS; what it finds
is ranked anew by `triage.index.codes`. Costs and recall, beside plain 8-bit lists, are measured by
`tests/benchmarks/bench_index.py` → evaluation/results/index_speed.json.
"""

from __future__ import annotations

from math import gcd

import faiss
import numpy as np

from triage.index.found import Floats, Rows

LEAST_LISTS = 4_096
"""Vectors below which there is one list, read whole in some 20 microseconds."""
MOST_LISTS = 4_096
PART = 4
"""Components of one product code of 4 bits: 32 bytes a vector of 256. Fewer where 4 divides not."""
TRAINED_ON = 64
"""Vectors a list to train on: FAISS asks for at least 39."""
LEAST_SAMPLE = 1_024
"""Vectors to train on at least; fewer are repeated."""
ROUNDS = 10
"""Rounds of k-means: FAISS's 25 take longer and find no more (same file)."""
RECALL = 0.985
"""Share of the ten nearest that a search must find of those that reading all lists finds."""
_MOST_READ = 400_000
"""Vectors that a search reads at most: some 4 ns each (same file), so under 2 ms."""
_ASKED = 100
_NEAREST = 10


def lists_of(count: int) -> int:
    """Return how many lists: about √n, a power of two; one for a few."""
    if count < LEAST_LISTS:
        return 1
    return min(1 << round(float(np.log2(np.sqrt(count)))), MOST_LISTS)


def trained(count: int, sample: Floats) -> faiss.IndexIVFPQFastScan:
    """Return an empty index for so many vectors, trained on some: float32 (n, d), unit rows."""
    width = sample.shape[1]
    kind = f"IVF{lists_of(count)},PQ{width // gcd(width, PART)}x4fs"
    index = faiss.index_factory(width, kind, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = ROUNDS
    if len(sample) < LEAST_SAMPLE:
        sample = np.resize(sample, (LEAST_SAMPLE, width))
    index.train(sample)
    return index


def probes_of(index: faiss.IndexIVFPQFastScan, asked: Floats) -> int:
    """Return the fewest lists (a power of two) that give the recall wanted for these queries.

    Where only more than `_MOST_READ` vectors would give it, as many lists as hold those.
    """
    asked = asked[:_ASKED]
    nearest = _others(index, asked, index.nlist)
    most = min(index.nlist, _MOST_READ * index.nlist // max(index.ntotal, 1))
    probes = 1
    while 2 * probes <= most:
        found = _others(index, asked, probes)
        shared = [len(np.intersect1d(a, b)) for a, b in zip(found, nearest, strict=True)]
        if np.mean(shared) >= RECALL * _NEAREST:
            break
        probes *= 2
    return probes


def _others(index: faiss.IndexIVFPQFastScan, asked: Floats, probes: int) -> Rows:
    """Return the nearest but the first, which is the vector itself: int64 (n, 10)."""
    index.nprobe = probes
    found = index.search(asked, _NEAREST + 1)[1]
    return np.asarray(found[:, 1:], np.int64)
