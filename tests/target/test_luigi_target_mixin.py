"""What Luigi expects of every file target, asked by Luigi's own tests.

`GOKART_LUIGI_SOURCE` names the directory of an unpacked source distribution of Luigi, which holds them.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import unittest
import unittest.mock
import uuid
from pathlib import Path
from typing import Any

import pytest

from gokart.stored_file import StoredFile

SOURCE = os.environ.get('GOKART_LUIGI_SOURCE')

pytestmark = pytest.mark.skipif(not SOURCE, reason='GOKART_LUIGI_SOURCE is not set')


def luigis_tests() -> Any:
    """Import the module that Luigi's tests of targets share."""
    directory = Path(str(SOURCE), 'test')
    spec = importlib.util.spec_from_file_location('luigis_target_test', directory / 'target_test.py')
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch, unittest.mock.patch.dict(sys.modules, {'mock': unittest.mock}):
        patch.syspath_prepend(directory)
        spec.loader.exec_module(module)
    return module


Expectations: Any = luigis_tests().FileSystemTargetTestMixin if SOURCE else object


class OfStoredFiles(Expectations):
    """Luigi's tests, of a new object each."""

    bucket: str

    def create_target(self, file_format: Any = None) -> StoredFile:
        return StoredFile(f'{self.bucket}/{uuid.uuid4()}/object', file_format)


class TestInMemory(OfStoredFiles, unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _place(self, memory_bucket):
        self.bucket = memory_bucket


class TestOnS3(OfStoredFiles, unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _place(self, s3_bucket):
        self.bucket = s3_bucket


class TestOnGCS(OfStoredFiles, unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _place(self, gcs_bucket):
        self.bucket = gcs_bucket
