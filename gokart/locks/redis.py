"""Locks at a Redis server: keys that expire, as redis-py's own locks make them, so that both exclude each other."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from gokart.errors import ConfigError, LockAccessError, LockServiceError, UnreachableLockServiceError
from gokart.locks.clock import now_seconds
from gokart.locks.contract import Grant, Holder
from gokart.storage.retries import Failure, RetryPolicy

T = TypeVar('T')

_TIMEOUT_SECONDS = 5.0
_RETRIES = 2
_LONGEST_WAIT_SECONDS = 0.5
_LOOKS = 3
_REFUSED = re.compile(r'(NOAUTH|NOPERM|WRONGPASS)\b', re.IGNORECASE)

# The scripts travel whole each time: they are short, and a server that was started anew knows none by their hash.
_EXTEND = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
"""
# Whoever may not publish still may unlock.
_GIVE_BACK = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.pcall('publish', ARGV[2], '')
return 1
"""


class RedisLockService:
    """Keeps locks at one Redis; the connection is made when it is first needed.

    A lock is the key of its name, with the name of the lease as value, and its end as expiry; see
    https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/ for what that promises. Who waits is woken
    through a channel. Taking and releasing a lock are one request each.

    Args:
        url: ``redis://[[user]:password@]host[:port][/database]``, or ``rediss://`` for TLS; with options of redis-py's
            connections as its query, such as ``?socket_timeout=2`` or ``?ssl_ca_certs=/path``. Each request may take 5
            seconds unless ``socket_timeout`` says otherwise.

    Raises:
        ConfigError: the URL cannot be used.
    """

    longest_pause_seconds = 1.0

    def __init__(self, url: str) -> None:
        self._options = _options(url)
        scheme = 'rediss' if 'ssl' in self._options else 'redis'
        host, port = self._options.get('host', 'localhost'), self._options.get('port', 6379)
        self.name = f'{scheme}://{f"[{host}]" if ":" in host else host}:{port}/{self._options.get("db", 0)}'
        self._made: tuple[Any, Any] = None, None
        self._retries = RetryPolicy(_classify, _RETRIES, _LONGEST_WAIT_SECONDS, _RETRIES)

    def take(self, key: str, owner: str, duration_seconds: float) -> Grant | Holder:
        """Give the lock to `owner` if it is free, or `owner`'s already; else tell who holds it."""
        milliseconds = _milliseconds(duration_seconds)
        for _ in range(_LOOKS):
            if self._ask('taken', key, lambda client: client.set(key, owner, nx=True, px=milliseconds)):
                return Grant()
            value, left = self._ask('looked at', key, partial(_look_at, key=key))
            if value == owner:  # an answer was lost
                return Grant()
            if value is not None:
                return Holder(value, left)
        return Holder()

    def extend(self, key: str, owner: str, grant: Grant, duration_seconds: float) -> Grant | None:
        """Let the lock last for `duration_seconds` from now on; None if it is not `owner`'s any more."""
        milliseconds = _milliseconds(duration_seconds)
        is_ours = self._ask('renewed', key, lambda client: client.eval(_EXTEND, 1, key, owner, milliseconds))
        return None if is_ours == 0 else grant

    def give_back(self, key: str, owner: str, grant: Grant) -> bool:
        """Free the lock; False if it is not `owner`'s any more, and then nothing happens."""
        tries = 0

        def release(client: Any) -> bool:
            nonlocal tries
            tries += 1
            # A release whose answer was lost lets its own repetition find nothing.
            return client.eval(_GIVE_BACK, 1, key, owner, _channel_of(key)) != 0 or tries > 1

        return self._ask('released', key, release)

    @contextlib.contextmanager
    def watch(self, key: str) -> Iterator[Callable[[float], None]]:
        """Give a function that sleeps for so many seconds at most, and less once the lock was given back."""
        from redis.exceptions import RedisError

        with contextlib.closing(self._client().pubsub()) as channel:

            def sleep(seconds: float) -> None:
                end = now_seconds() + seconds
                try:
                    if not channel.subscribed:
                        channel.subscribe(_channel_of(key))
                    channel.get_message(timeout=seconds)
                except (RedisError, OSError):
                    # Not allowed, or not there: the next request tells what is wrong, if anything is.
                    time.sleep(max(end - now_seconds(), 0.0))

            yield sleep

    def _ask(self, action: str, key: str, request: Callable[[Any], T]) -> T:
        try:
            return self._retries.call(lambda: request(self._client()))
        except Exception as error:
            ours = _explain(error, f'The lock {key!r} could not be {action}', self.name)
            if ours is None:
                raise
            raise ours from error

    def _client(self) -> Any:
        import redis

        client_class, client = self._made
        if client_class is not redis.Redis:  # test suites put something else in its place, for a while
            from redis.backoff import NoBackoff
            from redis.retry import Retry

            client_class = redis.Redis
            client = client_class(**{**self._options, 'retry': Retry(NoBackoff(), 0)})
            self._made = client_class, client
        return client


