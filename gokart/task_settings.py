"""The parameters that every `TaskOnKart` has; all are insignificant: they change no id."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import luigi
from luigi.parameter import ParameterVisibility
from typing_extensions import dataclass_transform

from gokart.parameter import (
    ExplicitBoolParameter,
    ListTaskInstanceParameter,
    SerializableParameter,
    TaskInstanceParameter,
    ZonedDateSecondParameter,
)
from gokart.seeds import UNSET

if TYPE_CHECKING:
    # For type checkers a task class is like a dataclass: what the body of a class annotates, unless as ClassVar, is a
    # keyword argument. The parameters listed need a value unless they have `default=`; those of Luigi's that are not
    # listed have one by themselves.
    @dataclass_transform(
        kw_only_default=True,
        eq_default=False,
        field_specifiers=(
            luigi.ChoiceListParameter,
            luigi.ChoiceParameter,
            luigi.DateHourParameter,
            luigi.DateIntervalParameter,
            luigi.DateMinuteParameter,
            luigi.DateParameter,
            luigi.DateSecondParameter,
            luigi.DictParameter,
            luigi.EnumListParameter,
            luigi.EnumParameter,
            luigi.FloatParameter,
            luigi.IntParameter,
            luigi.ListParameter,
            luigi.MonthParameter,
            luigi.NumericalParameter,
            luigi.OptionalChoiceParameter,
            luigi.OptionalNumericalParameter,
            luigi.Parameter,
            luigi.PathParameter,
            luigi.StrParameter,
            luigi.TaskParameter,
            luigi.TimeDeltaParameter,
            luigi.TupleParameter,
            luigi.YearParameter,
            ExplicitBoolParameter,
            ListTaskInstanceParameter,
            SerializableParameter,
            TaskInstanceParameter,
            ZonedDateSecondParameter,
        ),
    )
    class _Task(luigi.Task): ...
else:
    _Task = object


class TaskSettings(_Task):
    """The parameters of `TaskOnKart`. Their order is part of the contract, as they can be given by position."""

    workspace_directory: luigi.Parameter[str] = luigi.Parameter(
        default='./resources/', description='Directory or URL of the outputs.', significant=False
    )
    local_temporary_directory: luigi.Parameter[str] = luigi.Parameter(
        default='./resources/tmp/', description='Local scratch directory of archives.', significant=False
    )
    rerun: luigi.BoolParameter = luigi.BoolParameter(
        default=False, description='Run once more although the outputs exist.', significant=False
    )
    strict_check: luigi.BoolParameter = luigi.BoolParameter(
        default=False, description='Complete only if the requirements and inputs are complete.', significant=False
    )
    modification_time_check: luigi.BoolParameter = luigi.BoolParameter(
        default=False, description='As strict_check, and no input may be newer than an output.', significant=False
    )
    serialized_task_definition_check: luigi.BoolParameter = luigi.BoolParameter(
        default=False, description="Let the task's own source code join its id.", significant=False
    )
    delete_unnecessary_output_files: luigi.BoolParameter = luigi.BoolParameter(
        default=False, description='Delete the local files that the tree of tasks does not need.', significant=False
    )
    significant: luigi.BoolParameter = luigi.BoolParameter(
        default=True,
        description='Whether the id of this task joins the ids of those that require it.',
        significant=False,
    )
    fix_random_seed_methods: luigi.Parameter[tuple[str, ...]] = luigi.ListParameter(
        default=('random.seed', 'numpy.random.seed'),
        description='Dotted names of the functions that are called with the seed before run.',
        significant=False,
    )
    fix_random_seed_value: luigi.Parameter[int] = luigi.OptionalIntParameter(
        default=UNSET, description=f'The seed; None or {UNSET}: from the unique id.', significant=False
    )
    FIX_RANDOM_SEED_VALUE_NONE_MAGIC_NUMBER: ClassVar[int] = UNSET
    redis_host: luigi.Parameter[str | None] = luigi.OptionalParameter(
        default=None, description='Host of the Redis for locks.', significant=False
    )
    redis_port: luigi.OptionalIntParameter = luigi.OptionalIntParameter(
        default=None, description='Port of the Redis for locks.', significant=False
    )
    redis_timeout: luigi.IntParameter = luigi.IntParameter(
        default=180, description='Life of a Redis lock in seconds.', significant=False
    )
    fail_on_empty_dump: luigi.Parameter[bool] = ExplicitBoolParameter(
        default=False, description='Raise EmptyDumpError when an empty frame is dumped.', significant=False
    )
    store_index_in_feather: luigi.Parameter[bool] = ExplicitBoolParameter(
        default=True, description='Store the index of a frame in feather files.', significant=False
    )
    cache_unique_id: luigi.Parameter[bool] = ExplicitBoolParameter(
        default=True, description='Remember the id on the instance.', significant=False
    )
    should_dump_supplementary_log_files: luigi.Parameter[bool] = ExplicitBoolParameter(
        default=True, description='Write the files below log/.', significant=False
    )
    complete_check_at_run: luigi.Parameter[bool] = ExplicitBoolParameter(
        default=True,
        description='Look just before run whether the task is complete, and skip it if so.',
        significant=False,
    )
    should_lock_run: luigi.Parameter[bool] = ExplicitBoolParameter(
        default=False, description='Hold the lock during run.', significant=False
    )
    lock: luigi.Parameter[str | None] = luigi.OptionalParameter(
        default=None,
        description="Where the lock of the run is: redis://, rediss://, file://, s3://, gs:// or 'workspace'.",
        significant=False,
        visibility=ParameterVisibility.PRIVATE,  # a URL may hold a password
    )
