"""Parameters that are annotated with the type of their values: right for mypy with the plugin only."""

from __future__ import annotations

import luigi
from typing_extensions import assert_type

import gokart


class Sum(gokart.TaskOnKart[int]):
    numbers: list[int] = luigi.ListParameter()  # E unplugged: assignment  # E pyright: reportAssignmentType
    start: int = luigi.IntParameter(default=0)  # E unplugged: assignment  # E pyright: reportAssignmentType
    limit: int | None = luigi.OptionalIntParameter()  # E unplugged: assignment  # E pyright: reportAssignmentType
    title: str = luigi.Parameter(default='sum')  # E unplugged: assignment  # E pyright: reportAssignmentType
    wrong: luigi.IntParameter = luigi.Parameter(default='1')  # E mypy: assignment  # E pyright: reportAssignmentType

    def run(self) -> None:
        assert_type(self.numbers, list[int])
        self.dump(sum(self.numbers, self.start))


Sum(numbers=[1, 2], limit=None)
Sum(numbers=['a'])  # E mypy: list-item  # E pyright: reportArgumentType
Sum(numbers=[1], start='0')  # E mypy: arg-type  # E pyright: reportArgumentType
Sum(numbers=[1], limit=1.5)  # E mypy: arg-type  # E pyright: reportArgumentType
Sum(start=1)  # E demanding: call-arg  # E pyright: reportCallIssue
Sum(numbers=[1], end=1)  # E mypy: call-arg  # E pyright: reportCallIssue


class Settings(luigi.Config):
    depth: int = luigi.IntParameter(default=1)  # E unplugged: assignment  # E pyright: reportAssignmentType


number: int = luigi.IntParameter()  # E mypy: assignment  # E pyright: reportAssignmentType
