"""A simulated city: requests of Chongqing, reproducible from a seed, with the truth kept aside.

Everything in it is invented; shapes and rates are assumptions written as data, not measurements.
It knows nothing of the store, of models or of the desk that will read its requests.
"""

from triage.simulate.city import simulate_city
from triage.simulate.plan import CityPlan, Outbreak, Silence
from triage.simulate.records import LifeEvent, Requester, SimulatedRequest, Truth

__all__ = [
    "CityPlan",
    "LifeEvent",
    "Outbreak",
    "Requester",
    "Silence",
    "SimulatedRequest",
    "Truth",
    "simulate_city",
]
