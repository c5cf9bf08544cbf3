"""The long study that notebooks 05, 07 and 08 read: many trainings under one protocol, on Dask.

`python -m study` (or `make study`) trains what `results/study/` lacks. Only `run` imports Keras.
"""
