"""Schema files (建表语句), one per database, and how a migration runs them."""

import sqlite3
from typing import Any


def run_script(connection: Any, sql: str) -> None:
    """Run a file of statements on a Django connection, inside the migration's transaction.

    SQLite's ``executescript`` would commit first, so its statements are split and run one by one.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute(sql)
            return
        statement = ""
        for line in sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                cursor.execute(statement)
                statement = ""
