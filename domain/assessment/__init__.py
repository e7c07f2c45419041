"""Judging units by a year of cases: figures for people to weigh; no decision follows by itself (docs/rules.md)."""

from domain.assessment.rates import Rate, rate
from domain.assessment.score import Findings, Parts, Score, duty, ranks, score

__all__ = ["Findings", "Parts", "Rate", "Score", "duty", "ranks", "rate", "score"]
