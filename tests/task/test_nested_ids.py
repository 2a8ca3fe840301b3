"""Ids of tasks with nested task parameters are those of gokart 1.12.2, which computed the ids below."""

from __future__ import annotations

import luigi
import pytest

import gokart


class L(gokart.TaskOnKart):
    n = luigi.IntParameter()


class C(gokart.TaskOnKart):
    a = gokart.TaskInstanceParameter()
    n = luigi.IntParameter(default=0)


class D(gokart.TaskOnKart):
    a = gokart.TaskInstanceParameter()
    b = gokart.TaskInstanceParameter()
    n = luigi.IntParameter(default=0)


def chain(depth: int) -> gokart.TaskOnKart:
    task: gokart.TaskOnKart = L(n=1)
    for number in range(depth):
        task = C(a=task, n=number)
    return task


def diamond(depth: int) -> gokart.TaskOnKart:
    task: gokart.TaskOnKart = L(n=1)
    for number in range(depth):
        task = D(a=task, b=task, n=number)
    return task


def ladder(depth: int) -> gokart.TaskOnKart:
    one: gokart.TaskOnKart = L(n=1)
    other: gokart.TaskOnKart = L(n=2)
    for number in range(depth):
        one, other = D(a=one, b=other, n=2 * number), D(a=one, b=other, n=2 * number + 1)
    return one


@pytest.mark.parametrize(
    ('task', 'unique_id'),
    [
        (lambda: chain(10), 'd215a8c16e63a7842c0937a4f8400903'),
        (lambda: chain(50), '02304d375074075da10c5156279fc6cd'),
        (lambda: diamond(4), '55621ada791d5f80b54e5f8be58c73ad'),
        (lambda: diamond(14), '0062480492c859adc796313a639f7815'),
        (lambda: ladder(4), 'dff9d7943e197adef5390de4f0515be7'),
        (lambda: ladder(10), '565e31950206565a915030b0fa917e75'),
    ],
    ids=['chain of 10', 'chain of 50', 'diamond of 4', 'diamond of 14', 'ladder of 4', 'ladder of 10'],
)
def test_id_is_that_of_the_published_library(task, unique_id):
    assert task().make_unique_id() == unique_id
