"""Every stored event says what happened, in both languages, from what is really stored of it."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import product
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from domain.assessment.events import Exclusion, VetoKind
from domain.case import events as e
from domain.case import terms
from domain.case.clocks import ClockKind, ClockState, Moved, Started, Stopped
from domain.case.correction import Field
from domain.case.lapse import CLOSING
from domain.duties import TargetKind, VisitDuty
from domain.household import terms as homes
from domain.org import Duty, Role, Tier, UnitKind
from domain.programme import ProgrammeStatus, Remedy
from domain.rules.policies import SHIPPED, PolicyPublished
from domain.rules.policy import Policy, working_days
from domain.tests.hanbin import at
from projections.cards.marks import Figure
from service.record.codec import NAMES
from service.telling.sentences import REMARKS, SENTENCES, sentence
from service.telling.words import word

LANGUAGES = pytest.mark.parametrize("chinese", [True, False], ids=["Chinese", "English"])
LABEL, CALENDAR = "hanbin-default-1.1", "cn-2025.1"

CODES: Mapping[str, tuple[type[StrEnum], ...]] = {
    "clock": (ClockKind,),
    "kind": (terms.Kind, UnitKind, TargetKind, VetoKind),
    "grade": (terms.Grade,),
    "tier": (Tier,),
    "status": (terms.Status,),
    "exit": (terms.Exit,),
    "confidentiality": (terms.Confidentiality,),
    "channel": (terms.Channel,),
    "source": (terms.Source,),
    "ground": (terms.Ground, Exclusion),
    "figure": (Figure,),
    "basis": (terms.Basis, homes.ClassBasis),
    "class": (homes.HouseholdClass,),
    "was": (homes.HouseholdClass,),
    "now": (homes.HouseholdClass,),
    "result": (homes.HouseholdClass,),
    "benefit": (homes.Benefit,),
    "hardship": (homes.HardshipKind,),
    "housing": (homes.Home,),
    "protected": (homes.Protected,),
    "duty": (VisitDuty,),
    "remedy": (Remedy,),
    "programme_status": (ProgrammeStatus,),
    "outcome": (terms.Outcome, terms.ContactOutcome),
    "decision": (terms.Verdict,),
    "satisfaction": (terms.Satisfaction,),
    "reason": (terms.DeclineReason, terms.SuspensionReason),
    "field": (Field,),
    "role": (Role,),
    "duties": (Duty,),
}

GIVEN = (
    *("solved", "not_supported", "diverted_outcome_notified", "diverted_outcome_recorded"),
    *("resolution_rejected", "not_solved", "reported_again"),
    *("by_hand", "suspension_review", "suspension_over", "no_unit_without_conflict"),
    *("public_danger", "others_brought_it_too", "not_confirmed"),
)
"""Why the system closes, reopens, supervises and keeps open."""


def made(kind: Any, full: bool, name: str = "") -> Any:
    """A value of that type: with everything that may be said, or with as little as the type allows.

    A text is the name of its field, written with hyphens.
    """
    options = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return None if not full and NoneType in options else made(options[0], full, name)
    if get_origin(kind) is tuple:
        return (made(options[0], full, name),) if full else ()
    if get_origin(kind) is Literal:
        return options[0]
    if kind is Policy:
        return SHIPPED.policy
    if is_dataclass(kind):
        assert isinstance(kind, type)
        hints = get_type_hints(kind)
        return kind(**{each.name: made(hints[each.name], full, each.name) for each in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    plain = {
        str: name.replace("_", "-"),
        int: 3,
        float: 1.5,
        bool: full,
        date: date(2025, 9, 30),
        datetime: datetime(2025, 9, 30, tzinfo=UTC),
    }
    return plain[kind]


def said(event: Any, chinese: bool) -> str:
    """The sentence for an event, from the plain values that lie in the log."""
    return sentence(getattr(event, "__event__"), msgspec.json.decode(msgspec.json.encode(event)), chinese)


def clock(kind: ClockKind, unit: str, due: str) -> Started:
    return Started(kind=kind, unit=unit, span=working_days(3), due_at=at(due), policy=LABEL, calendar=CALENDAR)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_says_what_happened_in_both_languages(name: str) -> None:
    """Whether it holds all it can, or the least; and every text in it that a clerk would mention."""
    for full, chinese in product((True, False), (True, False)):
        event = made(NAMES[name], full)
        told = said(event, chinese)
        assert told.endswith("。" if chinese else ".")
        assert told != name
        assert not re.search(r"None|True|False|[a-z]_[a-z]|[{}]", told), told
        assert bool(re.search(r"[\u4e00-\u9fff]", told)) is chinese, told
        texts = {field for field in REMARKS if type(getattr(event, field, None)) is str}
        assert [field for field in texts if getattr(event, field) not in told] == []


def test_no_sentence_is_kept_for_an_event_that_does_not_exist() -> None:
    assert set(SENTENCES) == set(NAMES)


def test_a_sentence_uses_only_fields_its_event_has() -> None:
    for name, forms in SENTENCES.items():
        known = {each.name for each in fields(NAMES[name])}
        assert {field for form in forms for field in re.findall(r"{(\w+)", form)} <= known, name


def test_both_languages_tell_the_same_fields() -> None:
    for chinese, english in (*SENTENCES.values(), *REMARKS.values()):
        assert sorted(re.findall(r"{.*?}", chinese)) == sorted(re.findall(r"{.*?}", english))


@LANGUAGES
@pytest.mark.parametrize("field", CODES)
def test_every_code_has_its_word(field: str, chinese: bool) -> None:
    assert [code for kind in CODES[field] for code in kind if not word(field, code.value, chinese)] == []


@LANGUAGES
def test_every_reason_the_system_gives_has_its_word(chinese: bool) -> None:
    lapsed = {f"{kind}_lapsed" for kind in ClockKind}
    assert [reason for reason in {*CLOSING.values(), *GIVEN, *lapsed} if not word("reason", reason, chinese)] == []


def test_an_event_nobody_knows_here_says_its_name() -> None:
    assert sentence("case.sung_about", {"song": "long"}, chinese=True) == "case.sung_about"


ESCALATED = e.Escalated(
    tier=Tier.TOWN,
    unit="T1",
    town="T1",
    accountable="head-T1",
    entry_no=1,
    trigger="deadline",
    ground=None,
    tried=(),
    stops=(Stopped(kind=ClockKind.HOLD, unit="V1", state=ClockState.BREACHED),),
    starts=(clock(ClockKind.HOLD, "T1", "2025-10-01 00:00"),),
)
ASSIGNED = e.Assigned(
    tier=Tier.VILLAGE,
    unit="V1",
    town="T1",
    accountable="head-T1",
    entry_no=1,
    by_unit="T1",
    stops=(Stopped(kind=ClockKind.INTAKE, unit="T1", state=ClockState.MET),),
    starts=(clock(ClockKind.FIRST_RESPONSE, "V1", "2025-09-27 00:00"), clock(ClockKind.HOLD, "V1", "2025-10-01 00:00")),
)
UPHELD = e.DisputeUpheld(
    reason="the road is the county's",
    charged_to="T1",
    stops=(Stopped(kind=ClockKind.HOLD, unit="V1", state=ClockState.VOID),),
)
GRANTED = e.ExtensionGranted(
    days=5, reason=None, moves=(Moved(kind=ClockKind.HOLD, unit="T1", due_at=at("2025-10-18 00:00"), provisional=True),)
)
RESOLVED = e.Resolved(
    outcome=terms.Outcome.SOLVED,
    proof=(terms.Proof(kind="photo", ref="P-1", sha256="0" * 64), terms.Proof(kind="喇叭")),
    reply="路已修好",
    signed_by="head-T1",
    starts=(
        clock(ClockKind.CALL_BACK, "F", "2025-10-01 00:00"),
        clock(ClockKind.FEEDBACK_WINDOW, "citizen", "2025-10-11 00:00"),
    ),
)


@pytest.mark.parametrize(
    ("event", "chinese", "english"),
    [
        (
            ESCALATED,
            "上报至T1（镇级）：办理期限届满；责任人：head-T1；办理（V1）已逾期，办理限2025年9月30日24时前。",
            "Escalated to T1 (town) because its time was over; head-T1 answers for it; "
            + "hold (V1) was overdue, hold due by the end of 30 Sep 2025.",
        ),
        (
            ASSIGNED,
            "派单给V1（村级）；派单单位：T1；责任人：head-T1；首次响应限2025年9月26日24时前，办理限2025年9月30日24时前。",
            "Assigned to V1 (village); dispatched by T1; head-T1 answers for it; "
            + "first response due by the end of 26 Sep 2025, hold due by the end of 30 Sep 2025.",
        ),
        (
            UPHELD,
            "裁定退单成立，所用时间计入T1；理由：“the road is the county's”。",
            "The dispute was upheld and the time charged to T1; reason: “the road is the county's”.",
        ),
        (
            GRANTED,
            "同意延期5天；办理（T1）改限2025年10月17日24时前（暂定）。",
            "5-day extension granted; hold (T1) now due by the end of 17 Oct 2025 (provisional).",
        ),
        (
            RESOLVED,
            "办结：已解决；证明材料：照片 “P-1”、“喇叭”；答复：“路已修好”；签批人：head-T1；"
            + "回访（F）限2025年9月30日24时前，评价（群众）限2025年10月10日24时前。",
            "Resolved: solved; proof: a photo “P-1”, “喇叭”; reply: “路已修好”; signed by head-T1; "
            + "call-back (F) due by the end of 30 Sep 2025, feedback window (the citizen) due by the end of 10 Oct 2025.",
        ),
        (
            e.FeedbackRecorded(reporter="p-0123456789ab", solved=True, satisfaction=None, comment="修好了"),
            "反映人反馈：已解决；意见：“修好了”。",
            "The citizen gave feedback: it is solved; comment: “修好了”.",
        ),
        (e.Closed(reason="solved"), "结案：反映人确认已解决。", "Closed: the reporter says it is solved."),
        (
            e.Reopened(reason="the roof still leaks", count=2, leader_takes_it=False, stay=None),
            "第2次重新办理：“the roof still leaks”。",
            "Reopened (no. 2): “the roof still leaks”.",
        ),
        (
            e.EntryCorrected(field="occurred_at", old=None, new="2025-09-28T01:30:05+00:00", reason="clock was wrong"),
            "更正发生时间：由空白改为2025年9月28日09:30:05；理由：“clock was wrong”。",
            "The time of occurrence was corrected from nothing to 09:30:05 on 28 Sep 2025; reason: “clock was wrong”.",
        ),
        (
            PolicyPublished(policy=SHIPPED.policy, policy_version=2),
            "发布规则hanbin-default-1第2版，生效时间：尚未确定（草案）。",
            "Version 2 of policy hanbin-default-1 was published, in force from a date still open (a draft).",
        ),
    ],
    ids=lambda value: getattr(value, "__event__", ""),
)
def test_a_sentence_reads_as_a_clerk_would_say_it(event: Any, chinese: str, english: str) -> None:
    assert said(event, chinese=True) == chinese
    assert said(event, chinese=False) == english


def test_a_due_instant_within_a_day_says_the_time() -> None:
    urgent = replace(ESCALATED, starts=(clock(ClockKind.HOLD, "T1", "2025-09-30 15:30"),))
    assert "hold due before 15:30 on 30 Sep 2025." in said(urgent, chinese=False)
    assert "办理限2025年9月30日15:30前。" in said(urgent, chinese=True)


def test_joint_handling_names_each_unit_with_its_task() -> None:
    tasks = (e.TaskGiven(unit="D1", task="survey", house="D"), e.TaskGiven(unit="D2", task="pay"))
    convened = e.JointHandlingConvened(lead="T1", tasks=tasks)
    assert said(convened, chinese=False) == "Joint handling was convened: T1 leads, with D1 “survey”, D2 “pay”."
    assert said(convened, chinese=True) == "联办：T1主办，协办D1 “survey”、D2 “pay”。"


def test_yuan_are_told_as_one_writes_them() -> None:
    facts = {"members": 4, "income_per_head": 2100.5, "debt_total": 286000.0}
    told = sentence("household.facts_recorded", {"facts": facts}, chinese=True)
    assert told == "登记家庭情况：4人，人均年纯收入2,100.5元，负债286,000元。"


@pytest.mark.parametrize("text", ["solved", "2025-02-28", "2025-02-30", "{unit}", "None", "other"])
def test_what_people_write_is_quoted_as_it_is(text: str) -> None:
    assert said(e.Noted(text=text), chinese=False) == f"Noted: “{text}”."
    assert said(e.Urged(note=text), chinese=True) == f"催办；备注：“{text}”。"


def test_a_clock_that_passes_to_another_unit_or_stands_still_says_so() -> None:
    moves = (
        Moved(kind=ClockKind.STATUTORY, unit="T1", to_unit="T2"),
        Moved(kind=ClockKind.HOLD, unit="T1", paused=True),
        Moved(kind=ClockKind.RULING, unit="M", restored=True),
        Moved(kind=ClockKind.INTAKE, unit="T1", lapsed=True),
    )
    told = said(e.SubjectAdded(official="u9", moves=moves), chinese=False)
    assert told == (
        "u9 was named as a subject of the matter;"
        " statutory answer (T1) passes to T2, hold (T1) stands still, ruling (M) runs on."
    )
