"""The one place that touches Luigi's private names, so that a change of Luigi's is mended in one place."""

from __future__ import annotations

from gokart._luigi.engine import event_handlers as event_handlers
from gokart._luigi.engine import first_task_id as first_task_id
from gokart._luigi.engine import history as history
from gokart._luigi.engine import is_external as is_external
from gokart._luigi.engine import release_process_lock as release_process_lock
from gokart._luigi.engine import reporter_to as reporter_to
from gokart._luigi.engine import retry_policy as retry_policy
from gokart._luigi.engine import scheduled_tasks as scheduled_tasks
from gokart._luigi.engine import scheduler_of as scheduler_of
from gokart._luigi.engine import tasks_handed_out as tasks_handed_out
from gokart._luigi.engine import tasks_run_elsewhere as tasks_run_elsewhere
from gokart._luigi.settings import all_options as all_options
from gokart._luigi.settings import command_line_names as command_line_names
from gokart._luigi.settings import command_line_text as command_line_text
from gokart._luigi.settings import config_path as config_path
from gokart._luigi.settings import configured_options as configured_options
from gokart._luigi.settings import has_section as has_section
from gokart._luigi.settings import has_unknown_option as has_unknown_option
from gokart._luigi.settings import isolated as isolated
from gokart._luigi.settings import logging_is_configured as logging_is_configured
from gokart._luigi.settings import logging_is_left_to_user as logging_is_left_to_user
from gokart._luigi.settings import own_options as own_options
from gokart._luigi.settings import remember_config_path as remember_config_path
from gokart._luigi.settings import set_logging_configured as set_logging_configured
from gokart._luigi.settings import use_command_line as use_command_line
from gokart._luigi.settings import use_configuration as use_configuration
from gokart._luigi.settings import workers_are_configured as workers_are_configured
from gokart._luigi.tasks import KEPT_REQUIREMENTS as KEPT_REQUIREMENTS
from gokart._luigi.tasks import NO_VALUE as NO_VALUE
from gokart._luigi.tasks import NoValue as NoValue
from gokart._luigi.tasks import ParameterKwargs as ParameterKwargs
from gokart._luigi.tasks import attribute_name as attribute_name
from gokart._luigi.tasks import constant_default as constant_default
from gokart._luigi.tasks import declaration_order as declaration_order
from gokart._luigi.tasks import forget_earlier_definitions as forget_earlier_definitions
from gokart._luigi.tasks import has_moving_default as has_moving_default
from gokart._luigi.tasks import instance_cache as instance_cache
from gokart._luigi.tasks import is_batchable as is_batchable
from gokart._luigi.tasks import portable_state as portable_state
from gokart._luigi.tasks import restore_state as restore_state
from gokart._luigi.tasks import set_default as set_default
from gokart._luigi.tasks import task_classes as task_classes
from gokart._luigi.tasks import valued_option as valued_option
