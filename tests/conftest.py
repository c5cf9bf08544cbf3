"""Hypothesis draws the same inputs in every run, keeps no files, and reports briefly."""

from hypothesis import Phase, settings

settings.register_profile(
    "repeatable",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=50,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
settings.load_profile("repeatable")
