"""What every test gets: a working directory, a configuration and an instance cache of its own."""

from __future__ import annotations

import luigi
import pytest
from luigi.configuration import LuigiConfigParser
from luigi.task_register import Register


@pytest.fixture(autouse=True)
def _isolated(tmp_path, monkeypatch):
    """No test sees the files, options or task instances of another one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(LuigiConfigParser, '_instance', None)
    monkeypatch.setattr(LuigiConfigParser, '_config_paths', [])
    monkeypatch.setattr(Register, '_reg', list(Register._reg))
    Register.clear_instance_cache()


@pytest.fixture
def config():
    """The configuration of Luigi: ``config.set(section, option, value)``."""
    return luigi.configuration.get_config()
