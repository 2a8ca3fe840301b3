"""The report of a run of the command line: who sends it, and what it says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import luigi
from luigi.cmdline_parser import CmdlineParser

from gokart.errors import MissingVariableError
from gokart.plan.views import make_task_info_as_tree_str
from gokart.running.scheduling_worker import SchedulingWorker
from gokart.slack.event_aggregator import EventAggregator
from gokart.slack.failures import in_one_line
from gokart.slack.slack_api import SlackAPI
from gokart.slack.slack_config import slack_config

logger = logging.getLogger(__name__)


def configured_slack_api(cmdline_args: Sequence[str]) -> SlackAPI | None:
    """Return what sends reports as ``[SlackConfig]`` says; None if it names no channel or token, or is wrong."""
    try:
        with CmdlineParser.global_instance(cmdline_args, allow_override=True):
            config = slack_config()
        token = config.find_token()
        if not config.channel:
            return None
        if not token:
            logger.info('Slack is not told: the environment variable %s is not set.', config.token_name)
            return None
        return SlackAPI(token, config.channel, config.to_user)
    except MissingVariableError as error:  # a machine without the token, such as that of a developer
        logger.info('Slack is not told: %s', error)
    except Exception as error:
        _tell('The job will start without slack notification', error)
    return None


def events_of(worker: SchedulingWorker | None) -> EventAggregator:
    """Return what became of the tasks of `worker`, which has ended its work; None had none."""
    events = EventAggregator()
    if worker is not None:
        try:
            events.record(worker)
        except Exception as error:
            _tell('The report for Slack is not complete', error)
    return events


def send_event_summary(
    slack_api: SlackAPI | None,
    event_aggregator: EventAggregator,
    cmdline_args: Sequence[str],
    draw_tree: Callable[..., str] = make_task_info_as_tree_str,
) -> None:
    """Send the summary and the list of events of a run; whatever goes wrong is logged, nothing is raised.

    Args:
        slack_api: what sends it; None sends nothing.
        event_aggregator: what became of the tasks.
        cmdline_args: the command line of the run; it names the task.
        draw_tree: draws the tree of a task; called with the task and ``details=True``.
    """
    if slack_api is None:
        return
    try:
        with CmdlineParser.global_instance(cmdline_args, allow_override=True) as parser:
            task = parser.get_task_obj()
            tree = _tree(task, draw_tree)
        slack_api.send_snippet(
            comment=f'Report of {type(task).__name__}\n{event_aggregator.get_summary()}',
            title='event.txt',
            content=f'===== Event List ====\n{event_aggregator.get_event_list()}\n\n\n==== Tree Info ====\n{tree}',
        )
    except Exception as error:
        _tell('Failed to send slack notification', error)


def _tree(task: luigi.Task, draw_tree: Callable[..., str]) -> str:
    if not slack_config().send_tree_info:
        return 'Please add SlackConfig.send_tree_info to include tree-info'
    try:
        return draw_tree(task, details=True)
    except Exception as error:  # the events are worth sending without it
        return f'The tree cannot be drawn: {type(error).__name__}: {error}'


def _tell(consequence: str, error: Exception) -> None:
    logger.warning('%s: %s', consequence, in_one_line(str(error) or type(error).__name__))
