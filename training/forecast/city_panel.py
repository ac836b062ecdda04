"""A simulated city's requests by the hour as a panel: topic × district of the first few districts.

Drawn without words, from the plan's seed (`triage.simulate`): two runs give the same panel.
"""

from __future__ import annotations

from datetime import datetime, time

import numpy as np

from triage.simulate.city import City
from triage.simulate.plan import CityPlan
from triage.trends.panel import HOURLY, Panel

HOURS = 24


def hourly_panel(plan: CityPlan, areas: int) -> Panel:
    """Return the counts by the hour of the first `areas` districts, in the order of their codes."""
    city = City(plan)
    districts = city.geography.names_on(plan.start).district_codes
    some = sorted(set(districts))[:areas]
    place = np.array([some.index(code) if code in some else -1 for code in districts])
    topics = city.volume.topics
    counts = np.zeros((len(topics) * len(some), plan.days * HOURS), np.float32)
    for index, day in enumerate(city.days()):
        at = place[day.rows["township"]]
        rows, at = day.rows[at >= 0], at[at >= 0]
        hour = index * HOURS + rows["second"] // 3600
        np.add.at(counts, (rows["topic"] * len(some) + at, hour), 1)
    ids = tuple((topic, area) for topic in topics for area in some)
    first = datetime.combine(plan.start, time())
    start = np.zeros(len(ids), np.int64)
    return Panel(HOURLY, ("topic", "district"), ids, first, counts, start)
