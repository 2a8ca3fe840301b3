"""What tasks take from tasks, load and dump, and what a build returns."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Generic, TypeVar

import luigi
from typing_extensions import assert_type

import gokart
from gokart.target import TargetOnKart

S = TypeVar('S')


class Words(gokart.TaskOnKart[list[str]]):
    text: luigi.Parameter[str] = luigi.Parameter(default='')

    def run(self) -> None:
        self.dump(self.text.split())
        self.dump(self.text)  # E mypy: call-overload  # E pyright: reportArgumentType
        self.dump(1, 'count')
        self.dump(1, self.make_target('count.pkl'))
        self.dump(1, target=2)  # E mypy: call-overload  # E pyright: reportArgumentType reportCallIssue


class Count(gokart.TaskOnKart[int]):
    words: gokart.TaskInstanceParameter[gokart.TaskOnKart[list[str]]] = gokart.TaskInstanceParameter()
    more: gokart.ListTaskInstanceParameter[Words] = gokart.ListTaskInstanceParameter(default=[])

    def run(self) -> None:
        assert_type(self.words, gokart.TaskOnKart[list[str]])
        assert_type(self.load(self.words), list[str])
        assert_type(self.load(self.more), list[list[str]])
        assert_type(self.load_generator(self.more), Generator[list[str], None, None])
        assert_type(self.load('words'), Any)
        self.load(1)  # E mypy: call-overload  # E pyright: reportArgumentType reportCallIssue
        self.dump(len(self.load(self.words)))
        self.dump(self.load(self.words))  # E mypy: call-overload  # E pyright: reportArgumentType


class Untyped(gokart.TaskOnKart):
    def run(self) -> None:
        self.dump(1)
        self.dump('one')


Count(words=Words())
Count(words=Words(), more=[Words(text='a'), Words(text='b')])
Count(words=Untyped())
Count(words=Count(words=Words()))  # E mypy: arg-type  # E pyright: reportArgumentType
Count(words=Words)  # E mypy: arg-type  # E pyright: reportArgumentType
Count(words=Words(), more=[Untyped()])  # E mypy: list-item  # E pyright: reportArgumentType
Count(words=Words(), more=Words())  # E mypy: arg-type  # E pyright: reportArgumentType


class Requiring(gokart.TaskOnKart[int]):
    def requires(self) -> dict[str, gokart.TaskOnKart[Any]]:
        return {'words': Words(), 'count': Count(words=Words())}

    def output(self) -> list[TargetOnKart]:
        return [self.make_target('first.pkl'), self.make_model_target('second.zip', print, print)]


class One(gokart.TaskOnKart[int]):
    def requires(self) -> Words:
        return Words()

    def run(self) -> Generator[Words, None, None]:
        yield Words()


class Several(gokart.TaskOnKart[int]):
    def requires(self) -> int:  # E mypy: override  # E pyright: reportIncompatibleMethodOverride
        return 1


class Typed(gokart.TaskOnKart[S], Generic[S]):
    def stored(self) -> S:
        return gokart.build(self)


class Numbers(Typed[int]):
    def run(self) -> None:
        assert_type(self.stored(), int)
        self.dump('one')  # E mypy: call-overload  # E pyright: reportArgumentType


assert_type(gokart.build(Words()), list[str])
assert_type(gokart.build(Words(), log_level=20, workers=2, params={'Words': {'text': 'a b'}}), list[str])
assert_type(gokart.build(Words(), return_value=False), None)
assert_type(gokart.build(Numbers()), int)
assert_type(Words().clone(), Words)
assert_type(Words().clone(Numbers, rerun=True), Numbers)
gokart.build(Words)  # E mypy: call-overload  # E pyright: reportArgumentType reportCallIssue
gokart.build(Words(), log_level='INFO')  # E mypy: call-overload  # E pyright: reportArgumentType reportCallIssue
gokart.run(['Words', '--local-scheduler'])
