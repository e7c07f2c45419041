"""How long each level takes: sums of stays, kept so that no answer looks at each.

What is kept: `held` has a row for each stay; `stay_counts` says what a stay adds, `summed` adds it up by year, month and
day, each sum a `tally` as precise as `coarser` says; `lengths` has every duration to the second.

What is asked: `selection` says which stays are meant; `stays` adds up their sums (which, say `spans` and `due_spans`) and
reads `singly` what no sum tells; for a median, `typical_times` follows the curve of `survival` and opens the bucket that
decides; `response_times` makes the figures of it.
"""
