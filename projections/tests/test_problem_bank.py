"""The three banks: what each holds, what came in, and what went through it for ever."""

from sqlalchemy import Engine

from domain.case import Case
from domain.case.correction import Correct, Field
from domain.case.handling import Dispute, Rule, Transfer
from domain.case.intake import Decline
from domain.case.joining import Merge, Unmerge
from domain.case.suspension import Suspend
from domain.case.terms import BOARDS, OPEN, Basis, Board, DeclineReason, Ground, Kind, Status, SuspensionReason
from domain.case.tiers import Escalate, Remand
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.org import Tier
from domain.tests.road import NOT_SOLVED, RESOLVE, assigned_to, report
from domain.tests.story import Step, at, given
from projections.banks.problem_bank import Bank, ProblemBank, tiers
from projections.cases.case_file import CaseFile
from projections.cases.waits import next_due
from projections.tests.logs import Written, act, called, following, told

followed = following(CaseFile(), ProblemBank())

UP = Escalate(ground=Ground.BEYOND_MEANS, tried=("all",))
REPORTED = given(Step("03-03 09:00", "citizen:1", report("V0101")))


def banks(
    engine: Engine, unit: str | None = None, who: str = "auditor", moment: str = "03-10 09:00"
) -> dict[Tier, Bank]:
    with engine.connect() as db:
        return {bank.tier: bank for bank in tiers(db, act(who, moment), unit)}


def shape(engine: Engine, unit: str | None = None) -> dict[str, tuple[int, int]]:
    """For each tier, how many are open and how many ever were there."""
    return {tier[0].upper(): (bank.open, bank.passed_through) for tier, bank in banks(engine, unit).items()}


def test_a_report_is_in_the_record_of_its_village_before_anybody_has_it(engine: Engine) -> None:
    followed(engine, told(REPORTED))
    village = banks(engine, moment="03-03 10:00")[Tier.VILLAGE]
    assert (village.bank, village.open, village.new_today, village.overdue) == ("village_record", 1, 1, 0)
    assert village.boards == {Board.COLLECTED: 1, Board.TRIAGED: 0, Board.HANDLED: 0, Board.CLOSED_LOOP: 0}
    assert (village.statuses, village.oldest_age_s) == ({Status.REPORTED: 1}, 3600)
    for unit in ("V0101", "T01", "D", None):
        assert shape(engine, unit) == {"V": (1, 1), "T": (0, 0), "D": (0, 0)}
    assert shape(engine, "V0102") == shape(engine, "T02") == {"V": (0, 0), "T": (0, 0), "D": (0, 0)}


def test_what_moved_up_stays_in_the_record_of_the_village_for_ever(engine: Engine) -> None:
    up = assigned_to("V0101", village="V0101").step_by("03-03 10:00", "head:V0101", UP)
    followed(engine, told(up.step_by("03-03 11:00", "head:T01", UP)))
    assert shape(engine) == shape(engine, "T01") == shape(engine, "V0101") == {"V": (0, 1), "T": (0, 1), "D": (1, 1)}
    assert shape(engine, "D-MASSWORK") == {"V": (0, 0), "T": (0, 0), "D": (1, 1)}
    assert shape(engine, "T02") == {"V": (0, 0), "T": (0, 0), "D": (0, 0)}


def test_a_case_in_an_office_is_in_the_bank_of_the_office_and_of_its_town(engine: Engine) -> None:
    followed(engine, told(assigned_to("T01-LAND")))
    assert shape(engine, "T01-LAND") == shape(engine, "T01") == {"V": (0, 0), "T": (1, 1), "D": (0, 0)}


def test_a_transfer_moves_the_case_to_another_unit_s_bank(engine: Engine) -> None:
    followed(engine, told(assigned_to("T01").step_by("03-03 10:00", "head:T01", Transfer(unit="T02"))))
    assert shape(engine, "T02")["T"] == (1, 1)
    assert shape(engine, "T01")["T"] == (0, 0)
    assert banks(engine, moment="03-03 11:00")[Tier.TOWN].new_today == 1


def test_an_upheld_dispute_takes_the_case_out_of_the_bank_it_did_not_belong_in(engine: Engine) -> None:
    disputed = assigned_to("T01").step_by("03-03 10:00", "head:T01", Dispute(ground="not ours", evidence=()))
    followed(engine, told(disputed.step_by("03-04 10:00", "adjudicator", Rule(upheld=True, unit="T02"))))
    assert (shape(engine, "T01")["T"], shape(engine, "T02")["T"]) == ((0, 1), (1, 1))
    assert banks(engine)[Tier.TOWN].boards[Board.TRIAGED] == 1


def test_a_remand_brings_the_case_back_and_counts_as_coming_in(engine: Engine) -> None:
    down = Remand(unit="T01", instructions="do it")
    followed(engine, told(assigned_to("D-TRANSPORT").step_by("03-04 10:00", "leader:D-TRANSPORT", down)))
    assert shape(engine)["T"] == (1, 1)
    assert shape(engine)["D"] == (0, 1)
    assert banks(engine, moment="03-04 23:59")[Tier.TOWN].new_today == 1
    assert banks(engine, moment="03-05 00:00")[Tier.TOWN].new_today == 0


def test_a_reopened_case_is_open_again_and_came_in_again(engine: Engine) -> None:
    done = assigned_to("T01").step_by("03-04 10:00", "head:T01", RESOLVE)
    followed(engine, log := told(done))
    assert (banks(engine)[Tier.TOWN].open, banks(engine)[Tier.TOWN].boards[Board.CLOSED_LOOP]) == (0, 1)
    log.goes_on(Written(done.step_by("03-05 10:00", "follow-up", NOT_SOLVED).history[len(done.history) :]))
    followed(engine, log)
    bank = banks(engine, moment="03-05 12:00")[Tier.TOWN]
    assert (bank.open, bank.new_today, bank.passed_through, bank.boards[Board.CLOSED_LOOP]) == (1, 1, 1, 0)


