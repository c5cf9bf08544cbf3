"""The long study that notebook 07 reads: many trainings under one protocol, on Dask.

`python -m study` (or `make study`) trains what `results/study/` lacks. Only `run` imports Keras.
"""
