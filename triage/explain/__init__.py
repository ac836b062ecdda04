"""Why a request was decided as it was: evidence, counterfactuals and questions, each tried out."""

from triage.explain.explainer import ExplainingPipeline
from triage.explain.explanation import Explanation

__all__ = ["ExplainingPipeline", "Explanation"]
