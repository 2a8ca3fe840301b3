"""What tests of pipelines and of extensions of gokart use."""

from gokart.testing.check_if_run_with_empty_data_frame import test_run, try_to_run_test_for_empty_data_frame
from gokart.testing.pandas_assert import assert_frame_contents_equal
from gokart.testing.rehearsal import run_task

__all__ = ['assert_frame_contents_equal', 'run_task', 'test_run', 'try_to_run_test_for_empty_data_frame']
