//! Several queries as one statement.

use crate::storage::fetch::arguments;
use crate::storage::row::Record;
use crate::storage::statement::{Arg, Query, renumbered};
use futures::TryStreamExt;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row, SqlSafeStr};
use std::fmt;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// The rows of each query, all as of one moment: they travel as one statement, since a transaction of several would cost as
/// many ways to the server and two more. Rows of different widths share its result as JSON objects.
pub(in crate::storage) async fn snapshot(conn: &mut AnyConnection, queries: &[Query]) -> Result<Vec<Vec<Record>>> {
    let sql = AssertSqlSafe(union(queries)).into_sql_str();
    let mut stream = conn.fetch(sqlx::query_with(sql, arguments(queries.iter().flat_map(|q| &q.args))?));
    let mut results = vec![Vec::new(); queries.len()];
    while let Some(row) = stream.try_next().await? {
        let part = usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or(usize::MAX);
        let Members(record) = serde_json::from_str(row.try_get(2)?).map_err(|e| sqlx::Error::Decode(e.into()))?;
        results.get_mut(part).ok_or(sqlx::Error::RowNotFound)?.push(record);
    }
    Ok(results)
}

/// Each row with the number of its query, its place there, and its columns.
fn union(queries: &[Query]) -> String {
    let mut out = String::new();
    let mut offset = 0;
    for (i, query) in queries.iter().enumerate() {
        out.push_str(if i > 0 { " union all " } else { "" });
        out.push_str(&format!("select cast({i} as bigint), row_number() over (), cast(row_to_json(q) as text) from ("));
        renumbered(&mut out, "$", query.sql.as_str(), offset);
        out.push_str(") as q");
        offset += query.args.len();
    }
    out + " order by 1, 2"
}

/// The members of a JSON object in their order, which is that of the columns.
struct Members(Record);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row of texts and whole numbers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<Members, A::Error> {
                let mut record = Record::new();
                while let Some((_, value)) = members.next_entry::<IgnoredAny, Arg>()? {
                    record.push(value);
                }
                Ok(Members(record))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::statement::Statement;

    #[test]
    fn a_row_in_json_keeps_the_order_and_the_exact_numbers_of_its_columns() {
        let text = r#"{"z":"汉\"\\","a":9007199254740993,"m":null,"z":""}"#;
        let Members(record) = serde_json::from_str(text).unwrap();
        assert_eq!(format!("{record:?}"), r#"[Text(Some("汉\"\\")), Int(Some(9007199254740993)), Text(None), Text(Some(""))]"#);
        assert!(serde_json::from_str::<Members>(r#"{"a":1.5}"#).is_err());
    }

    #[test]
    fn queries_are_joined_with_their_arguments() {
        let query = |sql| Query::from(Statement::new(sql).bind("x"));
        assert_eq!(
            union(&[query("select a from t where b = $1 or c = $1"), query("select 1 where $1 = ''")]),
            "select cast(0 as bigint), row_number() over (), cast(row_to_json(q) as text) from \
             (select a from t where b = $1 or c = $1) as q \
             union all select cast(1 as bigint), row_number() over (), cast(row_to_json(q) as text) from \
             (select 1 where $2 = '') as q order by 1, 2"
        );
    }
}
