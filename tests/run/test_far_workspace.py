"""Builds in a workspace behind a network ask for little, and what they find out is true at that moment."""

from __future__ import annotations

import threading

import luigi
import pytest

import gokart
from gokart.errors import GokartBuildError, MissingOutputError, UnreachableStorageError
from gokart.storage.registry import storage_for
from gokart.target import make_target

ran: list[str] = []


class Leaf(gokart.TaskOnKart):
    number = luigi.IntParameter(default=1)

    def run(self):
        ran.append(f'Leaf {self.number}')
        self.dump(self.number)


class Root(gokart.TaskOnKart):
    count = luigi.IntParameter(default=1000)

    def requires(self):
        return [Leaf(number=number) for number in range(self.count)]

    def run(self):
        ran.append('Root')
        self.dump(sum(self.load()))


class Wrapper(luigi.WrapperTask):
    count = luigi.IntParameter(default=1000)

    def requires(self):
        return [Leaf(number=number) for number in range(self.count)]


class Output(luigi.Target):
    """An output of the user's own kind."""

    def exists(self):
        return storage_for('far://bucket/own').exists('far://bucket/own')


class Writing(gokart.TaskOnKart):
    """Writes its output in one of several ways."""

    how = luigi.Parameter()

    def output(self):
        return [self.make_target('first.pkl'), self.make_target('second.pkl')]

    def run(self):
        first, second = self.output()
        self.dump('first', first)
        getattr(self, self.how)(second)

    def here(self, target):
        self.dump('second', target)

    def in_a_thread(self, target):
        thread = threading.Thread(target=self.dump, args=('second', target))
        thread.start()
        thread.join()

    def behind_our_back(self, target):
        far_storage().appear(target.path())

    def and_removes_it(self, target):
        self.dump('second', target)
        target.remove()

    def and_removes_it_from_the_storage(self, target):
        self.dump('second', target)
        storage_for(target.path()).remove_many([target.path()])

    def and_discards_it(self, target):
        stream = storage_for(target.path()).open_write(target.path())
        stream.write(b'content')
        stream.discard()

    def not_at_all(self, target):
        pass


class Destroying(gokart.TaskOnKart):
    """Removes what another task needs too."""

    times = luigi.IntParameter(default=1)

    def requires(self):
        return Leaf()

    def run(self):
        ran.append('Destroying')
        if ran.count('Destroying') <= self.times:
            far_storage().vanish(Leaf().output().path())
        self.dump('x')


class Needing(gokart.TaskOnKart):
    def requires(self):
        return {'leaf': Leaf(), 'other': Destroying()}

    def run(self):
        ran.append('Needing')
        self.dump(self.load('leaf'))


class Looking(gokart.TaskOnKart):
    """Looks at what it removes behind our back."""

    def requires(self):
        return Leaf()

    def run(self):
        target = self.input()
        seen = [target.exists()]
        far_storage().vanish(target.path())
        self.dump([*seen, target.exists(), Leaf().complete()])


class Yielding(gokart.TaskOnKart):
    def run(self):
        leaves = [Leaf(number=number) for number in range(50)]
        yield leaves
        self.dump(len([leaf for leaf in leaves if leaf.output().exists()]))


class Outside(luigi.ExternalTask):
    number = luigi.IntParameter()

    def output(self):
        return make_target(f'far://bucket/{self.number}.pkl')


def far_storage():
    return storage_for('far://bucket')


@pytest.fixture(autouse=True)
def _nothing_ran(far):
    ran.clear()


@pytest.fixture
def thousand(far):
    """A thousand finished tasks."""
    for number in range(1000):
        far.appear(Leaf(number=number).output().path())
    far.requests.clear()


@pytest.mark.usefixtures('thousand')
class TestAThousandFinishedTasks:
    @pytest.mark.parametrize('options', [{}, {'parallel_scheduling': True}])
    @pytest.mark.parametrize('root', [Root, Wrapper])
    def test_are_looked_at_by_three_requests(self, root, options, far):
        assert luigi.build(
            [root()], local_scheduler=True, worker_scheduler_factory=Stopping(), log_level='ERROR', **options
        )
        assert set(far.kinds()) == {'list'}
        assert len(far.requests) <= 3

    def test_are_looked_at_by_three_requests_when_one_is_missing(self, far):
        far.vanish(Leaf(number=500).output().path())
        gokart.build(Wrapper(), return_value=False)
        looks = [path for kind, path in far.requests if kind != 'put']
        assert len(looks) <= 3 + 1  # and one before the body
        assert ran == ['Leaf 500']

    def test_of_others_are_looked_at_by_three_requests(self, far):
        class Others(gokart.TaskOnKart):
            def requires(self):
                return [Outside(number=number) for number in range(1000)]

            def run(self):
                self.dump('x')

        for number in range(1000):
            far.appear(f'far://bucket/{number}.pkl')
        gokart.build(Others(), return_value=False)
        assert len([kind for kind, _ in far.requests if kind != 'put']) <= 4


