"""Tasks that note where and how often they run; worker processes import them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import luigi
from luigi.parameter import ParameterVisibility

import gokart

EVENTS = (luigi.Event.START, luigi.Event.SUCCESS, luigi.Event.FAILURE, luigi.Event.PROCESSING_TIME)


class TroubleError(Exception):
    """Pickles, but cannot be made again from its arguments."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f'{what} in {where}')


class Noted(gokart.TaskOnKart):
    """Notes each event, with the process it happens in, in the file `notes`."""

    notes = luigi.Parameter(significant=False)

    def note(self, what: str) -> None:
        with open(self.notes, 'a', encoding='utf-8') as file:
            file.write(f'{type(self).__name__}{getattr(self, "number", "")} {what} {os.getpid()}\n')


def _note(event):
    @Noted.event_handler(event)
    def note(task, *args):
        task.note(event)

    note.__qualname__ = f'note_{event}'


for event in EVENTS:
    _note(event)


class Number(Noted):
    number = luigi.IntParameter()
    secret = luigi.Parameter(default='', visibility=ParameterVisibility.PRIVATE, significant=False)

    def run(self):
        self.dump((self.number, self.secret))


class Configured(Noted):
    word = luigi.Parameter(default='default')

    def run(self):
        self.dump(self.word)


class Total(Noted):
    def requires(self):
        return [Number(number=number, notes=self.notes) for number in range(3)]

    def run(self):
        more = yield Number(number=10, secret='sesame', notes=self.notes)
        self.dump([*(number for number, _ in self.load()), *more.load()])


class Failing(Noted):
    number = luigi.IntParameter(default=0)

    def run(self):
        if self.number:
            raise TroubleError('trouble', 'the body')
        raise ValueError('trouble in the body')


class Killed(Noted):
    """Is killed in the first attempt, for which `stone` is still missing."""

    stone = luigi.Parameter(significant=False)
    retry_count = 3

    def run(self):
        self.note('body')
        if not Path(self.stone).exists():
            Path(self.stone).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        self.dump('survived')


class Slow(Noted):
    """Takes `seconds`; notes its beginning and, if it is told to end, its end."""

    number = luigi.IntParameter(default=0)
    seconds = luigi.FloatParameter()

    def run(self):
        self.note('body')
        try:
            time.sleep(self.seconds)
        finally:
            self.note('end')
        self.dump(os.getpid())


class Limited(Slow):
    """May take a second."""

    worker_timeout = 1


class Several(Noted):
    """Needs `Slow` tasks."""

    count = luigi.IntParameter()
    seconds = luigi.FloatParameter()

    def requires(self):
        return [Slow(number=number, seconds=self.seconds, notes=self.notes) for number in range(self.count)]

    def run(self):
        self.dump(sorted(set(self.load())))


class Locked(Noted):
    """Dumps how many locks of its run there are while it runs."""

    def run(self):
        locks = Path(self.workspace_directory, 'log', 'locks')
        self.dump(len([path for path in locks.rglob('*') if self.make_unique_id() in path.name]))
