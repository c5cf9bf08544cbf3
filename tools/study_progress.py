"""A line that says what is done, what runs now, and how long the rest will take."""

import sys

from tqdm import tqdm

FORMAT = "{percentage:3.0f}% |{bar:20}| {elapsed}, about {remaining} left; {desc}"


class Progress:
    """Moves on with every epoch of every run; a run's share is what it is expected to cost."""

    def __init__(self, costs, epochs):
        """`costs`: name of each run to CPU seconds in all; `epochs`: name to number of epochs."""
        self.costs, self.epochs = costs, epochs
        self.done = {}
        self.bar = tqdm(
            total=sum(costs.values()),
            bar_format=FORMAT,
            smoothing=0,
            mininterval=0.5 if sys.stderr.isatty() else 60,
        )

    def epoch(self, event):
        """Take note of an event `(time, (name, epochs done))`; a run begun anew starts at 0."""
        _, (name, epochs) = event
        self.done[name] = epochs
        self._show()

    def finished(self, name, line):
        self.done[name] = self.epochs[name] + 1
        self._show()
        self.bar.write(line, file=sys.stdout)

    def close(self):
        self.bar.close()

    def _show(self):
        whole = sum(epochs > self.epochs[name] for name, epochs in self.done.items())
        now = [
            f"{name} epoch {epochs + 1}/{self.epochs[name]}"
            for name, epochs in self.done.items()
            if epochs < self.epochs[name]
        ]
        self.bar.set_description_str(
            f"{whole} of {len(self.costs)} runs; now {', '.join(now) or '...'}", refresh=False
        )
        shares = {name: min(1, epochs / self.epochs[name]) for name, epochs in self.done.items()}
        self.bar.update(
            sum(self.costs[name] * share for name, share in shares.items()) - self.bar.n
        )
