"""Arrow's threads never hold a file of Python's: one that does so when the interpreter ends aborts the process."""

from __future__ import annotations

import io
import threading

import pandas as pd
import pytest

from gokart.file_processor import make_file_processor


class Watched(io.BytesIO):
    """Notes which threads use it."""

    def __init__(self, content=b''):
        super().__init__(content)
        self.threads = set()

    def read(self, *args):
        self.threads.add(threading.get_ident())
        return super().read(*args)

    def write(self, data):
        self.threads.add(threading.get_ident())
        return super().write(data)


@pytest.mark.parametrize('extension', ['parquet', 'feather'])
def test_only_the_callers_thread_reads_and_writes(extension):
    processor = make_file_processor(f'x.{extension}')
    frame = pd.DataFrame({f'column {number}': range(1000) for number in range(20)})
    written = Watched()
    processor.dump(frame, written)
    read = Watched(written.getvalue())
    pd.testing.assert_frame_equal(processor.load(read), frame)
    assert written.threads | read.threads == {threading.get_ident()}
