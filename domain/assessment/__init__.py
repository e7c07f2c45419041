"""What the citizens' judgement and the clocks say of a unit in a year (domain.md section 6). It decides on nobody."""

from domain.assessment.rates import Interval, Rate, rate
from domain.assessment.score import Findings, Parts, Score, duty, ranks, score

__all__ = ["Findings", "Interval", "Parts", "Rate", "Score", "duty", "ranks", "rate", "score"]
