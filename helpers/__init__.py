"""What the notebooks share: data, preprocessing, networks, training, evaluation, plots.

Only `networks` and `training` import Keras; everything else imports in milliseconds.
"""
