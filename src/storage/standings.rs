//! How channels stand among their like.

use super::database::Database;
use super::row::{Record, Row};
use super::statement::Statement;
use crate::model::ChannelId;
use crate::pay::store::StoreError;
use crate::pay::{ChannelRules, Degraded, Standing};

type Result<T> = std::result::Result<T, StoreError>;

/// Leaves alone how the channel does.
pub(super) fn save_rules(channel_id: &ChannelId, rules: &ChannelRules) -> Statement {
    Statement::new(
        "insert into channel_standings (channel_id, weight, min_amount, max_amount) values ($1, $2, $3, $4) \
         on conflict (channel_id) do update set weight = excluded.weight, min_amount = excluded.min_amount, \
         max_amount = excluded.max_amount",
    )
    .bind(channel_id.as_str())
    .bind(rules.weight)
    .bind(rules.min_amount)
    .bind(rules.max_amount)
}

/// Leaves alone what staff set.
pub(super) fn set_degraded(channel_id: &ChannelId, degraded: Option<&Degraded>) -> Statement {
    Statement::new(
        "insert into channel_standings (channel_id, weight, degraded_at, degraded_reason) values ($1, $2, $3, $4) \
         on conflict (channel_id) do update set degraded_at = excluded.degraded_at, degraded_reason = excluded.degraded_reason",
    )
    .bind(channel_id.as_str())
    .bind(ChannelRules::default().weight)
    .bind(degraded.map(|d| d.at))
    .bind(degraded.map(|d| d.reason.clone()))
}

fn read(row: &Record) -> Result<Standing> {
    let mut r = Row::of("channel_standings", row);
    let channel_id = r.word(ChannelId::parse)?;
    let rules = ChannelRules { weight: r.int()?, min_amount: r.opt_int()?, max_amount: r.opt_int()? };
    let (at, reason) = (r.opt_int()?, r.opt_text()?);
    let degraded = at.map(|at| Degraded { at, reason: reason.unwrap_or_default() });
    Ok(Standing { channel_id, rules, degraded })
}

impl Database {
    pub(super) async fn find_standings(&self) -> Result<Vec<Standing>> {
        let query = Statement::new(
            "select channel_id, weight, min_amount, max_amount, degraded_at, degraded_reason from channel_standings \
             order by channel_id",
        );
        self.rows(query).await?.iter().map(read).collect()
    }
}
