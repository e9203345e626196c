//! Whether a commit survives a power cut. SQLite's writer proves its settings whenever it connects; a PostgreSQL server
//! belongs to somebody else, so it can only be asked.

use super::address::Dialect;
use super::database::Database;
use super::row::Row;
use super::statement::Statement;
use crate::pay::store::StoreError;

/// A setting of the server under which an acknowledged payment may be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurabilityFault {
    /// A sentence that names the setting.
    pub text: String,
    /// Whether any crash may lose what was acknowledged: then nothing may be acknowledged.
    pub is_fatal: bool,
}

impl Database {
    /// What is wrong with the server's settings; nothing is good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn durability_faults(&self) -> Result<Vec<DurabilityFault>, StoreError> {
        let mut faults = Vec::new();
        if self.dialect() == Dialect::Sqlite {
            return Ok(faults);
        }
        for (show, setting, harm, is_fatal) in [
            ("show fsync", "fsync", "a crash of the machine can destroy the database", true),
            (
                "show synchronous_commit",
                "synchronous_commit",
                "the last commits can be lost although they were acknowledged",
                true,
            ),
            // Some file systems never tear a page, so that its owner may have switched it off with reason.
            ("show full_page_writes", "full_page_writes", "a crash of the machine can leave torn pages", false),
        ] {
            let rows = self.rows(Statement::new(show)).await?;
            let value = rows.first().map(|row| Row::of("settings", row).text()).transpose()?.unwrap_or_default();
            if value == "off" {
                faults.push(DurabilityFault { text: format!("PostgreSQL runs with {setting} = off: {harm}"), is_fatal });
            }
        }
        Ok(faults)
    }
}
