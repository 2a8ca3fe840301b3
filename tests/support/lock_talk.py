"""A process that holds and takes the locks of one target and one task when it is told to, by either library.

Run with the port of a Redis and a directory; each line of standard input is a command. ``hold VERB`` takes the lock and
keeps it until ``let go``; ``try VERB`` needs it for a moment. A line of standard output tells when it is held or done.
"""

from __future__ import annotations

import sys
import threading

import gokart
from gokart.conflict_prevention_lock.task_lock import (
    TaskLockException,
    make_task_lock_params,
    make_task_lock_params_for_run,
)
from gokart.conflict_prevention_lock.task_lock_wrappers import wrap_run_with_lock
from gokart.target import make_target

_may_end = threading.Event()


class Locked(gokart.TaskOnKart):
    """A task with a run lock."""


class Held:
    """An object that takes its time to be stored."""

    def __reduce__(self):
        print('held', flush=True)
        _may_end.wait()
        return str, ()


def main(port: int, directory: str) -> None:
    """Do what standard input says."""
    path = f'{directory}/object.pkl'
    params = make_task_lock_params(path, 'id', redis_host='127.0.0.1', redis_port=port, redis_timeout=60)
    target = make_target(path, 'id', task_lock_params=params)
    task = Locked(redis_host='127.0.0.1', redis_port=port, redis_timeout=60, should_lock_run=True)
    run_params = make_task_lock_params_for_run(task)
    actions = {
        'hold dump': lambda: target.dump(Held()),
        'hold object': wrap_run_with_lock(Held().__reduce__, params),
        'hold run': wrap_run_with_lock(Held().__reduce__, run_params),
        'try dump': lambda: target.dump('new'),
        'try load': target.load,
        'try remove': target.remove,
        'try run': wrap_run_with_lock(lambda: 'ran', run_params),
    }

    def act(command: str) -> None:
        try:
            actions[command]()
        except TaskLockException:
            print(f'{command}: TaskLockException', flush=True)
        else:
            print(f'{command}: done', flush=True)

    print('ready', flush=True)
    for line in sys.stdin:
        command = line.strip()
        if command == 'let go':
            _may_end.set()
        else:
            _may_end.clear()
            threading.Thread(target=act, args=(command,), daemon=True).start()


if __name__ == '__main__':
    main(int(sys.argv[1]), sys.argv[2])
