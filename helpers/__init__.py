"""What the notebooks share, from the data to plots and handwriting.

Keras takes seconds to import: `networks` and `training` load it, everything else does without.
"""
