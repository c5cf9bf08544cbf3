"""How good the predictions are, and how sure we may be of the figure. Arrays only."""

import numpy as np

from helpers.dataset import CLASSES
from helpers.errors import FINITE, InputError, as_array, as_number, as_probabilities
from helpers.preprocessing import check_labels

CONFIDENCE = ("A confidence, such as 0.95,", 1e-9, 1 - 1e-9)


def accuracy_interval(correct, total, confidence=0.95):
    """Wilson's score interval for an accuracy: `(low, high)`, both in [0, 1].

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    from scipy.stats import binomtest

    as_number(confidence, *CONFIDENCE)
    total = as_number(total, "The number of images", 1, 10**15, whole=True)
    correct = as_number(correct, "The number of right answers", 0, total, whole=True)
    return tuple(binomtest(correct, total).proportion_ci(confidence, method="wilson"))


def mean_interval(values, confidence=0.95):
    """Student's t interval for the mean of a few independent measurements: `(low, high)`.

    "Student" (W. S. Gosset), "The probable error of a mean", 1908.
    """
    from scipy.stats import sem, t

    values = as_array(values, "Measurements", shape=("N",), within=FINITE).astype(float)
    if len(values) < 2:
        raise InputError("An interval needs two measurements or more.")
    as_number(confidence, *CONFIDENCE)
    half = t.ppf((1 + confidence) / 2, len(values) - 1) * sem(values)
    return float(values.mean() - half), float(values.mean() + half)


def paired_test(y_true, first, second):
    """McNemar's exact test: do two networks differ on these images by more than chance?

    Parameters
    ----------
    y_true, first, second : integer arrays of shape (N,), the labels and two networks' predictions

    Returns
    -------
    (only_first, only_second, p_value) : how many images only the first and only the second reads
    right, and how often a fair coin would divide them at least as unevenly

    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", 1947.
    """
    from scipy.stats import binomtest

    y_true = check_labels(y_true)
    first_right, second_right = (check_labels(y, y_true) == y_true for y in (first, second))
    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    n = only_first + only_second
    return only_first, only_second, float(binomtest(only_first, n).pvalue) if n else 1.0


def one_vs_rest(y_true, y_pred):
    """True and false positives and negatives of each digit against all others.

    Returns a DataFrame with one row for each digit 0 to 9 and columns TP, FP, FN, TN.
    """
    import pandas as pd
    from sklearn.metrics import multilabel_confusion_matrix

    y_pred = check_labels(y_pred, check_labels(y_true))
    counts = multilabel_confusion_matrix(y_true, y_pred, labels=range(CLASSES))
    table = counts.reshape(-1, 4)[:, [3, 1, 2, 0]]
    return pd.DataFrame(table, columns=["TP", "FP", "FN", "TN"]).rename_axis("digit")


def digit_table(y_true, y_pred):
    """Precision, recall, F1 and the number of images (support) of each digit 0 to 9.

    precision = TP / (TP + FP), recall = TP / (TP + FN), F1 their harmonic mean; 0 where the
    denominator is 0.
    """
    import pandas as pd
    from sklearn.metrics import precision_recall_fscore_support

    y_pred = check_labels(y_pred, check_labels(y_true))
    columns = precision_recall_fscore_support(y_true, y_pred, labels=range(10), zero_division=0)
    names = ["precision", "recall", "F1", "support"]
    return pd.DataFrame(dict(zip(names, columns))).rename_axis("digit")


def most_confident_mistakes(y_true, probabilities, count=20):
    """Indices of at most `count` wrong predictions, the most confident first."""
    y_true, probabilities = _checked(y_true, probabilities)
    count = as_number(count, "The number of mistakes", 0, 10**9, whole=True)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != y_true)
    return wrong[np.argsort(-probabilities.max(axis=1)[wrong], kind="stable")][:count]


def calibration_table(y_true, probabilities, bins=15):
    """What the network says, and how often it is right, for answers of like confidence.

    Returns a DataFrame with one row for each of the equally wide `bins` that holds an answer:
    images, confidence (mean), accuracy, and its 95 % interval, low and high.
    """
    import pandas as pd

    y_true, probabilities = _checked(y_true, probabilities)
    bins = as_number(bins, "The number of bins", 1, 1000, whole=True)
    confidence = probabilities.max(axis=1)
    answers = pd.DataFrame({"confidence": confidence, "right": probabilities.argmax(1) == y_true})
    groups = answers.groupby(pd.cut(confidence, np.linspace(0, 1, bins + 1), labels=False))
    table = groups.agg(
        images=("right", "size"), confidence=("confidence", "mean"), accuracy=("right", "mean")
    )
    intervals = [accuracy_interval(own.sum(), len(own)) for _, own in groups["right"]]
    return table.assign(**dict(zip(["low", "high"], np.transpose(intervals)))).rename_axis("bin")


def calibration_error(y_true, probabilities, bins=15):
    """Expected calibration error: by how much confidence and accuracy differ, a mean over images.

    M. P. Naeini and others, "Obtaining well calibrated probabilities using Bayesian binning", 2015.
    It is above 0 by chance alone, also for a perfectly calibrated network.
    """
    table = calibration_table(y_true, probabilities, bins)
    gaps = (table["accuracy"] - table["confidence"]).abs()
    return float(np.average(gaps, weights=table["images"]))


def with_temperature(log_probabilities, temperature):
    """Temperature scaling: probabilities from logits divided by `temperature`; above 1 softens.

    Logarithms of probabilities do as well as logits. C. Guo and others, "On calibration of modern
    neural networks", 2017. Shape (N, 10), float64.
    """
    from scipy.special import softmax

    as_number(temperature, "A temperature", 1e-3, 1e3)
    logits = as_array(log_probabilities, "Logits", shape=("N", CLASSES)).astype(float)
    if not np.isfinite(logits.max(axis=1)).all():
        raise InputError("These logits hold NaN or infinity, or a row that is -infinity alone.")
    sums = logits.sum(axis=1, keepdims=True)
    if logits.size and logits.min() >= 0 and np.isclose(sums, [1, 100], 0.02).any(axis=1).all():
        raise InputError("These are probabilities; give their logarithms, np.log(probabilities).")
    return softmax(logits / temperature, axis=1)


def fit_temperature(y_true, log_probabilities):
    """The temperature between 0.1 and 10 that makes the cross-entropy on these images lowest.

    Fit it on validation images; the accuracy stays as it is. `log_probabilities` : (N, 10).
    """
    from scipy.optimize import minimize_scalar
    from sklearn.metrics import log_loss

    y_true, _ = _checked(y_true, with_temperature(log_probabilities, 1))
    if np.isneginf(np.asarray(log_probabilities)[np.arange(len(y_true)), y_true]).any():
        raise InputError("A label has the probability 0: clip first, np.log(np.maximum(p, 1e-7)).")

    def loss(log_temperature):
        at_it = with_temperature(log_probabilities, np.exp(log_temperature))
        return log_loss(y_true, at_it, labels=range(CLASSES))

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.1, 10]), method="bounded").x))


def _checked(y_true, probabilities):
    y_true = check_labels(y_true)
    return y_true, as_probabilities(probabilities, "Probabilities", (len(y_true), CLASSES))