class Stopping(gokart.WorkerSchedulerFactory):
    """Makes workers that run nothing."""

    def create_worker(self, scheduler, worker_processes, assistant=False):
        worker = super().create_worker(scheduler, worker_processes, assistant)
        worker.run = lambda: True
        return worker


class TestOutputs:
    @pytest.mark.parametrize('how', ['here', 'in_a_thread'])
    def test_that_this_process_wrote_need_no_look(self, how, far):
        gokart.build(Writing(how=how), return_value=False)
        last_dump = max(number for number, (kind, path) in enumerate(far.requests) if 'second' in path)
        assert {kind for kind, _ in far.requests[last_dump:]} == {'put'}

    def test_that_something_else_wrote_are_looked_for(self, far):
        gokart.build(Writing(how='behind_our_back'), return_value=False)
        assert Writing(how='behind_our_back').complete()

    @pytest.mark.parametrize(
        'how', ['and_removes_it', 'and_removes_it_from_the_storage', 'and_discards_it', 'not_at_all']
    )
    def test_that_are_not_there_are_missed(self, how):
        with pytest.raises(GokartBuildError) as caught:
            gokart.build(Writing(how=how))
        assert isinstance(caught.value.__cause__, MissingOutputError)
        assert 'second' in str(caught.value)
        assert 'first' not in str(caught.value.__cause__)

    def test_of_the_users_own_kind_are_asked(self, far):
        class Own(gokart.TaskOnKart):
            def output(self):
                return Output()

            def run(self):
                far.appear('far://bucket/own')

        gokart.build(Own(), return_value=False)
        assert far.paths('exists') == ['far://bucket/own'] * 3


class TestRequirements:
    def test_that_vanished_since_they_succeeded_run_again(self):
        assert gokart.build(Needing()) == 1
        assert ran == ['Leaf 1', 'Destroying', 'Leaf 1', 'Needing']

    def test_that_are_there_take_no_request_of_their_own(self, far):
        gokart.build(Root(count=5), return_value=False)
        assert far.paths('exists') == []
        assert '6 paths' in far.paths('list')

    def test_that_a_body_yields_are_asked_for_together(self, far):
        assert gokart.build(Yielding()) == 50
        before_bodies = far.paths('list')
        assert '50 paths' in before_bodies
        assert len(before_bodies) < 50 + 10


class TestBodies:
    def test_see_what_is_true(self):
        assert gokart.build(Looking()) == [True, False, False]

    def test_are_skipped_if_another_machine_was_quicker(self, far, caplog):
        class Waiting(gokart.TaskOnKart):
            def run(self):
                far.appear(Leaf(number=7).output().path(), b'')
                self.dump('x')

        class Both(gokart.TaskOnKart):
            def requires(self):
                return [Waiting(), Leaf(number=7)]

            def run(self):
                self.dump('x')

        Waiting.priority = 10
        Leaf.priority = 1
        try:
            with caplog.at_level('WARNING', 'gokart'):
                gokart.build(Both(), log_level=30)
        finally:
            del Leaf.priority
        assert ran == []
        assert 'already completed' in caplog.text


class TestForcedRuns:
    def test_look_at_their_outputs_side_by_side(self, far):
        class Forced(gokart.TaskOnKart):
            rerun = True

            def output(self):
                return [self.make_target(f'{number}.pkl') for number in range(40)]

            def run(self):
                for target in self.output():
                    self.dump('x', target)

        for target in Forced().output():
            far.appear(target.path())
        far.seconds = 0.02
        assert gokart.build(Forced()) == ['x'] * 40
        assert far.most_at_once['stat'] > 1
        assert len(far.paths('stat')) <= 3 * 40


class TestAStorageThatFails:
    def test_is_asked_once_for_a_thousand_tasks(self, far):
        far.failure = UnreachableStorageError('nobody answers')
        with pytest.raises(GokartBuildError, match='nobody answers'):
            gokart.build(Wrapper(), return_value=False)
        assert len(far.requests) <= 3
