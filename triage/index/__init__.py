"""Past orders by nearness: ids with a vector and rare character pairs, on disk and in memory.

A big read-only segment is mapped from a snapshot and shared by all processes; what came since lies
in a small one in each. No text, no store, no encoder: who feeds it knows those.
"""

from triage.index.found import Hit, Printed
from triage.index.manifest import Mark
from triage.index.order_index import OrderIndex
from triage.index.refusal import IndexRefused
from triage.index.snapshot import Snapshots

__all__ = ["Hit", "IndexRefused", "Mark", "OrderIndex", "Printed", "Snapshots"]
