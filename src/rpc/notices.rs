//! Notices in the panel: what providers sent, kept raw, shown masked.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{filters, mask, names::Names, rows};
use crate::model::UiError;
use crate::model::views::admin::{NoticeQuery, NoticeView, NoticesView};
use leptos::prelude::*;

/// The list of notices, newest first.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` for what is no channel's id.
#[server(prefix = "/rpc/admin", endpoint = "notices")]
pub async fn load_notices(#[server(default)] query: NoticeQuery) -> Result<NoticesView, UiError> {
    let me = who(Need::Read).await?;
    let names = Names::load(&me.cashier).await?;
    let filter = filters::notices(&query)?;
    let page = me.cashier.store().notices(&filter, &filters::page(&query.before, &query.after)).await?;
    Ok(NoticesView {
        rows: page.items.iter().map(|n| rows::notice(n, &names)).collect(),
        pager: filters::pager(&page),
        channels: names.all_channels(),
    })
}

/// One notice, with what is private in it masked.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for an unknown notice.
#[server(prefix = "/rpc/admin", endpoint = "notice")]
pub async fn load_notice(#[server(default)] id: String) -> Result<NoticeView, UiError> {
    use base64::Engine;
    let me = who(Need::Read).await?;
    let notice = me.cashier.store().notice(&id).await?.ok_or(UiError::NotFound)?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(&notice.body_base64).unwrap_or_default();
    Ok(NoticeView {
        row: rows::notice(&notice, &Names::load(&me.cashier).await?),
        headers: mask::headers(&notice.headers),
        body: mask::body(&String::from_utf8_lossy(&bytes)),
        bytes: bytes.len(),
    })
}
