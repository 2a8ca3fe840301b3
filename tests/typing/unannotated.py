"""Parameters without annotations, as in most projects: mypy knows them with the plugin, pyright wants annotations."""

from __future__ import annotations

import datetime
import enum

import luigi
from typing_extensions import assert_type

import gokart


class Color(enum.Enum):
    RED = 1


class ColorParameter(luigi.EnumParameter[Color]):
    """A class of parameters of the project's own."""


class Painted(gokart.TaskOnKart[str]):
    size = luigi.IntParameter()  # E pyright: reportGeneralTypeIssues
    day = luigi.DateParameter(default=datetime.date(2024, 2, 29))  # E pyright: reportGeneralTypeIssues
    color = luigi.EnumParameter(enum=Color, default=Color.RED)  # E pyright: reportGeneralTypeIssues
    name = luigi.Parameter(default='sky')  # E pyright: reportGeneralTypeIssues
    note = luigi.Parameter(default=None)  # E pyright: reportGeneralTypeIssues
    stripes = luigi.ListParameter(default=())  # E pyright: reportGeneralTypeIssues
    glossy = luigi.BoolParameter()
    shade = ColorParameter(enum=Color, default=Color.RED)

    def run(self) -> None:
        assert_type(self.size, int)
        assert_type(self.color, Color)
        self.dump(f'{self.name} {self.color}')


class Framed(Painted):
    width = luigi.Parameter[float](default=1.5)  # E pyright: reportGeneralTypeIssues
    name = luigi.Parameter(default='frame')  # E pyright: reportGeneralTypeIssues


Painted(size=1, note='calm', stripes=[1], glossy=True)  # E unplugged: call-arg  # E pyright: reportCallIssue
Painted(size='1')  # E unplugged: call-arg  # E plugged: arg-type  # E pyright: reportCallIssue
Painted(size=1, color='RED')  # E unplugged: call-arg  # E plugged: arg-type  # E pyright: reportCallIssue
Painted(size=1, name=1)  # E unplugged: call-arg  # E plugged: arg-type  # E pyright: reportCallIssue
Painted(size=1, day='2024-02-29')  # E unplugged: call-arg  # E plugged: arg-type  # E pyright: reportCallIssue
Painted(size=1, shade='RED')  # E unplugged: call-arg  # E plugged: arg-type  # E pyright: reportCallIssue
Painted(sizes=1, size=1)  # E mypy: call-arg  # E pyright: reportCallIssue
Painted(rerun='yes', size=1)  # E unplugged: arg-type call-arg  # E plugged: arg-type  # E pyright: reportCallIssue
Painted()  # E disallowing: call-arg
Framed(size=1, width=2.5)  # E unplugged: call-arg  # E pyright: reportCallIssue
Framed(size=1, width='wide')  # E unplugged: call-arg  # E plugged: arg-type  # E pyright: reportCallIssue


def made_inside() -> None:
    class Local(Painted):
        depth = luigi.IntParameter()  # E pyright: reportGeneralTypeIssues

    Local(size=1, depth=1)  # E unplugged: call-arg  # E pyright: reportCallIssue
    Local(size=1, depth='deep')  # E unplugged: call-arg  # E plugged: arg-type  # E pyright: reportCallIssue
