"""Refold (重算): ``stated`` made again from stored items instead of from a file, to rebuild every projection."""

import duckdb
import ibis

from chengxin.catalogue.model import Catalogue, Item
from chengxin.disclosure import publication
from chengxin.engine.connect import sql
from chengxin.engine.content import quoted
from chengxin.engine.plan import PROJECTED
from chengxin.subjects import names


def refold_sql(item: Item, catalogue: Catalogue) -> str:
    """SQL that makes ``stated`` of one item from ``items`` (``seq, content, source``) and ``base`` (``id``: subjects
    there were before)."""
    fields = [field.id for field in item.stored_fields]
    schema = {"seq": "int64", "content": "string", "source": "string", **dict.fromkeys(fields, "string")}
    schema["approximate"] = "string"
    source = ibis.table(schema, name="parsed")
    projected = sql(publication.project(source, item, catalogue))
    paths = ", ".join(f"'$.fields.{field}'" for field in fields)
    columns = ", ".join(f"found[{number}] AS {quoted(field)}" for number, field in enumerate(fields, 1))
    name, code, decided = item.role("name"), item.role("code"), item.role("decided_on")
    named = ibis.table({"name": "string", "seq": "int64"}, name="named")
    norms = sql(named.select("seq", norm=names.normalise_bulk(named.name)))
    authority = item.role("authority_code")
    return f"""
        WITH parsed AS (
            SELECT seq, content, source, {columns}, json_extract_string(content, '$.approximate') AS approximate
            FROM (SELECT *, json_extract_string(content, [{paths}]) AS found FROM items
                  WHERE json_extract_string(content, '$.kind') = '{item.id}')
        ), projected AS ({projected}),
        named AS (SELECT seq, {quoted(name) if name else "NULL::VARCHAR"} AS name FROM parsed),
        norms AS ({norms})
        SELECT p.seq, p.seq AS row, unhex(json_extract_string(content, '$.record')) AS id,
               json_extract_string(content, '$.subject') AS subject,
               CASE WHEN json_extract_string(content, '$.linked') = 'coded' THEN 'coded'
                    WHEN b.id IS NULL THEN 'introduced' ELSE 'code' END AS how,
               {f"p.{quoted(name)}" if name else "NULL"} AS name, n.norm,
               {f"p.{quoted(code)}" if code else "NULL::VARCHAR"} AS code,
               coalesce({f"p.{quoted(authority)}" if authority else "NULL"}, '') AS authority,
               {f"try_cast(p.{quoted(decided)} AS DATE)" if decided else "NULL::DATE"} AS decided_on,
               {", ".join(f"p.{column}" for column in PROJECTED)}, p.source
        FROM projected p JOIN norms n USING (seq)
        LEFT JOIN base b ON b.id = json_extract_string(content, '$.subject')"""


def prepare(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    """Make ``stated``; returns how many statements there are."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE stated AS {statement}")
    con.execute("CREATE OR REPLACE TEMP VIEW contents AS SELECT seq, content FROM items")
    ((count,),) = con.execute("SELECT count(*) FROM stated").fetchall()
    return int(count)
