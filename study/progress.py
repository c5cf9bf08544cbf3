"""A line that says what is done, what runs now, and how long the rest will take."""

import sys

from tqdm import tqdm

from study.protocol import PROTOCOL

FORMAT = "{percentage:3.0f}% |{bar:20}| {elapsed}, about {remaining} left; {desc}"


class Progress:
    """Moves on with every epoch of every run, by what that epoch is expected to cost."""

    def __init__(self, runs):
        self.runs, self.done, self.whole = runs, {}, set()
        total = sum(self._cost(name, run["epochs"]) for name, run in runs.items())
        self.bar = tqdm(total=total, bar_format=FORMAT, smoothing=0)

    def epoch(self, event):
        """Take note of an event `(time, (name, epochs done))`; a run begun anew starts at 0."""
        _, (name, epochs) = event
        if not self.done:
            self.bar.reset()  # the time until a worker is ready says nothing about the rest
        self.done[name] = epochs
        self._show()

    def finished(self, name, line):
        self.done[name] = self.runs[name]["epochs"]
        self.whole.add(name)
        self._show()
        self.bar.write(line, file=sys.stdout)

    def close(self):
        self.bar.close()

    def _show(self):
        now = [
            f"{name} epoch {min(epochs + 1, self.runs[name]['epochs'])}/{self.runs[name]['epochs']}"
            for name, epochs in self.done.items()
            if name not in self.whole
        ]
        self.bar.set_description_str(
            f"{len(self.whole)} of {len(self.runs)} runs done; now {', '.join(now) or '...'}",
            refresh=False,
        )
        self.bar.n = sum(self._cost(name, epochs) for name, epochs in self.done.items())
        self.bar.refresh()

    def _cost(self, name, epochs):
        return PROTOCOL[self.runs[name]["network"]].cost * epochs
