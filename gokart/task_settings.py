"""The parameters that every `TaskOnKart` has; all are insignificant: they change no id."""

from __future__ import annotations

import luigi

from gokart.parameter import ExplicitBoolParameter
from gokart.seeds import UNSET


class TaskSettings:
    """The parameters of `TaskOnKart`. Their order is part of the contract, as they can be given by position."""

    workspace_directory = luigi.Parameter(
        default='./resources/', description='Directory or URL of the outputs.', significant=False
    )
    local_temporary_directory = luigi.Parameter(
        default='./resources/tmp/', description='Local scratch directory of archives.', significant=False
    )
    rerun = luigi.BoolParameter(
        default=False, description='Run once more although the outputs exist.', significant=False
    )
    strict_check = luigi.BoolParameter(
        default=False, description='Complete only if the requirements and inputs are complete.', significant=False
    )
    modification_time_check = luigi.BoolParameter(
        default=False, description='As strict_check, and no input may be newer than an output.', significant=False
    )
    serialized_task_definition_check = luigi.BoolParameter(
        default=False, description="Let the task's own source code join its id.", significant=False
    )
    delete_unnecessary_output_files = luigi.BoolParameter(
        default=False, description='Delete the local files that the tree of tasks does not need.', significant=False
    )
    significant = luigi.BoolParameter(
        default=True,
        description='Whether the id of this task joins the ids of those that require it.',
        significant=False,
    )
    fix_random_seed_methods = luigi.ListParameter(
        default=('random.seed', 'numpy.random.seed'),
        description='Dotted names of the functions that are called with the seed before run.',
        significant=False,
    )
    fix_random_seed_value = luigi.OptionalIntParameter(
        default=UNSET, description=f'The seed; None or {UNSET}: from the unique id.', significant=False
    )
    redis_host = luigi.OptionalParameter(default=None, description='Host of the Redis for locks.', significant=False)
    redis_port = luigi.OptionalIntParameter(default=None, description='Port of the Redis for locks.', significant=False)
    redis_timeout = luigi.IntParameter(default=180, description='Life of a Redis lock in seconds.', significant=False)
    fail_on_empty_dump = ExplicitBoolParameter(
        default=False, description='Raise EmptyDumpError when an empty frame is dumped.', significant=False
    )
    store_index_in_feather = ExplicitBoolParameter(
        default=True, description='Store the index of a frame in feather files.', significant=False
    )
    cache_unique_id = ExplicitBoolParameter(
        default=True, description='Remember the id on the instance.', significant=False
    )
    should_dump_supplementary_log_files = ExplicitBoolParameter(
        default=True, description='Write the files below log/.', significant=False
    )
    complete_check_at_run = ExplicitBoolParameter(
        default=True,
        description='Look just before run whether the task is complete, and skip it if so.',
        significant=False,
    )
    should_lock_run = ExplicitBoolParameter(default=False, description='Hold the lock during run.', significant=False)
