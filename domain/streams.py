"""What the streams are called: the kind of thing, and which one. Names are storage: add, never change."""

ASSESSMENT = "assessment:"
CASE = "case:"
HOUSEHOLD = "household:"
HELPER = "helper:"
PERSON = "person:"
PROGRAMME = "programme:"
SAMPLE = "sample:"
TARGET = "target:"

ORG = "org"
CALENDARS = "calendars"
POLICIES = "policies"
REGISTER = "register"
"""Of these there is one for the whole district."""


def assessment_stream(unit: str, year: int) -> str:
    return f"{ASSESSMENT}{unit}:{year}"


def case_stream(case: str) -> str:
    return CASE + case


def household_stream(household: str) -> str:
    return HOUSEHOLD + household


def helper_stream(official: str) -> str:
    return HELPER + official


def person_stream(person: str) -> str:
    return PERSON + person


def programme_stream(programme: str) -> str:
    return PROGRAMME + programme


def sample_stream(unit: str, quarter: str) -> str:
    return f"{SAMPLE}{unit}:{quarter}"


def target_stream(target: str) -> str:
    return TARGET + target
