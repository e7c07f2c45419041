"""The typical time when some are not over yet."""

from collections import Counter
from random import Random

from projections.tests.one_by_one import typical
from projections.times.durations import bucket_of, first_of
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


def test_from_buckets_it_is_the_same_as_from_every_spell() -> None:
    for seed in range(60):
        random = Random(seed)
        spells = [(int(random.expovariate(1 / 4000)), random.random() < 0.6) for _ in range(random.choice((1, 9, 300)))]
        over = Counter(lasted for lasted, ended in spells if ended)
        others = Counter(lasted for lasted, ended in spells if not ended)
        in_buckets = Counter(bucket_of(lasted) for lasted in over.elements())
        known = Lasted(over=Counter(), others=others, over_in=in_buckets)
        while (found := typical_of(known, 0.5, 0.9))[1]:
            for bucket in found[1]:
                known.clear_up(bucket, {lasted: n for lasted, n in over.items() if bucket_of(lasted) == bucket}, {})
        assert found[0] == typical(spells, 0.5, 0.9)


def test_buckets_follow_one_another_without_gaps() -> None:
    for lasted in (0, 1, 255, 256, 257, 511, 512, 5_000, 86_400, 10**8):
        bucket = bucket_of(lasted)
        assert first_of(bucket) <= lasted < first_of(bucket + 1)
        assert first_of(bucket + 1) - first_of(bucket) <= max(1, lasted / 127)
