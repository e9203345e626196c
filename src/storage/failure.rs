//! Turns the driver's errors into the port's. The one place that knows how each database words a violated rule.

use crate::pay::store::{StoreError, Unique};
use sqlx::error::{DatabaseError, ErrorKind};

/// Rules by constraint name (PostgreSQL) and by columns (SQLite names nothing else).
const RULES: &[(&str, &str, Unique)] = &[
    ("orders_out_order_no_key", "orders.out_order_no, orders.app_id", Unique::OutOrderNo),
    ("refunds_out_refund_no_key", "refunds.out_refund_no, refunds.app_id", Unique::OutRefundNo),
    ("payments_pkey", "payments.pay_no", Unique::PayNo),
    ("refunds_pkey", "refunds.refund_no", Unique::RefundNo),
    ("payments_paying_key", "payments.order_no", Unique::PayingPayment),
    ("refund_audits_number_key", "refund_audits.channel_id, refund_audits.provider_refund_no", Unique::RefundAudit),
    ("nonces_pkey", "nonces.app_id, nonces.nonce", Unique::Nonce),
    ("cases_money_key", "cases.kind, cases.channel_id, cases.claimed_no, cases.provider_trade_no", Unique::Case),
    ("channels_name_key", "index 'channels_name_key'", Unique::ChannelName),
    ("staff_name_key", "staff.name", Unique::StaffName),
];

/// The rule that a violation is about.
fn rule(constraint: Option<&str>, message: &str) -> Unique {
    let columns = message.split_once("UNIQUE constraint failed: ").map(|(_, columns)| columns);
    RULES
        .iter()
        .find(|(name, cols, _)| constraint == Some(name) || columns == Some(cols))
        .map_or(Unique::Other, |(_, _, unique)| *unique)
}

/// What to do about an error of the database.
#[derive(Debug)]
pub(super) enum Failure {
    /// A rule of the data was broken; the transaction is otherwise sound on SQLite.
    Refused(StoreError),
    /// Another transaction was in the way; the same unit may succeed in a moment (PostgreSQL).
    Again(StoreError),
    /// The database cannot do it now, or the program is wrong: the transaction is lost.
    Broken(StoreError),
}

impl Failure {
    pub fn into_error(self) -> StoreError {
        match self {
            Self::Refused(e) | Self::Again(e) | Self::Broken(e) => e,
        }
    }
}

impl From<&dyn DatabaseError> for Failure {
    fn from(said: &dyn DatabaseError) -> Self {
        let message = || said.message().to_owned();
        match said.kind() {
            // Two nodes took the same next pid: the next try finds another one.
            ErrorKind::UniqueViolation if said.constraint() == Some("apps_pid_key") => {
                Self::Again(StoreError::Taken(Unique::Other))
            }
            ErrorKind::UniqueViolation => Self::Refused(StoreError::Taken(rule(said.constraint(), said.message()))),
            ErrorKind::ForeignKeyViolation | ErrorKind::NotNullViolation | ErrorKind::CheckViolation => {
                Self::Refused(StoreError::Other(message()))
            }
            _ => match class(&said.code().unwrap_or_default()) {
                Class::Condition => Self::Refused(StoreError::Stale),
                Class::Conflict => Self::Again(StoreError::Unavailable(message())),
                Class::Unavailable => Self::Broken(StoreError::Unavailable(message())),
                Class::Mistake => Self::Broken(StoreError::Other(message())),
            },
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(e: sqlx::Error) -> Self {
        match &e {
            sqlx::Error::Database(said) => Self::from(said.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::Protocol(_) => Self::Broken(StoreError::Unavailable(e.to_string())),
            _ => Self::Broken(StoreError::Other(e.to_string())),
        }
    }
}

/// The port's error for a failed read.
pub(super) fn store_error(e: sqlx::Error) -> StoreError {
    Failure::from(e).into_error()
}

#[derive(Debug, PartialEq, Eq)]
enum Class {
    /// A joined text divides by zero (PostgreSQL), or its trigger says so (SQLite), when a condition is not met.
    Condition,
    Conflict,
    Unavailable,
    Mistake,
}

/// SQLSTATE has five characters; SQLite's extended result codes are numbers, the low byte being the class.
fn class(code: &str) -> Class {
    if code.len() == 5 {
        return match code {
            "22012" => Class::Condition,
            // The last one: two units of a joined text are about the same row.
            "40001" | "40P01" | "21000" => Class::Conflict,
            // Cancelled by a time-out, shut down, starting up, read-only (a standby), idle for too long.
            "57014" | "57P01" | "57P02" | "57P03" | "25006" | "25P03" | "55P03" => Class::Unavailable,
            _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("58") => Class::Unavailable,
            _ => Class::Mistake,
        };
    }
    if code == "1811" {
        return Class::Condition; // SQLITE_CONSTRAINT_TRIGGER: we have no other triggers
    }
    match code.parse::<u32>().map(|n| n & 0xff) {
        // busy, locked, no memory, read-only, input/output, full, cannot open, locking protocol
        Ok(5 | 6 | 7 | 8 | 10 | 13 | 14 | 15) => Class::Unavailable,
        _ => Class::Mistake,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_name_the_same_rule() {
        for (name, columns, unique) in RULES {
            assert_eq!(rule(Some(name), "duplicate key value violates unique constraint"), *unique);
            assert_eq!(rule(None, &format!("UNIQUE constraint failed: {columns}")), *unique);
        }
        assert_eq!(rule(Some("orders_pkey"), ""), Unique::Other);
        assert_eq!(rule(None, "UNIQUE constraint failed: orders.order_no"), Unique::Other);
        assert_eq!(rule(None, "something else"), Unique::Other);
    }

    #[test]
    fn codes_are_told_apart() {
        for code in ["5", "261", "517", "13", "10", "778", "8", "14", "57P01", "53100", "08006", "57014"] {
            assert_eq!(class(code), Class::Unavailable, "{code}");
        }
        assert_eq!(class("22012"), Class::Condition);
        assert_eq!(class("1811"), Class::Condition);
        for code in ["40001", "40P01", "21000"] {
            assert_eq!(class(code), Class::Conflict, "{code}");
        }
        for code in ["1", "11", "42601", "22P02", ""] {
            assert_eq!(class(code), Class::Mistake, "{code}");
        }
    }
}
