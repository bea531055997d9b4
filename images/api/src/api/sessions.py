"""Transactions of the API."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from student_helper.database import is_outage
from student_helper.errors import DependencyError
from student_helper.logs import logger


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[Session]:
    """A transaction that is kept if the block ends well; what was read in it stays readable.

    Raises:
        DependencyError: the database does not answer.
    """
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except sa.exc.DBAPIError as error:
        if not is_outage(error):
            raise
        logger.exception("The database did not answer as expected")
        raise DependencyError("database") from error
