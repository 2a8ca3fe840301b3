"""How long graphs of small tasks take to build, and to be found finished."""

from __future__ import annotations

import logging
import pickle
import tempfile
from time import perf_counter
from typing import Any

import luigi
from child import answer
from luigi.task_register import Register


def below(shape: str, number: int, tasks: int) -> list[int]:
    """Return the numbers of the tasks that the one of this `number` requires; the last one is the root."""
    if shape == 'wide':
        return list(range(tasks - 1)) if number == tasks - 1 else []
    if shape == 'chain':
        return [number - 1] if number else []
    layer = number // 2  # of two tasks, each of which requires both of the layer below
    return [2 * layer - 2, 2 * layer - 1] if layer else []


class Graph(luigi.Task):
    """What the tasks of all sides share."""

    shape = luigi.Parameter()
    tasks = luigi.IntParameter()
    number = luigi.IntParameter()

    def requires(self) -> Any:
        numbers = below(self.shape, self.number, self.tasks)
        return [type(self)(shape=self.shape, tasks=self.tasks, number=number) for number in numbers]


def stored_by_luigi(directory: str) -> Any:
    class Stored(Graph):
        def output(self) -> Any:
            return luigi.LocalTarget(f'{directory}/{self.task_id}.pkl', format=luigi.format.Nop)

        def run(self) -> None:
            for target in self.input():
                with target.open() as file:
                    pickle.load(file)
            with self.output().open('w') as file:
                pickle.dump(self.number, file)

    return Stored


def stored_by_gokart(directory: str, log_files: bool) -> Any:
    import gokart

    config = luigi.configuration.get_config()
    config.set('TaskOnKart', 'workspace_directory', directory)
    config.set('TaskOnKart', 'should_dump_supplementary_log_files', str(log_files))

    class Stored(Graph, gokart.TaskOnKart):
        def run(self) -> None:
            self.load()
            self.dump(self.number)

    return Stored


def in_memory(base: Any) -> Any:
    done: set[int] = set()

    class InMemory(Graph, base):
        def complete(self) -> bool:
            return self.number in done

        def run(self) -> None:
            done.add(self.number)

    return InMemory


def class_for(side: str, mode: str, directory: str) -> Any:
    """Return the class of tasks that store with log files, without them (`mode` is ``'files'``), or nothing."""
    if side == 'luigi':
        return in_memory(luigi.Task) if mode == 'no files' else stored_by_luigi(directory)
    import gokart

    if mode == 'no files':
        luigi.configuration.get_config().set('TaskOnKart', 'should_dump_supplementary_log_files', 'False')
        return in_memory(gokart.TaskOnKart)
    return stored_by_gokart(directory, log_files=mode == 'log files')


def build_seconds(side: str, task_class: Any, shape: str, tasks: int) -> float:
    Register.clear_instance_cache()
    start = perf_counter()
    root = task_class(shape=shape, tasks=tasks, number=tasks - 1)
    if side == 'luigi':
        luigi.build([root], local_scheduler=True, log_level='CRITICAL')
    else:
        import gokart

        gokart.build(root, return_value=False, log_level=logging.CRITICAL)
    seconds = perf_counter() - start
    if not root.complete():
        raise RuntimeError('the build failed')
    return seconds


def measure(side: str, shape: str, tasks: int, mode: str, directory: str) -> dict[str, float]:
    """Build a graph, and build it once more."""
    # Files are left for the end of all measurements: for some seconds after many were deleted, ext4 takes ten times
    # longer to make a file, and whoever comes next would pay for it.
    workspace = tempfile.mkdtemp(dir=directory)
    task_class = class_for(side, mode, workspace)
    build_seconds(side, class_for(side, mode, f'{workspace}/warm'), 'chain', 3)
    if side != 'luigi':
        luigi.configuration.get_config().set('TaskOnKart', 'workspace_directory', workspace)
    return {
        'build': build_seconds(side, task_class, shape, tasks) / tasks,
        'finished': build_seconds(side, task_class, shape, tasks) / tasks,
    }


if __name__ == '__main__':
    answer(measure)
