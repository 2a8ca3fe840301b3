"""The client of boto3, one for each process and made when it is first needed, and the one way to make requests."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from gokart._optional import import_optional
from gokart.errors import ConfigError, GokartError
from gokart.storage.per_process import PerProcess
from gokart.storage.retries import Failure, RetryPolicy, after_first_silence
from gokart.storage.s3.config import S3Config, read_config
from gokart.storage.s3.errors import Explanation
from gokart.storage.s3.failures import classify, is_answer, is_bad_header, is_silence

T = TypeVar('T')


@dataclass(frozen=True)
class _Client:
    """What one process uses."""

    boto: Any
    slots: threading.BoundedSemaphore


class Connection:
    """Makes requests to S3 with the configuration of the moment of the first one; threads share it."""

    def __init__(self) -> None:
        self._config: S3Config | None = None
        self._client = PerProcess(self._make)
        self._has_answered = False

    @property
    def config(self) -> S3Config:
        """The section of the configuration."""
        if self._config is None:
            self._config = read_config()
        return self._config

    @property
    def endpoint(self) -> str:
        """URL of the server."""
        return str(self._current().boto.meta.endpoint_url)

    @property
    def retries(self) -> RetryPolicy:
        """What is tried again."""
        return RetryPolicy(self._classify, self.config.retries)

    def call(self, action: str, path: str, request: Callable[[Any], T]) -> T:
        """Return what `request` makes of the client of boto3; it is called again when it fails in passing.

        Args:
            action: what is done to the object, such as ``written``, for messages.
            path: path of the object or directory.
            request: may raise errors of ours, too, which come through.

        Raises:
            StorageError: the request failed for good.
            FileNotFoundError: the answer is that there is no such object.
        """
        try:
            self._current()
            return self.retries.call(lambda: self.once(request))
        except (GokartError, FileNotFoundError, ImportError):
            raise
        except Exception as error:
            failure = error
        explained = self.explain(failure, action, path)
        if explained is failure or is_bad_header(failure):
            raise explained
        raise explained from failure

    def once(self, request: Callable[[Any], T]) -> T:
        """Return what `request` makes of the client of boto3, or raise what boto3 raises."""
        client = self._current()
        with client.slots:
            try:
                answer = request(client.boto)
            except Exception as error:
                self._has_answered = self._has_answered or is_answer(error)
                raise
        self._has_answered = True
        return answer

    def explain(self, error: Exception, action: str, path: str) -> Exception:
        """Return the error of ours for one of boto3; any other as it is."""
        return self.explanation(action, path).of(error)

    def explanation(self, action: str, path: str) -> Explanation:
        """Return the words for what goes wrong with `path`."""
        client = self._client.if_made()
        endpoint = client.boto.meta.endpoint_url if client else self.config.endpoint_url
        return Explanation(action, path, endpoint or 'https://s3.amazonaws.com')

    def _classify(self, error: BaseException) -> Failure:
        if not self._has_answered and is_silence(error):
            return after_first_silence(self.config.read_timeout_seconds)
        return classify(error)

    def _current(self) -> _Client:
        return self._client.get()

    def _make(self) -> _Client:
        return _Client(_make_client(self.config), threading.BoundedSemaphore(self.config.pool_size))


def _make_client(config: S3Config) -> Any:
    boto3 = import_optional('boto3', extra='s3', purpose='A path that begins with s3://')
    from botocore import session as sessions
    from botocore.config import Config

    key = config.access_key()
    session = sessions.Session()
    session.register_component('data_loader', _descriptions())
    try:
        client = boto3.session.Session(botocore_session=session).client(
            's3',
            region_name=config.region,
            endpoint_url=config.endpoint_url,
            aws_access_key_id=key.key_id if key else None,
            aws_secret_access_key=key.secret if key else None,
            config=Config(
                connect_timeout=config.connect_timeout_seconds,
                read_timeout=config.read_timeout_seconds,
                max_pool_connections=2 * config.pool_size,  # objects being read hold some, too
                retries={'total_max_attempts': 1, 'mode': 'standard'},
                tcp_keepalive=True,
                user_agent_extra='gokart',
            ),
        )
    except ValueError as error:
        raise ConfigError(
            f'The client for S3 cannot be made: {error}. Correct endpoint_url (it begins with http:// or https://) and '
            'region in [S3Config], or AWS_ENDPOINT_URL and AWS_DEFAULT_REGION.'
        ) from error
    client.meta.events.register('before-call.s3', _send_at_once)
    return client


@functools.cache
def _descriptions() -> Any:
    """Return the loader of what botocore knows of services, which takes ten times as long as all else of a client."""
    from botocore import loaders, session

    return loaders.create_loader(session.Session().get_config_variable('data_path'))


def _send_at_once(params: dict[str, Any], **kwargs: Any) -> None:
    # Waiting for "100 Continue" costs a round trip, and a second where the server does not know it.
    params['headers'].pop('Expect', None)
