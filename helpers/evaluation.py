"""How good the predictions are, and how sure we may be of the figure. Arrays only."""

import numpy as np

from helpers.errors import InputError
from helpers.preprocessing import check_labels


def accuracy_interval(correct, total, confidence=0.95):
    """Wilson's score interval for an accuracy: `(low, high)`, both in [0, 1].

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    from scipy.stats import binomtest

    if not 0 <= correct <= total or total == 0 or correct % 1 or total % 1:
        raise InputError(
            f"{correct} correct of {total} is not a count: give whole numbers, "
            "0 <= correct <= total."
        )
    return tuple(binomtest(int(correct), int(total)).proportion_ci(confidence, method="wilson"))


def one_vs_rest(y_true, y_pred):
    """True and false positives and negatives of each digit against all others.

    Returns a DataFrame with one row for each digit 0 to 9 and columns TP, FP, FN, TN.
    """
    import pandas as pd
    from sklearn.metrics import multilabel_confusion_matrix

    _check_lengths(check_labels(y_true), check_labels(y_pred))
    counts = multilabel_confusion_matrix(y_true, y_pred, labels=range(10))
    table = counts.reshape(-1, 4)[:, [3, 1, 2, 0]]
    return pd.DataFrame(table, columns=["TP", "FP", "FN", "TN"]).rename_axis("digit")


def digit_table(y_true, y_pred):
    """Precision, recall, F1 and the number of images (support) of each digit 0 to 9.

    precision = TP / (TP + FP), recall = TP / (TP + FN), F1 their harmonic mean; 0 where the
    denominator is 0.
    """
    import pandas as pd
    from sklearn.metrics import precision_recall_fscore_support

    _check_lengths(check_labels(y_true), check_labels(y_pred))
    columns = precision_recall_fscore_support(y_true, y_pred, labels=range(10), zero_division=0)
    names = ["precision", "recall", "F1", "support"]
    return pd.DataFrame(dict(zip(names, columns))).rename_axis("digit")


def most_confident_mistakes(y_true, probabilities, count=20):
    """Indices of at most `count` wrong predictions, the most confident first."""
    y_true, probabilities = check_labels(y_true), np.asarray(probabilities)
    _check_lengths(y_true, probabilities)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != y_true)
    confidence = probabilities.max(axis=1)[wrong]
    return wrong[np.argsort(-confidence, kind="stable")][:count]


def _check_lengths(y_true, y_pred):
    if len(y_true) != len(y_pred):
        raise InputError(
            f"{len(y_true)} true labels, but {len(y_pred)} predictions: pair them one to one."
        )
