//! Whether a commit survives a power cut. SQLite's writer proves its settings whenever it connects; a PostgreSQL server
//! belongs to somebody else, so it can only be asked.

use super::connect::Dialect;
use super::database::Database;
use super::row::Row;
use super::statement::Statement;
use crate::pay::store::StoreError;

impl Database {
    /// Settings of the server under which an acknowledged payment may be lost, as sentences; none is good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn durability_faults(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = Vec::new();
        if self.dialect() == Dialect::Sqlite {
            return Ok(faults);
        }
        for (show, setting, harm) in [
            ("show fsync", "fsync", "a crash of the machine can destroy the database"),
            ("show synchronous_commit", "synchronous_commit", "the last commits can be lost although they were acknowledged"),
            ("show full_page_writes", "full_page_writes", "a crash of the machine can leave torn pages"),
        ] {
            let rows = self.rows(Statement::new(show)).await?;
            let value = rows.first().map(|row| Row::of("settings", row).text()).transpose()?.unwrap_or_default();
            if value == "off" {
                faults.push(format!("PostgreSQL runs with {setting} = off: {harm}"));
            }
        }
        Ok(faults)
    }
}
