"""The section ``[SlackConfig]``: whether, where and as whom a run reports to Slack."""

from __future__ import annotations

import os

import luigi
from luigi.parameter import ParameterVisibility

from gokart.config import explained_lookup


class SlackConfig(luigi.Config):
    """Where runs of the command line report to; without a channel or a token there is no report."""

    task_namespace = ''  # whatever luigi.namespace() says when this module is first imported

    token_name: luigi.Parameter[str] = luigi.Parameter(
        default='SLACK_TOKEN', description='Name of the environment variable that holds the token.'
    )
    channel: luigi.Parameter[str] = luigi.Parameter(
        default='', significant=False, description='Channel that is told: its name, with or without #, or its id.'
    )
    to_user: luigi.Parameter[str] = luigi.Parameter(
        default='', significant=False, description='Id of the member who is mentioned, if any.'
    )
    send_tree_info: luigi.BoolParameter = luigi.BoolParameter(
        default=False,
        significant=False,
        description='Whether the report holds the tree of tasks; drawing a great one takes its time.',
    )
    token: luigi.Parameter[str] = luigi.Parameter(
        default='',
        significant=False,
        visibility=ParameterVisibility.PRIVATE,
        description='The token itself, such as ${SLACK_TOKEN}; it wins over token_name.',
    )

    def find_token(self) -> str:
        """Return the token; an empty string if there is none."""
        token: str = self.token or os.environ.get(self.token_name, '')
        return token.strip()


def slack_config() -> SlackConfig:
    """Read the section.

    Raises:
        MissingVariableError: an option needs an environment variable that is not set.
        ConfigError: an option cannot be read; its value is not shown.
    """
    with explained_lookup(SlackConfig, ()):
        return SlackConfig()
