//! Sessions of staff for `tower_sessions`: kept under the hash of their id, so that a copy of the database lets nobody in.

use super::database::Database;
use super::row::Row;
use super::statement::Statement;
use crate::pay::session_hash;
use crate::pay::store::StoreError;
use async_trait::async_trait;
use std::collections::HashMap;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

pub use crate::pay::STAFF_ID;

/// New ids that are tried when one is taken: at 128 random bits the first always fits.
const TRIES: u32 = 3;

/// The session store on our database.
#[derive(Debug, Clone)]
pub struct Sessions {
    database: Database,
}

impl Sessions {
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// A backend that does not answer may do so in a moment; what makes no sense stays so.
fn failure(e: StoreError) -> Error {
    match e {
        StoreError::Unavailable(_) => Error::Backend(e.to_string()),
        other => Error::Decode(other.to_string()),
    }
}

fn expiry_ms(record: &Record) -> i64 {
    i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// Id, person, data and expiry as the statements want them.
fn bound(sql: &'static str, record: &Record) -> Result<Statement> {
    let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
    let staff_id = record.data.get(STAFF_ID).and_then(|v| v.as_str());
    Ok(Statement::new(sql).bind(session_hash(&record.id.to_string())).bind(staff_id).bind(data).bind(expiry_ms(record)))
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        const INSERT: &str = "insert into sessions (id_hash, staff_id, data, expires_at) values ($1, $2, $3, $4)";
        for _ in 0..TRIES {
            match self.database.write(vec![bound(INSERT, record)?.into()]).await {
                Err(StoreError::Taken(_)) => record.id = Id::default(),
                other => return other.map(drop).map_err(failure),
            }
        }
        Err(Error::Backend("no free session id was found".to_owned()))
    }

    /// A session that was ended stays ended: a request that still holds it must not bring it back.
    async fn save(&self, record: &Record) -> Result<()> {
        const UPDATE: &str = "update sessions set staff_id = $2, data = $3, expires_at = $4 where id_hash = $1";
        self.database.write(vec![bound(UPDATE, record)?.into()]).await.map(drop).map_err(failure)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let query = Statement::new("select id_hash, data, expires_at from sessions where id_hash = $1 and expires_at > $2")
            .bind(session_hash(&id.to_string()))
            .bind(self.database.world().now_ms());
        let Some(row) = self.database.row(query).await.map_err(failure)? else { return Ok(None) };
        let mut r = Row::of("sessions", &row);
        let decode = |e: StoreError| Error::Decode(e.to_string());
        r.text().map_err(decode)?;
        let data: HashMap<String, serde_json::Value> = r.json().map_err(decode)?;
        let expires_at = r.int().map_err(decode)?;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires_at) * 1_000_000)
            .map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let delete = Statement::new("delete from sessions where id_hash = $1").bind(session_hash(&id.to_string()));
        self.database.write(vec![delete.into()]).await.map(drop).map_err(failure)
    }
}
