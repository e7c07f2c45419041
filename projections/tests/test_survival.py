"""The typical time when some are not over yet."""

from collections import Counter
from collections.abc import Collection, Iterable
from random import Random

from projections.tests import one_by_one
from projections.times.durations import BUCKETS, PARTS, SECONDS, bucket_of, first_of
from projections.times.survival import Curve, Lasted

DAY = 86_400


def typical(spells: Iterable[one_by_one.Spell], *shares: float) -> list[int | None]:
    """Where all are known to the second."""
    over, others = Counter[int](), Counter[int]()
    for lasted, ended in spells:
        (over if ended else others)[lasted] += 1
    return followed(Lasted(over=over, others=others), (), *shares)


def followed(lasted: Lasted, over: Collection[int], *shares: float) -> list[int | None]:
    """Where the buckets hold what is over: first their parts are told, and then the seconds of those."""
    curves = [Curve(lasted, share) for share in shares]
    for first, last, *_, inside in (one for curve in curves for openings in curve.openings for one in openings):
        inside.fine = SECONDS if inside.fine == PARTS else PARTS
        inside.over_in.update(bucket_of(one, inside.fine) for one in over if first <= one < last)
    return [curve.typical_s for curve in curves]


def test_what_is_still_open_is_not_left_out() -> None:
    closed = [(days * DAY, True) for days in (1, 1, 2, 2, 3, 3, 4, 4)]
    assert typical([*closed, (40 * DAY, False), (40 * DAY, False)], 0.5, 0.9) == [3 * DAY, None]
    assert typical(closed, 0.5, 0.9) == [2 * DAY, 4 * DAY]


def test_one_that_left_early_says_nothing_about_later() -> None:
    assert typical([(1, False), (2, True), (3, True)], 0.5) == [2]
    assert typical([(1, False), (2, False), (3, True)], 0.5, 0.9) == [3, 3]


def test_what_ends_and_what_is_cut_off_at_the_same_time_was_there_until_then() -> None:
    assert typical([(5, True), (5, False)], 0.5, 0.9) == [5, None]


def test_of_nothing_there_is_no_typical_time() -> None:
    assert typical([], 0.5, 0.9) == [None, None]
    assert typical([(7, False)], 0.5) == [None]


def test_many_ends_do_not_let_rounding_miss_the_half() -> None:
    assert typical([(seconds, True) for seconds in range(1, 1001)], 0.5, 0.9) == [500, 900]


def test_from_buckets_and_their_parts_it_is_the_same_as_from_every_spell() -> None:
    for seed in range(60):
        random = Random(seed)
        typically = random.choice((4_000, 400_000))
        spells = [
            (int(random.expovariate(1 / typically)), random.random() < 0.6) for _ in range(random.choice((1, 9, 300)))
        ]
        over = Counter(lasted for lasted, ended in spells if ended)
        others = Counter(lasted for lasted, ended in spells if not ended)
        known = Lasted(others=others, over_in=Counter(map(bucket_of, over.elements())), fine=BUCKETS)
        found = followed(known, [*over.elements()], 0.5, 0.9)
        assert found == typical(spells, 0.5, 0.9) == one_by_one.typical(spells, 0.5, 0.9)


def test_among_those_that_are_all_over_the_time_is_right_however_many_there_are() -> None:
    for seed in range(9):
        random = Random(seed)
        over = sorted(int(random.expovariate(1 / 400_000)) for _ in range(5_000))
        known = Lasted(over_in=Counter(map(bucket_of, over)), others=Counter({10**8: 1_000}), fine=BUCKETS)
        assert followed(known, over, 0.5, 0.8) == [over[2_999], over[4_799]]


def test_buckets_follow_one_another_without_gaps_and_parts_lie_in_one_bucket() -> None:
    for lasted in (0, 1, 255, 256, 257, 511, 512, 5_000, 86_400, 10**8):
        bucket = bucket_of(lasted)
        first, last = first_of(bucket), first_of(bucket + 1)
        assert first <= lasted < last
        assert last - first <= max(1, lasted / 127)
        part = bucket_of(lasted, PARTS)
        assert first <= first_of(part, PARTS) <= lasted < first_of(part + 1, PARTS) <= last
        assert first_of(part + 1, PARTS) - first_of(part, PARTS) == max(1, (last - first) // 64)
