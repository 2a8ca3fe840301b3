"""A server like Slack's for every test that asks for one."""

from __future__ import annotations

from support.fake_slack import fake_slack

__all__ = ['fake_slack']