def url_of(host: str, port: int) -> str:
    """Return the URL of database 0 at a host without a password."""
    return f'redis://[{host}]:{port}' if ':' in host else f'redis://{host}:{port}'


def _options(url: str) -> dict[str, Any]:
    import redis
    from redis.connection import SSLConnection, parse_url

    shape = 'It must look like redis://[[user]:password@]host[:port][/database], or rediss:// for TLS.'
    try:
        if not urlsplit(url).hostname:
            raise ConfigError(f'The URL of the Redis for locks names no host. {shape}')
        found: dict[str, Any] = dict(parse_url(url))
        is_encrypted = found.pop('connection_class', None) is SSLConnection
        found = {'socket_timeout': _TIMEOUT_SECONDS, 'socket_connect_timeout': _TIMEOUT_SECONDS, **found}
        options = {**found, 'ssl': True} if is_encrypted else found
        redis.Redis(**options)  # unknown options are better known now; connects to nothing
    except (ValueError, TypeError) as error:
        if isinstance(error, ConfigError):
            raise
        # Neither the URL nor the words of the error: a password may be in them.
        raise ConfigError(f'The URL of the Redis for locks cannot be used ({type(error).__name__}). {shape}') from None
    return options


def _look_at(client: Any, key: str) -> tuple[str | None, float | None]:
    with client.pipeline(transaction=False) as pipeline:
        pipeline.get(key)
        pipeline.pttl(key)
        value, left = pipeline.execute()
    text = value.decode(errors='replace') if isinstance(value, bytes) else value
    return text, left / 1000 if left >= 0 else None


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _channel_of(key: str) -> str:
    return f'{key}:released'


def _classify(error: BaseException) -> Failure:
    from redis import exceptions

    if isinstance(error, (exceptions.AuthenticationError, exceptions.AuthorizationError)):
        return Failure.FINAL
    if isinstance(error, exceptions.TimeoutError):  # has taken long enough
        return Failure.FINAL
    return Failure.PASSING if isinstance(error, exceptions.ConnectionError) else Failure.FINAL


def _explain(error: Exception, what: str, name: str) -> LockServiceError | None:
    from redis import exceptions

    detail = ' '.join(str(error).split())[:300].rstrip('.')
    if isinstance(error, exceptions.AuthenticationError) or _REFUSED.match(detail):
        return LockAccessError(
            f'{what}: the Redis at {name} refuses it: {detail}. Correct the user and the password in the URL of the '
            'locks, or what the user may do: get, set, pexpire, pttl, del, eval, publish, subscribe.'
        )
    if isinstance(error, exceptions.TimeoutError):
        return UnreachableLockServiceError(
            f'{what}: the Redis at {name} does not answer in time. Check the server and the network.'
        )
    if isinstance(error, exceptions.ConnectionError):
        return UnreachableLockServiceError(
            f'{what}: no connection to the Redis at {name}: {detail}. Check that it runs and can be reached from here, '
            'and the host, the port and the scheme of its URL: rediss:// if it wants TLS.'
        )
    if isinstance(error, exceptions.RedisError):
        return LockServiceError(f'{what}: the Redis at {name} answers: {detail}.')
    return None
