"""What the notebooks share: data, preprocessing, networks, training, evaluation, plots.

Only `networks`, `training` and `study` import Keras; everything else imports in milliseconds.
"""
