"""What a run tells Slack when it has ended: how many tasks succeeded and failed, which, and the tree of tasks."""

from gokart.errors import ChannelListNotLoadedError, ChannelNotFoundError, FileNotUploadedError
from gokart.slack.event_aggregator import EventAggregator
from gokart.slack.slack_api import SlackAPI
from gokart.slack.slack_config import SlackConfig

__all__ = [
    'ChannelListNotLoadedError',
    'ChannelNotFoundError',
    'EventAggregator',
    'FileNotUploadedError',
    'SlackAPI',
    'SlackConfig',
]
