"""The client of a Redis by the name that earlier versions gave it; locks of ours have one of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import Self


class RedisClient:
    """A client of the Redis at a host and a port; the same arguments give the same object.

    Args:
        host: name or address.
        port: its port.
    """

    _instances: ClassVar[dict[Any, Any]] = {}

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Return the object of the same arguments, if there is one."""
        key = cls, args, tuple(sorted(kwargs.items()))
        if key not in cls._instances:
            cls._instances[key] = super().__new__(cls)
        instance: Self = cls._instances[key]
        return instance

    def __init__(self, host: str | None, port: int | None) -> None:
        import redis

        self._redis_client = redis.Redis(host=host, port=port)  # type: ignore[arg-type]

    def get_redis_client(self) -> Any:
        """Return the `redis.Redis`."""
        return self._redis_client
