"""The typical time when some are not over yet."""

from collections import Counter
from random import Random

from projections.tests.one_by_one import typical
from projections.times.durations import PARTS, bucket_of, first_of
from projections.times.survival import Lasted, typical_of

DAY = 86_400


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
        known = Lasted(others=others, over_in=Counter(map(bucket_of, over.elements())))
        while (found := typical_of(known, 0.5, 0.9))[1]:
            for lasted, bucket in found[1]:
                first, last = lasted.ends(bucket)
                inside = [one for one in over.elements() if first <= one < last]
                parts = Lasted(over_in=Counter(bucket_of(one, PARTS) for one in inside), fine=PARTS)
                lasted.open(bucket, Lasted(over=Counter(inside)) if lasted.fine == PARTS else parts)
        assert found[0] == typical(spells, 0.5, 0.9)


def test_among_those_that_are_all_over_the_time_is_right_however_many_there_are() -> None:
    for seed in range(9):
        random = Random(seed)
        over = sorted(int(random.expovariate(1 / 400_000)) for _ in range(5_000))
        known = Lasted(over_in=Counter(map(bucket_of, over)), others=Counter({10**8: 1_000}))
        while (found := typical_of(known, 0.5, 0.8))[1]:
            for lasted, bucket in found[1]:
                first, last = lasted.ends(bucket)
                lasted.open(bucket, Lasted(over=Counter(one for one in over if first <= one < last)))
        assert found[0] == [over[2_999], over[4_799]]


def test_buckets_follow_one_another_without_gaps_and_parts_lie_in_one_bucket() -> None:
    for lasted in (0, 1, 255, 256, 257, 511, 512, 5_000, 86_400, 10**8):
        bucket = bucket_of(lasted)
        first, last = first_of(bucket), first_of(bucket + 1)
        assert first <= lasted < last
        assert last - first <= max(1, lasted / 127)
        part = bucket_of(lasted, PARTS)
        assert first <= first_of(part, PARTS) <= lasted < first_of(part + 1, PARTS) <= last
        assert first_of(part + 1, PARTS) - first_of(part, PARTS) == max(1, (last - first) // 64)
