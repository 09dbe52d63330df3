"""The shared cache, which is a convenience: while Redis is away it forgets, and nobody is refused for it."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisDown
from redis.exceptions import TimeoutError as RedisSlow

logger = logging.getLogger(__name__)
_AWAY = (RedisDown, RedisSlow, OSError)


class ForgetfulRedisCache(RedisCache):
    """Counts of requests and of sign-ins are kept here; the limits that matter are kept in the database."""

    def _tried(self, method: str, *args: Any, instead: Any = None, **kwargs: Any) -> Any:
        try:
            return getattr(super(), method)(*args, **kwargs)
        except _AWAY as error:
            logger.warning("The cache does not answer (%s); it is done without.", error)
            return instead

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tried("add", *args, instead=True, **kwargs))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tried("get", key, default, version, instead=default)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._tried("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tried("touch", *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tried("delete", *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return dict(self._tried("get_many", *args, instead={}, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return list(self._tried("set_many", *args, instead=[], **kwargs))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._tried("has_key", *args, **kwargs))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._tried("incr", key, delta, version, instead=delta))
