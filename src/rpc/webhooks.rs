//! Webhooks in the panel: events, their tries, and sending one or many again.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{filters, names::Names, rows, zone};
use crate::model::views::admin::{EventQuery, EventView, EventsView, RedeliveryView};
use crate::model::{EventId, UiError};
#[cfg(feature = "ssr")]
use crate::pay::FailedEvents;
use leptos::prelude::*;

/// The list of events, newest first; its first page also tells which receivers take nothing. Days are those of the person's
/// zone.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` naming a filter that cannot be read.
#[server(prefix = "/rpc/admin", endpoint = "events")]
pub async fn load_events(#[server(default)] query: EventQuery) -> Result<EventsView, UiError> {
    let me = who(Need::Read).await?;
    let names = Names::load(&me.cashier).await?;
    let filter = filters::events(&query, zone::minutes_east())?;
    let page = me.cashier.store().events(&filter, &filters::page(&query.before, &query.after)).await?;
    let is_first_page = query.before.is_empty() && query.after.is_empty();
    let failing = if is_first_page { me.cashier.failing_receivers().await? } else { Vec::new() };
    Ok(EventsView {
        rows: page.items.iter().map(|e| rows::event(e, &names)).collect(),
        pager: filters::pager(&page),
        apps: names.all_apps(),
        failing: failing.iter().map(|f| rows::failing(f, &names)).collect(),
        may: me.may(),
    })
}

/// One event with the tries to deliver it.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for an unknown event.
#[server(prefix = "/rpc/admin", endpoint = "event")]
pub async fn load_event(#[server(default)] event_id: String) -> Result<EventView, UiError> {
    let me = who(Need::Read).await?;
    let event_id = EventId::parse(&event_id).map_err(|_| UiError::NotFound)?;
    let event = me.cashier.store().event(&event_id).await?.ok_or(UiError::NotFound)?;
    let deliveries = me.cashier.store().deliveries(&event_id).await?;
    Ok(EventView {
        row: rows::event(&event, &Names::load(&me.cashier).await?),
        may: me.may(),
        body: super::mask::body(&event.body),
        deliveries: deliveries.iter().map(rows::delivery).collect(),
    })
}

/// Sends the same bytes again, now.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that only read; `NotFound` for an unknown event.
#[server(prefix = "/rpc/admin", endpoint = "redeliver")]
pub async fn redeliver(#[server(default)] event_id: String) -> Result<(), UiError> {
    let me = who(Need::Support).await?;
    let event_id = EventId::parse(&event_id).map_err(|_| UiError::NotFound)?;
    me.cashier.redeliver(&event_id, me.id()).await?;
    go(&format!("/admin/webhooks/{event_id}"), "redelivered");
    Ok(())
}

/// What sending failed webhooks again would mean: how many of the time chosen there are. A choice that cannot be read comes
/// back with the view.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that only read.
#[server(prefix = "/rpc/admin", endpoint = "redelivery")]
pub async fn load_redelivery(
    #[server(default)] app: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
) -> Result<RedeliveryView, UiError> {
    let me = who(Need::Support).await?;
    let apps = Names::load(&me.cashier).await?.all_apps();
    let mut view = RedeliveryView { apps, at_once: FailedEvents::AT_ONCE, ..RedeliveryView::default() };
    if from.is_empty() && to.is_empty() {
        return Ok(view);
    }
    match filters::failed_events(&app, &from, &to, zone::minutes_east()) {
        Ok(which) => view.count = Some(me.cashier.count_failed(&which).await?),
        Err(wrong) => view.wrong = Some(wrong),
    }
    Ok(view)
}

/// Sends the failed webhooks of some days again, of one app or of all. Days are those of the person's zone.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that only read; `Invalid` naming what is missing or
/// cannot be read.
#[server(prefix = "/rpc/admin", endpoint = "redeliver_failed")]
pub async fn redeliver_failed(
    #[server(default)] app: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
) -> Result<(), UiError> {
    let me = who(Need::Support).await?;
    let which = filters::failed_events(&app, &from, &to, zone::minutes_east())?;
    let sent = me.cashier.redeliver_failed(&which, me.id()).await?;
    go(&format!("/admin/webhooks/redeliver?app={app}&from={from}&to={to}&sent={sent}"), "");
    Ok(())
}
