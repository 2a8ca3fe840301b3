"""What every test gets: a working directory, a configuration and an instance cache of its own."""

from __future__ import annotations

import threading

import luigi
import pytest
from luigi.configuration import LuigiConfigParser
from luigi.task_register import Register

pytest_plugins = [
    'support.far_storage',
    'support.fault_proxy',
    'support.gcs_server',
    'support.object_url',
    'support.redis_server',
    'support.s3_server',
]


@pytest.fixture(autouse=True)
def _isolated(tmp_path, monkeypatch, request):
    """No test sees the files, options or task instances of another one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(LuigiConfigParser, '_instance', None)
    monkeypatch.setattr(LuigiConfigParser, '_config_paths', [])
    monkeypatch.setattr(Register, '_reg', [cls for cls in Register._reg if _is_visible(cls, request.module)])
    Register.clear_instance_cache()


@pytest.fixture
def new_threads():
    """Gives the threads that the test started and that still run; those of other tests do not count."""
    before = set(threading.enumerate())
    return lambda: [thread for thread in threading.enumerate() if thread not in before]


@pytest.fixture
def config():
    """The configuration of Luigi: ``config.set(section, option, value)``."""
    return luigi.configuration.get_config()


@pytest.fixture
def own_pid_lock(config, tmp_path):
    """Luigi refuses a command line that another process runs just now; those of a suite have one and the same."""
    config.set('core', 'lock_pid_dir', str(tmp_path / 'locks'))


def _is_visible(task_class, test_module):
    package = task_class.__module__.partition('.')[0]
    return package in ('luigi', 'gokart', 'tasks') or task_class.__module__ == test_module.__name__
