"""The door of the parameters of locks, and of the client of a Redis."""

from __future__ import annotations

import redis as redis  # tests of users put something in the place of `redis.Redis` by way of this module

from gokart.errors import TaskLockException as TaskLockException
from gokart.locks.redis_client import RedisClient as RedisClient
from gokart.target_locks import TaskLockParams as TaskLockParams
from gokart.target_locks import make_task_lock_key as make_task_lock_key
from gokart.target_locks import make_task_lock_params as make_task_lock_params
from gokart.task_locks import make_task_lock_params_for_run as make_task_lock_params_for_run