def test_the_pending_list_is_in_the_bank_but_not_late(engine: Engine) -> None:
    put_off = Suspend(reason=SuspensionReason.SEASON, plan="spring", review_by=at("05-01 00:00").date())
    story = assigned_to("D-TRANSPORT").step_by("03-04 10:00", "leader:D-TRANSPORT", put_off)
    followed(engine, told(story))
    bank = banks(engine, moment="04-20 09:00")[Tier.DISTRICT]
    assert (bank.open, bank.overdue, bank.boards[Board.HANDLED]) == (1, 0, 1)


def test_what_ended_without_being_solved_is_on_no_board(engine: Engine) -> None:
    withdrawn = assigned_to("T01").step_by("03-03 10:00", "citizen:1", Withdraw())
    followed(
        engine,
        told(
            called("w", withdrawn.step_by("03-03 11:00", "follow-up", ConfirmWithdrawal(confirmed=True))),
            called("d", REPORTED.step_by("03-03 10:00", "dispatcher", Decline(reason=DeclineReason.UNLAWFUL))),
        ),
    )
    for bank, status in zip(banks(engine).values(), (Status.DECLINED, Status.WITHDRAWN), strict=False):
        assert (bank.open, set(bank.boards.values()), bank.statuses) == (0, {0}, {status: 1})


def test_unmerged_reports_count_as_if_they_had_never_been_joined(engine: Engine) -> None:
    first = assigned_to("V0101", village="V0101")
    second = first.turn_to("case-2").step_by("03-04 10:00", "citizen:2", report("V0101"))
    joined = second.step_by("03-04 11:00", "clerk:T01", Merge(into="case-1", basis=Basis.SAME_MATTER_OTHER_PERSON))
    followed(engine, log := told(joined))
    assert banks(engine)[Tier.VILLAGE].statuses == {Status.ASSIGNED: 1, Status.MERGED: 1}
    log.goes_on(Written(joined.step_by("03-04 12:00", "clerk:T01", Unmerge(reason="another")).history[2:]))
    followed(engine, log)
    bank = banks(engine)[Tier.VILLAGE]
    assert (bank.statuses, bank.open) == ({Status.REPORTED: 1, Status.ASSIGNED: 1}, 2)


def test_a_corrected_village_moves_the_report_to_the_other_record(engine: Engine) -> None:
    put_right = Correct(field=Field.VILLAGE, value="V0201", reason="misheard")
    followed(engine, told(REPORTED.step_by("03-03 10:00", "dispatcher", put_right)))
    assert (shape(engine, "V0101")["V"], shape(engine, "T02")["V"]) == ((0, 0), (1, 1))


def test_it_is_late_from_the_due_instant_on_and_once_however_many_clocks_are(engine: Engine) -> None:
    followed(engine, told(REPORTED, called("case-2", assigned_to("T01"))))
    assert [bank.overdue for bank in banks(engine, moment="03-04 23:59").values()] == [0, 0, 0]
    assert [bank.overdue for bank in banks(engine, moment="03-05 00:00").values()] == [1, 1, 0]


def test_a_complaint_is_counted_for_nobody_whom_it_must_not_reach(engine: Engine) -> None:
    told_of: list[tuple[str, tuple[str, ...], Kind]] = [
        ("case-1", ("head:V0101",), Kind.COMPLAINT),
        ("case-2", ("head:T01",), Kind.COMPLAINT),
        ("case-3", (), Kind.ACCUSATION),
    ]
    followed(
        engine,
        told(
            *(
                called(name, given(Step("03-03 09:00", "citizen:1", report("V0101", kind=kind, subjects=about))))
                for name, about, kind in told_of
            )
        ),
    )
    seen = {who: banks(engine, who=who)[Tier.VILLAGE] for who in ("head:V0101", "head:T01", "follow-up", "auditor")}
    assert [bank.open for bank in seen.values()] == [0, 1, 2, 3]
    assert [bank.passed_through for bank in seen.values()] == [0, 1, 2, 3]
    assert [bank.overdue for bank in seen.values()] == [0, 1, 2, 3]
    assert (seen["head:V0101"].oldest_age_s, seen["head:V0101"].statuses) == (None, {})


def test_the_banks_equal_a_count_of_all_cases_one_by_one(engine: Engine, many_lives: Written) -> None:
    followed(engine, many_lives)
    cases = many_lives.states({stream for *_, stream in many_lives.lines}, len(many_lives.lines)).values()
    now = act("auditor", "04-01 09:00").at
    for tier, bank in banks(engine, moment="04-01 09:00").items():
        here = [case for case in cases if at_home(case) is tier]
        still = [case for case in here if case.status in OPEN]
        assert bank.open == len(still)
        assert bank.statuses == {status: n for status in Status if (n := sum(one.status is status for one in here))}
        assert bank.boards == {board: sum(BOARDS.get(one.status) is board for one in here) for board in Board}
        assert bank.overdue == sum((due := next_due(one)) is not None and due <= now for one in still)
        oldest = min((one.reported_at for one in still if one.reported_at), default=None)
        assert bank.oldest_age_s == (None if oldest is None else int((now - oldest).total_seconds()))
        assert bank.passed_through == sum(ever_at(one, tier) for one in cases)


def at_home(case: Case) -> Tier:
    return case.tier or (Tier.VILLAGE if case.village else Tier.DISTRICT)


def ever_at(case: Case, tier: Tier) -> bool:
    return any(stay.tier is tier for stay in case.stays) or (tier is Tier.VILLAGE and case.village is not None)
