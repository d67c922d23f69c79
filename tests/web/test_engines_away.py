"""What is answered while an engine is down or comes up: 503 with a time to come back, never "something went wrong"."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from app.web.problems import _unreachable


def made_of(cause: Exception) -> Exception:
    """As SQLAlchemy hands a driver's error on."""
    error = DBAPIError("SELECT 1", None, cause)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "Connection refused"),
        TimeoutError(),
        made_of(asyncpg.CannotConnectNowError("the database system is starting up")),
        made_of(asyncpg.AdminShutdownError("terminating connection")),
        made_of(asyncpg.CrashShutdownError("terminating connection")),
        made_of(asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")),
        made_of(asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")),
    ],
)
def test_an_engine_that_is_away_is_said_to_be(error: Exception) -> None:
    assert _unreachable(error)


@pytest.mark.parametrize(
    "error",
    [
        made_of(asyncpg.UniqueViolationError("duplicate key")),
        made_of(asyncpg.DeadlockDetectedError("deadlock")),
        ValueError("no"),
    ],
)
def test_other_errors_are_ours(error: Exception) -> None:
    assert not _unreachable(error)
