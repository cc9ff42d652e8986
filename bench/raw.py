"""The floor for the API: the same answer's data read with plain SQL and written with orjson, nothing else.

A WSGI application for the same server as the API: no framework, no disclosure, no paging, one connection.
"""

import os
import sqlite3
from datetime import date
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson

_DATABASE = f"file:{os.environ.get('CHENGXIN_BENCH_DATABASE', '')}?mode=ro"
# the server imports this module in another thread than the one that answers, and there is only one that answers
_connection = sqlite3.connect(_DATABASE, uri=True, check_same_thread=False)

_SUBJECT = "SELECT id, kind, code, name, status, region, provisional FROM subject WHERE id = ?"
_NAMES = "SELECT text, kind FROM subject_name WHERE subject = ?"
_CODES = "SELECT code, scheme, state FROM subject_code WHERE subject = ?"
_RECORDS = """SELECT hex(r.id), r.item, r.severity, r.starts, r.ends, i.content FROM record_subject s
    JOIN record r ON r.seq = s.seq JOIN ledger_item i ON i.seq = r.latest
    WHERE s.subject = ? AND r.starts <= ? AND (r.ends IS NULL OR r.ends > ?) ORDER BY s.day DESC, s.seq DESC LIMIT 10"""


def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    parts = environ["PATH_INFO"].strip("/").split("/")
    code = parts[3]
    if parts[-1] == "records":
        today = date.today().isoformat()  # noqa: DTZ011 - the floor does no more than it must
        rows = _connection.execute(_RECORDS, (code, today, today)).fetchall()
        body = [(*row[:5], orjson.loads(row[5])["fields"]) for row in rows]
    else:
        body = [
            _connection.execute(_SUBJECT, (code,)).fetchone(),
            _connection.execute(_NAMES, (code,)).fetchall(),
            _connection.execute(_CODES, (code,)).fetchall(),
        ]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [orjson.dumps(body)]
