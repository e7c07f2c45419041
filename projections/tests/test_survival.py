"""The typical time when some are not over yet."""

from projections.survival import typical

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
