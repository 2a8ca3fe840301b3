"""The fixture `gokart_workspace` of the plugin for pytest."""

from __future__ import annotations

from pathlib import Path

import gokart

pytest_plugins = ['pytester']


def test_outputs_go_to_the_workspace(gokart_workspace):
    class Here(gokart.TaskOnKart):
        def run(self):
            self.dump(1)

    gokart.build(Here())
    assert Path(Here().output().path()).is_relative_to(gokart_workspace)
    assert [path.name for path in Path().iterdir()] == ['workspace']


def test_nothing_is_left_behind(pytester):
    """One test after the other: configuration, classes, instances and objects in memory are those of before."""
    pytester.makeconftest('')
    pytester.makefile('.cfg', luigi='[Project]\nname = real\n')
    pytester.makepyfile(
        """
        import gokart, luigi
        from luigi.task_register import Register
        from gokart.in_memory import InMemoryCacheRepository

        before = list(Register._reg)

        def test_first(gokart_workspace):
            config = luigi.configuration.get_config()
            assert config.get('Project', 'name', None) is None
            config.set('Made', 'up', '1')
            class Made(gokart.TaskOnKart):
                pass
            Made()
            InMemoryCacheRepository().set_value('key', 1)

        def test_second(gokart_workspace):
            assert luigi.configuration.get_config().get('Made', 'up', None) is None
            assert 'Made' not in [cls.__name__ for cls in Register._reg]
            assert InMemoryCacheRepository().empty()
            assert list(gokart_workspace.iterdir()) == []

        def test_without():
            assert luigi.configuration.get_config().get('Project', 'name') == 'real'
            assert gokart.TaskOnKart().workspace_directory == './resources/'
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)
