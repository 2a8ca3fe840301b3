"""Data → features → model → report: a small pipeline that never does the same work twice.

Run it, then run it once more:

    python examples/quickstart.py
"""

from __future__ import annotations

from pathlib import Path

import luigi
import numpy as np
import pandas as pd

import gokart


class Rentals(gokart.TaskOnKart[pd.DataFrame]):
    """Rented bicycles and the weather, a row a day."""

    days: int = luigi.IntParameter(default=730)

    def output(self):
        return self.make_target('rentals.csv')

    def run(self):
        # Random, and yet the same in each run: gokart seeds numpy with the id of the task.
        day = np.arange(self.days)
        temperature = 12 - 10 * np.cos(2 * np.pi * day / 365) + np.random.normal(0, 3, self.days)
        rain = np.random.exponential(2, self.days)
        noise = np.random.normal(0, 15, self.days)
        rented = 150 + 9 * temperature - 12 * rain - 40 * (day % 7 > 4) + noise
        self.dump(pd.DataFrame({'day': day, 'temperature': temperature, 'rain': rain, 'rented': rented.round()}))


class Features(gokart.TaskOnKart[pd.DataFrame]):
    """What the model sees of a day, and what it shall predict."""

    def requires(self):
        return Rentals()

    def output(self):
        return self.make_target('features.feather')

    def run(self):
        rentals = self.load()
        weekend = (rentals['day'] % 7 > 4).astype(float)
        self.dump(rentals[['temperature', 'rain', 'rented']].assign(weekend=weekend, constant=1.0))


class Model(gokart.TaskOnKart[pd.Series]):
    """The weights of a ridge regression on all days but the last hundred. No output(): it is pickled."""

    penalty: float = luigi.FloatParameter(default=1.0)

    def requires(self):
        return Features()

    def run(self):
        train = self.load().iloc[:-100]
        x = train.drop(columns='rented')
        self.task_log['days'] = len(x)
        weights = np.linalg.solve(x.T @ x + self.penalty * np.eye(x.shape[1]), x.T @ train['rented'])
        self.dump(pd.Series(weights, index=x.columns))


class Report(gokart.TaskOnKart[list]):
    """How well the model predicts the days that it has not seen."""

    penalty: float = luigi.FloatParameter(default=1.0)

    def requires(self):
        return {'features': Features(), 'model': Model(penalty=self.penalty)}

    def output(self):
        return self.make_target('report.txt')

    def run(self):
        test, weights = self.load('features').iloc[-100:], self.load('model')
        error = (test[weights.index] @ weights - test['rented']).abs().mean()
        lines = [f'off by {error:.1f} bicycles a day, of {test["rented"].mean():.0f} on average']
        self.dump(lines + [f'{weight:8.2f} x {name}' for name, weight in weights.items()])


def build(title: str, task: gokart.TaskOnKart) -> None:
    """Build `task` and show which tasks ran and what came out."""
    ran.clear()
    report = gokart.build(task)
    print(f'{title}\n  ran: {", ".join(ran) or "nothing, the stored result was loaded"}')
    print(f'  {report[0]}\n')


ran: list[str] = []


@gokart.TaskOnKart.event_handler(luigi.Event.SUCCESS)
def note(task: gokart.TaskOnKart) -> None:
    """Remember that `task` ran."""
    ran.append(type(task).__name__)


if __name__ == '__main__':
    build('A report:', Report())
    build('The same report again:', Report())
    build('Another penalty, so another model and another report:', Report(penalty=100.0))

    print('Every result is a file, named after what made it:')
    for path in sorted(path for path in Path('resources').rglob('*.*') if 'log' not in path.parts):
        print(f'  {path.as_posix()}')
    print('Parameters, seeds, versions, times and task logs lie in resources/log/.')
