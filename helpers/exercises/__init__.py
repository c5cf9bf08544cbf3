"""Check the answers to the notebooks' exercises; one module for each notebook says what is right.

Look there, or into the solutions, once you have tried.
"""

from helpers.exercises.checking import check

__all__ = ["check"]
