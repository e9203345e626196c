//! The audit log: append-only, each row's hash covering the row and the hash before it. `audit_head` holds the end of the
//! chain, so that two writers cannot fork it and cut-off entries are noticed.

use super::database::Database;
use super::failure::Failure;
use super::list::List;
use super::row::{Record, Row};
use super::statement::Statement;
use crate::pay::AuditEntry;
use crate::pay::store::{Page, PageRequest, StoreError};
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, StoreError>;

/// Rows read at a time while walking the chain.
const STRIDE: i64 = 1000;

/// Hash of an entry at its place in the chain. The array form leaves no two entries with the same text.
fn hash(previous: &str, seq: i64, e: &AuditEntry) -> String {
    let text = serde_json::json!([seq, e.at, e.actor, e.action, e.object, e.before, e.after, e.address]).to_string();
    let mut hash = Sha256::new();
    hash.update(previous.as_bytes());
    hash.update(b"\n");
    hash.update(text.as_bytes());
    hex::encode(hash.finalize())
}

/// The first statement of an append: moves the head, which locks the chain, and tells its place and the hash there.
pub(super) fn next() -> Statement {
    Statement::new("update audit_head set seq = seq + 1 where id = 1 returning seq, hash")
}

/// The other statements, in the same transaction.
///
/// # Errors
/// `Inconsistent` when the chain has no head.
pub(super) fn link(head: Option<&Record>, entry: &AuditEntry) -> std::result::Result<[Statement; 2], Failure> {
    let missing = || StoreError::Inconsistent { table: "audit_head", id: "1".to_owned(), problem: "is missing".to_owned() };
    let mut r = Row::of("audit_head", head.ok_or_else(|| Failure::Broken(missing()))?);
    let (seq, previous) = r.int().and_then(|seq| Ok((seq, r.text()?))).map_err(Failure::Broken)?;
    let entry = storable(entry);
    let hash = hash(&previous, seq, &entry);
    let insert = Statement::new(
        "insert into audit (seq, at, actor, action, object, before_value, after_value, address, previous, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(seq)
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.object)
    .bind(entry.before)
    .bind(entry.after)
    .bind(entry.address)
    .bind(previous)
    .bind(hash.as_str());
    Ok([insert, Statement::new("update audit_head set hash = $1 where id = 1").bind(hash)])
}

/// The hash must cover what is stored, and NUL is stored as another character.
fn storable(e: &AuditEntry) -> AuditEntry {
    let clean = |text: &str| text.replace('\0', "\u{fffd}");
    AuditEntry {
        at: e.at,
        actor: clean(&e.actor),
        action: clean(&e.action),
        object: clean(&e.object),
        before: e.before.as_deref().map(clean),
        after: e.after.as_deref().map(clean),
        address: e.address.as_deref().map(clean),
    }
}

struct Link {
    seq: i64,
    entry: AuditEntry,
    previous: String,
    hash: String,
}

fn read(row: &Record) -> Result<Link> {
    let mut r = Row::of("audit", row);
    Ok(Link {
        seq: r.int()?,
        entry: AuditEntry {
            at: r.int()?,
            actor: r.text()?,
            action: r.text()?,
            object: r.text()?,
            before: r.opt_text()?,
            after: r.opt_text()?,
            address: r.opt_text()?,
        },
        previous: r.text()?,
        hash: r.text()?,
    })
}

fn broken(seq: i64, problem: &str) -> StoreError {
    StoreError::Inconsistent { table: "audit", id: seq.to_string(), problem: problem.to_owned() }
}

impl Database {
    pub(super) async fn list_audit(&self, page: &PageRequest) -> Result<Page<AuditEntry>> {
        let number = |cursor: &Option<String>| {
            cursor
                .as_ref()
                .map(|c| c.parse::<i64>().map_err(|_| StoreError::Other("no cursor of the audit log".to_owned())))
                .transpose()
        };
        let (before, after) = (number(&page.before)?, number(&page.after)?);
        let list = List::new(
            "select seq, at, actor, action, object, before_value, after_value, address, previous, hash from audit where 1 = 1",
            "seq",
        );
        let links = list.fetch_by(self, before, after, page.limit, read, |link| link.seq.to_string()).await?;
        Ok(Page { items: links.items.into_iter().map(|l| l.entry).collect(), older: links.older, newer: links.newer })
    }

    /// Walks the chain from the first entry to the head.
    pub(super) async fn walk_audit(&self) -> Result<i64> {
        // The head first: entries that arrive during the walk are beyond it.
        let head = self.row(Statement::new("select seq, hash from audit_head where id = 1")).await?;
        let head = head.ok_or_else(|| broken(0, "the head of the chain is missing"))?;
        let mut r = Row::of("audit_head", &head);
        let (last, last_hash) = (r.int()?, r.text()?);
        let (mut seq, mut previous) = (0, String::new());
        while seq < last {
            let query = Statement::new(
                "select seq, at, actor, action, object, before_value, after_value, address, previous, hash from audit \
                 where seq > $1 and seq <= $2 order by seq limit $3",
            );
            let rows = self.scan(query.bind(seq).bind(last).bind(STRIDE)).await?;
            if rows.is_empty() {
                return Err(broken(seq + 1, "entries are missing at the end"));
            }
            for row in &rows {
                let link = read(row)?;
                if link.seq != seq + 1 {
                    return Err(broken(seq + 1, "the entry is missing"));
                }
                if link.previous != previous {
                    return Err(broken(link.seq, "does not follow the entry before it"));
                }
                if link.hash != hash(&previous, link.seq, &link.entry) {
                    return Err(broken(link.seq, "was changed"));
                }
                (seq, previous) = (link.seq, link.hash);
            }
        }
        if previous != last_hash {
            return Err(broken(last, "does not end as the head of the chain says"));
        }
        let beyond = Statement::new("select seq from audit where seq < 1 limit 1");
        if self.row(beyond).await?.is_some() {
            return Err(broken(0, "an entry stands before the first"));
        }
        Ok(last)
    }
}
