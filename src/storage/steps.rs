//! The steps of a unit one by one, inside of the transaction that a connection is in.
//!
//! Must not know what the statements mean.

use super::audit;
use super::failure::Failure;
use super::fetch::send;
use super::statement::{Changed, Statement, Step};
use crate::pay::AuditEntry;
use sqlx::AnyConnection;

/// All steps.
pub(super) async fn steps(conn: &mut AnyConnection, unit: &[Step]) -> Result<Changed, Failure> {
    let mut all = Changed::default();
    for step in unit {
        match step {
            Step::Run(one) => all.add(statement(conn, one).await?),
            Step::Audit(entry) => append(conn, entry).await?,
        }
    }
    Ok(all)
}

/// A statement with its condition.
pub(super) async fn statement(conn: &mut AnyConnection, statement: &Statement) -> Result<Changed, Failure> {
    let changed = send(conn, statement).await?;
    if changed.count == 0 {
        let row = match statement.row_in_question() {
            Some(query) => Some(send(conn, &query).await?),
            None => None,
        };
        statement.refusal(row.is_some_and(|found| !found.rows.is_empty()))?;
    }
    Ok(changed)
}

/// An entry at the end of the audit log.
pub(super) async fn append(conn: &mut AnyConnection, entry: &AuditEntry) -> Result<(), Failure> {
    let head = send(conn, &audit::next()).await?;
    for statement in audit::link(head.rows.first(), entry)? {
        send(conn, &statement).await?;
    }
    Ok(())
}
