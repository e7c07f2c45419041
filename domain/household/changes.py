"""What each event changes in a household. Nothing is refused or computed here: the event holds all consequences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from domain.decider import Recorded, altered
from domain.household import events as e
from domain.household.parts import Assessment, Grant, Member, Notice, Override, Proposal, Visit
from domain.household.terms import BenefitState, ClassBasis, HouseholdClass

if TYPE_CHECKING:
    from domain.household.state import Household

STANDING = frozenset({ClassBasis.OVERRIDE, ClassBasis.CONTEST, ClassBasis.AFTERCARE_ENDED})
"""Changes of class that leave a decision of people as it is."""

BECOMES = {
    e.BenefitGranted: BenefitState.GRANTED,
    e.BenefitRefused: BenefitState.REFUSED,
    e.BenefitEnded: BenefitState.ENDED,
}


def changes_of(household: Household, recorded: Recorded[e.HouseholdEvent]) -> dict[str, Any]:
    at = recorded.at
    match event := recorded.event:
        case e.Registered():
            return {
                "registered_at": at,
                "since": at,
                "weighed_since": at,
                "village": event.village,
                "town": event.town,
                "identity": event.identity,
            }
        case e.MemberJoined():
            member = Member(
                id=event.member, relation=event.relation, since=at, identity=event.identity, sealed_at=event.sealed_at
            )
            return {"members": {**household.members, event.member: member}}
        case e.MemberLeft():
            return {"members": {id: one for id, one in household.members.items() if id != event.member}}
        case e.SplitOff():
            gone = set(event.members)
            return {"members": {id: one for id, one in household.members.items() if id not in gone}}
        case e.MergedInto():
            kept = {one: grant for one, grant in household.benefits.items() if one not in event.benefits}
            return {"merged_into": event.household, "members": {}, "notice": None, "benefits": kept}
        case e.Moved():
            return {"village": event.village, "town": event.town}
        case e.RelationDeclared():
            return {"relatives": {**household.relatives, event.official: None}}
        case e.RelationChecked():
            return {"relatives": {**household.relatives, event.official: event.fair}}
        case e.FactsRecorded():
            return {
                "facts": event.facts,
                "facts_version": recorded.version,
                "facts_as_of": event.captured_at or at,
                "lost_since": event.lost_since,
                "lost_until": household.lost_until if event.lost_since else None,
            }
        case e.EarlierFactsRecorded():
            return {}
        case e.LostHomeCounts():
            return {"lost_until": event.counts_until}
        case e.Assessed():
            one = Assessment(at=at, result=event.result, rules=event.rules, ruleset=event.ruleset)
            rules = event.rules if event.result is household.klass else household.rules
            return {"assessments": (*household.assessments, one), "rules": rules}
        case e.Classified():
            leaves = event.basis is ClassBasis.ASSESSMENTS and event.was is HouseholdClass.PRIORITY
            same = event.now is event.was
            needy = event.now is HouseholdClass.PRIORITY and not same
            return {
                "klass": event.now,
                "rules": event.rules,
                "basis": event.basis,
                "since": household.since if same else at,
                "weighed_since": household.weighed_since if same and event.basis is not ClassBasis.MERGE else at,
                "aftercare_until": event.aftercare_until,
                "left_priority_at": at if leaves else event.left_priority_at or household.left_priority_at,
                "decided_on": household.decided_on if same or event.basis in STANDING else None,
                "relatives": dict.fromkeys(household.relatives) if needy else household.relatives,
            }
        case e.OverrideProposed():
            return {"proposed": Proposal(to=event.now, minutes=event.minutes, by=recorded.by)}
        case e.ClassOverridden():
            override = Override(to=event.now, until=event.until, minutes=event.minutes, signed_by=event.signed_by)
            return {"override": override, "proposed": None, "decided_on": household.found}
        case e.OverrideEnded():
            return {"override": None, "decided_on": None}
        case e.ClassContested():
            return {"contested": True}
        case e.ContestDecided():
            knew = household.decided_on if event.now is None else household.found
            return {"contested": False, "decided_on": knew}
        case e.NoticePosted():
            return {"notice": Notice(to=event.now, ends=event.ends)}
        case e.NoticeEnded():
            return {"notice": None}
        case e.PairingStarted():
            return {"helper": event.helper, "helped_since": at, "unhelped_since": None}
        case e.PairingEnded():
            return {"helper": None, "helped_since": None, "unhelped_since": at}
        case e.PairingHandedOver():
            return {"helper": event.next_helper, "helped_since": at}
        case e.VisitRecorded():
            visit = Visit(
                version=recorded.version,
                to_audit=event.to_audit,
                at=at,
                visitor=event.visitor,
                countersigned=event.countersigned,
                captured_at=event.captured_at,
                needs=len(event.cases),
                cases=tuple(filter(None, event.cases)),
            )
            return {"visits": (*household.visits, visit)}
        case e.VisitAudited():
            asked = (
                replace(one, confirmed=event.happened) if one.version == event.visit else one
                for one in household.visits
            )
            return {"visits": tuple(asked)}
        case e.BenefitApplied():
            applied = Grant(state=BenefitState.APPLIED, since=at, due_at=event.due_at, by=recorded.by)
            return {"benefits": {**household.benefits, event.benefit: applied}}
        case e.BenefitOverdue():
            late = altered(household.benefits[event.benefit], overdue=True)
            return {"benefits": {**household.benefits, event.benefit: late}}
        case e.BenefitBrought():
            brought = Grant(
                state=event.state, since=event.since, due_at=event.due_at, by=event.applied_by, overdue=event.overdue
            )
            return {"benefits": {**household.benefits, event.benefit: brought}}
        case e.BenefitPosted():
            return {"posted": {**household.posted, event.benefit: event.ends}}
        case e.BenefitNoticeEnded():
            return {"posted": {one: ends for one, ends in household.posted.items() if one != event.benefit}}
        case e.BenefitGranted() | e.BenefitRefused() | e.BenefitEnded():
            stands = Grant(state=BECOMES[type(event)], since=at)
            return {"benefits": {**household.benefits, event.benefit: stands}}
        case _:
            assert_never(event)
