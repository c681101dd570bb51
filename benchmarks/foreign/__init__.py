"""Cities that Chengshu's own generator did not make, and an honest score for a run over them.

Nothing in this package imports `chengshu`: it is a second opinion on what a city looks like, with its own
identity numbers, its own simulator (day by day, not month by month) and its own exact filter.
"""
