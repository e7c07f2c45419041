"""What the citizens' judgement and the clocks say of a unit in a year (domain.md section 6). It decides on nobody."""

from domain.assessment.rates import Rate, rate
from domain.assessment.score import Findings, Parts, Score, duty, ranks, score

__all__ = ["Findings", "Parts", "Rate", "Score", "duty", "ranks", "rate", "score"]
