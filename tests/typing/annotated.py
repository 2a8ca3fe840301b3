"""Parameters that are annotated with their own class: every checker understands them without a plugin."""

from __future__ import annotations

import luigi
from typing_extensions import assert_type

import gokart
from gokart.config_params import inherits_config_params


class Scaled(gokart.TaskOnKart[float]):
    number: luigi.IntParameter = luigi.IntParameter()
    factor: luigi.Parameter[float] = luigi.FloatParameter(default=2.0)
    label: luigi.OptionalParameter = luigi.OptionalParameter()
    verbose: luigi.BoolParameter = luigi.BoolParameter()

    def run(self) -> None:
        assert_type(self.number, int)
        assert_type(self.label, 'str | None')
        assert_type(self.workspace_directory, str)
        self.dump(self.number * self.factor)


class Shifted(Scaled):
    by: luigi.IntParameter = luigi.IntParameter()
    number: luigi.IntParameter = luigi.IntParameter(default=1)


Scaled(number=1)
Scaled(number=1, factor=3, label=None, verbose=True)
Scaled(number='1')  # E mypy: arg-type  # E pyright: reportArgumentType
Scaled(number=1, factor='2')  # E mypy: arg-type  # E pyright: reportArgumentType
Scaled(number=1, label=3)  # E mypy: arg-type  # E pyright: reportArgumentType
Scaled(number=1, size=2)  # E mypy: call-arg  # E pyright: reportCallIssue
Scaled()  # E demanding: call-arg  # E pyright: reportCallIssue
Scaled(1)  # E mypy: arg-type call-arg  # E pyright: reportCallIssue
Shifted(by=1)
Shifted(number=2)  # E demanding: call-arg  # E pyright: reportCallIssue
Shifted(by=1.5)  # E mypy: arg-type  # E pyright: reportArgumentType

# The parameters that every task has
Scaled(
    number=1, rerun=True, strict_check=True, workspace_directory='s3://bucket', redis_host='localhost', redis_port=6379
)
Scaled(number=1, significant=False, fix_random_seed_value=3, fail_on_empty_dump=True, cache_unique_id=False)
Scaled(number=1, rerun='yes')  # E mypy: arg-type  # E pyright: reportArgumentType
Scaled(number=1, workspace_directory=1)  # E mypy: arg-type  # E pyright: reportArgumentType
Scaled(number=1, redis_port='6379')  # E mypy: arg-type  # E pyright: reportArgumentType


class Elsewhere(gokart.TaskOnKart[int]):
    rerun: luigi.BoolParameter = luigi.BoolParameter(default=True)
    workspace_directory: luigi.Parameter[str] = luigi.Parameter(default='elsewhere')


Elsewhere(rerun=False, workspace_directory='here')


class Region(luigi.Config):
    name: luigi.Parameter[str] = luigi.Parameter()


@inherits_config_params(Region)
class Shop(gokart.TaskOnKart[int]):
    name: luigi.Parameter[str] = luigi.Parameter()


Shop()  # E demanding: call-arg
