"""`SlackAPI` posts a comment and a file to one channel, named or by id."""

from __future__ import annotations

import pytest
from support.fake_slack import TOKEN, Channel

from gokart.slack import SlackAPI


def send(channel, to_user='', comment='comment', title='event.txt', content='content'):
    SlackAPI(TOKEN, channel, to_user).send_snippet(comment=comment, title=title, content=content)


def test_comment_is_posted_and_content_uploaded_below_it(fake_slack):
    send('general')
    (post,), (file,) = fake_slack.posts, fake_slack.files
    assert (post['channel'], post['text']) == ('C001', 'comment')
    assert (file.channel, file.title, file.data, file.comment) == ('C001', 'event.txt', b'content', None)
    assert file.thread == '1700000000.000001'


def test_upload_takes_the_three_steps(fake_slack):
    send('C001')
    assert fake_slack.calls == [
        'chat.postMessage',
        'files.getUploadURLExternal',
        'upload',
        'files.completeUploadExternal',
    ]


def test_content_is_a_text_snippet(fake_slack):
    send('general')
    assert fake_slack.files[0].snippet_type == 'text'


@pytest.mark.parametrize('channel', ['reports', '#reports', ' reports ', 'C003'])
def test_channel_is_named_or_given_by_id(fake_slack, channel):
    send(channel)
    assert fake_slack.posts[0]['channel'] == 'C003'


def test_private_channel_is_found(fake_slack):
    send('secret')
    assert fake_slack.files[0].channel == 'G004'


def test_channel_on_a_later_page_is_found(fake_slack):
    fake_slack.channels += [Channel(f'C{number}', f'name-{number}') for number in range(100, 120)]
    send('name-119')
    assert fake_slack.posts[0]['channel'] == 'C119'
    assert fake_slack.calls.count('conversations.list') == 12


def test_pages_after_the_one_that_names_the_channel_are_not_asked_for(fake_slack):
    SlackAPI(TOKEN, 'general', '')
    assert fake_slack.calls == ['conversations.list']


def test_channel_that_is_given_by_id_is_not_looked_up(fake_slack):
    SlackAPI(TOKEN, 'C001', '')
    assert fake_slack.calls == []


@pytest.mark.parametrize('to_user', ['U42', '@U42', '<@U42>'])
def test_user_is_mentioned(fake_slack, to_user):
    send('general', to_user)
    assert fake_slack.posts[0]['text'] == '<@U42> comment'


@pytest.mark.parametrize('to_user', ['', None])
def test_nobody_is_mentioned_without_a_user(fake_slack, to_user):
    send('general', to_user)
    assert fake_slack.posts[0]['text'] == 'comment'


@pytest.mark.parametrize('content', ['', None])
def test_without_content_there_is_no_file(fake_slack, content):
    """Slack refuses empty files."""
    send('general', content=content)
    assert fake_slack.calls == ['conversations.list', 'chat.postMessage']


def test_without_comment_there_is_only_the_file(fake_slack):
    send('general', comment='')
    assert fake_slack.posts == []
    assert (fake_slack.files[0].channel, fake_slack.files[0].thread) == ('C001', None)


@pytest.mark.parametrize('content', ['ünïcode ✓\n' * 1000, 'x' * 3_000_000], ids=['unicode', 'large'])
def test_any_content_arrives_as_it_is(fake_slack, content):
    send('general', content=content)
    assert fake_slack.files[0].data == content.encode()


def test_what_is_no_unicode_arrives_escaped(fake_slack):
    """Names of files that are not in UTF-8 have such characters."""
    send('general', comment='to \udcff', content='from \udcff')
    assert fake_slack.posts[0]['text'] == r'to \udcff'
    assert fake_slack.files[0].data == rb'from \udcff'


def test_file_without_title_has_a_name(fake_slack):
    send('general', title='')
    assert fake_slack.files[0].title == 'snippet.txt'


# Scopes of the token


def test_scope_for_posting_is_not_needed_where_there_is_a_file(fake_slack):
    """The tokens of earlier versions had the scope for files only."""
    fake_slack.scopes -= {'chat:write', 'groups:read'}
    send('general', 'U42')
    assert (fake_slack.files[0].comment, fake_slack.files[0].data) == ('<@U42> comment', b'content')


@pytest.mark.parametrize('missing', [{'groups:read'}, {'channels:read', 'groups:read'}])
@pytest.mark.parametrize('channel', ['general', '#general'])
def test_scopes_for_listing_channels_are_not_needed(fake_slack, missing, channel):
    fake_slack.scopes -= missing
    send(channel)
    assert fake_slack.files[0].channel == 'C001'


def test_summary_is_posted_although_the_file_is_refused(fake_slack, caplog):
    fake_slack.scopes -= {'files:write'}
    send('general')
    assert fake_slack.posts[0]['text'] == 'comment'
    assert 'The token needs the scope files:write.' in caplog.messages[0]
