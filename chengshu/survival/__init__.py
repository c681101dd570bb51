"""The survival verification model: arrays in, arrays out.

Given the traces that people leave in a city's feeds, how probable is it that each of them is present, away or dead
today? The statement of the model, its priors and its literature stand in ``docs/algorithms/survival.md``.
"""
