//! The first page of the panel: how things stand.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{names::Names, rows, zone};
use crate::model::UiError;
use crate::model::views::admin::OverviewView;
#[cfg(feature = "ssr")]
use crate::model::{Amount, OrderStatus, views::admin::DayFigure};
#[cfg(feature = "ssr")]
use crate::pay::store::Figures;
use leptos::prelude::*;

/// Today's figures, what waits for somebody, whose receivers take nothing, and the last seven days. Days are those of the
/// person's zone.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "overview")]
pub async fn load_overview() -> Result<OverviewView, UiError> {
    let me = who(Need::Read).await?;
    let store = me.cashier.store();
    let zone = zone::minutes_east();
    let today = zone::start_of_day(me.cashier.world().now_ms(), zone);
    let mut since = Vec::new();
    for back in (0..DAYS).rev() {
        let at = today - back * zone::DAY_MS;
        since.push((at, store.figures(at).await?));
    }
    let figures = since.last().map(|(_, f)| f.clone()).unwrap_or_default();
    let names = Names::load(&me.cashier).await?;
    let failing = me.cashier.failing_receivers().await?;
    Ok(OverviewView {
        may: me.may(),
        has_apps: !names.all_apps().is_empty(),
        has_channels: store.channels().await?.iter().any(|c| c.enabled),
        paid_today: Amount::from_stored(figures.paid_amount).unwrap_or_default(),
        open_cases: figures.open_cases,
        open_refunds: figures.open_refunds,
        pending_webhooks: figures.pending_webhooks,
        failed_webhooks: figures.failed_webhooks,
        oldest_pending_webhook_at: figures.oldest_pending_webhook,
        failing: failing.iter().map(|f| rows::failing(f, &names)).collect(),
        today: figures.orders,
        days: days(&since, zone),
    })
}

#[cfg(feature = "ssr")]
const DAYS: i64 = 7;

/// Figures count from a day on; what one day brought is the difference to the next.
#[cfg(feature = "ssr")]
fn days(since: &[(i64, Figures)], zone: i32) -> Vec<DayFigure> {
    let count = |f: &Figures, only_paid: bool| -> i64 {
        f.orders.iter().filter(|(s, _)| !only_paid || *s == OrderStatus::Paid).map(|(_, n)| n).sum()
    };
    let nothing = Figures::default();
    let mut days: Vec<DayFigure> = since
        .iter()
        .enumerate()
        .map(|(i, (at, figures))| {
            let next = since.get(i + 1).map_or(&nothing, |(_, f)| f);
            DayFigure {
                day: zone::day_of(*at, zone),
                orders: count(figures, false) - count(next, false),
                paid_orders: count(figures, true) - count(next, true),
                paid_amount: Amount::from_stored(figures.paid_amount - next.paid_amount).unwrap_or_default(),
                percent: 0,
            }
        })
        .collect();
    let most = days.iter().map(|d| d.paid_amount.fen()).max().unwrap_or(0).max(1);
    for day in &mut days {
        day.percent = day.paid_amount.fen().saturating_mul(100) / most;
    }
    days
}
