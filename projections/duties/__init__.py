"""Whom one must visit (五必去, 五必访): who is flagged since when, who came, and how many of those owed a visit were paid one."""
