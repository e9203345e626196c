//! Deletes what has served its time, a few rows per transaction, so that nobody waits behind it. Money is never deleted.

use super::database::Database;
use super::events;
use super::list::upper_bound;
use super::statement::Statement;
use crate::pay::store::{Keep, StoreError};

/// Rows of one transaction.
const BATCH: u64 = 500;
/// Transactions per table and sweep; the next sweep goes on.
const BATCHES: u32 = 40;
/// Failed logins count for minutes; a day of them is kept for whoever looks into an attack.
const KEEP_FAILURES_MS: i64 = 24 * 3600 * 1000;

impl Database {
    pub(super) async fn sweep_rows(&self, now: i64, keep: Keep) -> Result<u64, StoreError> {
        let notices_before = now.saturating_sub(keep.notices_ms);
        let deliveries_before = now.saturating_sub(keep.deliveries_ms);
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let deletes = [
            Statement::new(
                "delete from nonces where (app_id, nonce) in \
                 (select app_id, nonce from nonces where expires_at < $1 order by expires_at limit $2)",
            )
            .bind(now)
            .bind(limit),
            Statement::new(
                "delete from sessions where id_hash in (select id_hash from sessions where expires_at < $1 order by expires_at limit $2)",
            )
            .bind(now)
            .bind(limit),
            Statement::new(
                "delete from login_failures where (address, at) in \
                 (select address, at from login_failures where at < $1 order by at limit $2)",
            )
            .bind(now.saturating_sub(KEEP_FAILURES_MS))
            .bind(limit),
            // A notice's id begins with its time: the bound on it spares the newer part of the table.
            Statement::new(
                "delete from notices where id in (select id from notices where received_at < $1 and id < $3 order by id limit $2)",
            )
            .bind(notices_before)
            .bind(limit)
            .bind(upper_bound(notices_before)),
            // So does an event's, and no try is older than its event.
            Statement::new(
                "delete from webhook_deliveries where (event_id, id) in (\
                 select event_id, id from webhook_deliveries d where at < $1 and event_id < $3 and not exists (\
                 select 1 from webhook_events e where e.event_id = d.event_id and e.status = 'pending') \
                 order by event_id, id limit $2)",
            )
            .bind(deliveries_before)
            .bind(limit)
            .bind(events::key(&upper_bound(deliveries_before))),
        ];
        let mut total = 0;
        for delete in deletes {
            for _ in 0..BATCHES {
                let count = self.write(vec![delete.clone().into()]).await?.count;
                total += count;
                if count < BATCH {
                    break;
                }
            }
        }
        Ok(total)
    }
}
