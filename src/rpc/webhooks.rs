//! Webhooks in the panel: events, their tries, and sending one again.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{filters, names::Names, rows};
use crate::model::views::admin::{EventQuery, EventView, EventsView};
use crate::model::{EventId, UiError};
use leptos::prelude::*;

/// The list of events, newest first.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` naming a filter that cannot be read.
#[server(prefix = "/rpc/admin", endpoint = "events")]
pub async fn load_events(#[server(default)] query: EventQuery) -> Result<EventsView, UiError> {
    let me = who(Need::Read).await?;
    let names = Names::load(&me.cashier).await?;
    let filter = filters::events(&query)?;
    let page = me.cashier.store().events(&filter, &filters::page(&query.before, &query.after)).await?;
    Ok(EventsView {
        rows: page.items.iter().map(|e| rows::event(e, &names)).collect(),
        pager: filters::pager(&page),
        apps: names.all_apps(),
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
