"""Every published name is where projects look for it."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import gokart

NAMES = {
    'gokart': 'build run TaskOnKart WorkerSchedulerFactory make_tree_info tree_info make_task_info_as_tree_str '
    'test_run PandasTypeConfig ExplicitBoolParameter ListTaskInstanceParameter TaskInstanceParameter '
    'SerializableParameter ZonedDateSecondParameter add_config delete_local_unnecessary_outputs',
    'gokart.build': 'build WorkerSchedulerFactory GokartBuildError HasLockedTaskException LoggerConfig TaskDumpConfig '
    'TaskDumpMode TaskDumpOutputType process_task_info _get_output _reset_register logger',
    'gokart.run': 'run _try_to_send_event_summary_to_slack',
    'gokart.task': 'TaskOnKart EmptyDumpError',
    'gokart.errors': 'GokartBuildError HasLockedTaskException TaskLockException',
    'gokart.target': 'TargetOnKart SingleFileTarget ModelTarget LargeDataFrameProcessor make_target make_model_target',
    'gokart.file_processor': 'FileProcessor DataFrameType BinaryFileProcessor PickleFileProcessor TextFileProcessor '
    'GzipFileProcessor XmlFileProcessor NpzFileProcessor CsvFileProcessor JsonFileProcessor ParquetFileProcessor '
    'FeatherFileProcessor make_file_processor',
    'gokart.file_processor.base': 'FileProcessor',
    'gokart.file_processor.pandas': 'CsvFileProcessorPandas JsonFileProcessorPandas ParquetFileProcessorPandas '
    'FeatherFileProcessorPandas',
    'gokart.file_processor.polars': 'CsvFileProcessorPolars JsonFileProcessorPolars ParquetFileProcessorPolars '
    'FeatherFileProcessorPolars',
    'gokart.parameter': 'TaskInstanceParameter ListTaskInstanceParameter ExplicitBoolParameter SerializableParameter '
    'Serializable ZonedDateSecondParameter',
    'gokart.config_params': 'inherits_config_params',
    'gokart.tree.task_info': 'make_task_info_as_tree_str make_task_info_as_table dump_task_info_table '
    'dump_task_info_tree make_task_info_tree',
    'gokart.tree.task_info_formatter': 'TaskInfo RequiredTask make_task_info_tree make_tree_info '
    'make_tree_info_table_list _make_requires_info',
    'gokart.info': 'make_tree_info tree_info',
    'gokart.in_memory': 'InMemoryTarget InMemoryCacheRepository make_in_memory_target',
    'gokart.pandas_type_config': 'PandasTypeConfig PandasTypeConfigMap PandasTypeError',
    'gokart.slack': 'SlackAPI SlackConfig EventAggregator ChannelListNotLoadedError ChannelNotFoundError '
    'FileNotUploadedError',
    'gokart.testing': 'test_run try_to_run_test_for_empty_data_frame assert_frame_contents_equal',
    'gokart.utils': 'add_config flatten map_flattenable_items FlattenableItems get_dataframe_type_from_task '
    'load_dill_with_pandas_backward_compatibility',
    'gokart.workspace_management': 'delete_local_unnecessary_outputs',
    'gokart.worker': 'Worker gokart_worker',
    'gokart.required_task_output': 'RequiredTaskOutput',
    'gokart.object_storage': 'ObjectStorage',
    'gokart.s3_config': 'S3Config',
    'gokart.gcs_config': 'GCSConfig',
    'gokart.zip_client': 'ZipClient',
    'gokart.zip_client_util': 'make_zip_client',
    'gokart.s3_zip_client': 'S3ZipClient',
    'gokart.gcs_zip_client': 'GCSZipClient',
    'gokart.conflict_prevention_lock.task_lock': 'TaskLockParams TaskLockException RedisClient make_task_lock_key '
    'make_task_lock_params make_task_lock_params_for_run',
    'gokart.conflict_prevention_lock.task_lock_wrappers': 'wrap_dump_with_lock wrap_load_with_lock '
    'wrap_remove_with_lock wrap_run_with_lock',
    'gokart.gcs_obj_metadata_client': 'GCSObjectMetadataClient',
}

ATTRIBUTES = ['target', 'info', 'testing', 'tree.task_info', 'utils', 'slack', 'parameter', 'task', 'file_processor',
              'config_params', 'in_memory', 'object_storage', 'errors', 'workspace_management',
              'conflict_prevention_lock.task_lock']  # fmt: skip


@pytest.mark.parametrize('module', NAMES)
def test_names_are_there(module):
    found = importlib.import_module(module)
    assert [name for name in NAMES[module].split() if not hasattr(found, name)] == []


def test_all_of_the_root_are_its_public_names():
    assert sorted(gokart.__all__) == sorted(NAMES['gokart'].split())


def test_modules_are_attributes_after_a_bare_import():
    expressions = ', '.join(f'gokart.{path}' for path in ATTRIBUTES)
    subprocess.run([sys.executable, '-c', f'import gokart; {expressions}'], check=True)


def test_build_and_run_stay_functions():
    """Also after their modules were imported by name."""
    code = 'import gokart, gokart.build, gokart.run as run; print(gokart.build.__name__, flush=True); run()'
    done = subprocess.run([sys.executable, '-c', code, '--help'], capture_output=True, text=True, check=False)
    assert done.stdout.startswith('build\nusage:')


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'gokart' has no attribute 'nothing'"):
        gokart.nothing  # noqa: B018 (the access is the test)
