//! Channels in the panel. The form comes from the kind's declaration; secrets go in and never come out.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{channel_form, input::given, names::Names, rows};
use crate::model::views::admin::{ChannelForm, ChannelView, ChannelsView};
#[cfg(feature = "ssr")]
use crate::model::views::admin::{CheckView, OfferRow};
use crate::model::{AppId, ChannelId, ChannelKind, UiError};
#[cfg(feature = "ssr")]
use crate::pay::{ChannelChange, ChannelInput, ChannelRecord, Offer};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// All channels with how they stand, and the kinds that a new one can be of.
///
/// # Errors
/// `Unauthenticated` without a living session.
#[server(prefix = "/rpc/admin", endpoint = "channels")]
pub async fn load_channels() -> Result<ChannelsView, UiError> {
    let me = who(Need::Read).await?;
    let names = Names::load(&me.cashier).await?;
    let (channels, standings) = (me.cashier.store().channels().await?, me.cashier.store().standings().await?);
    let built_in = |kind: &&ChannelKind| me.cashier.factory().declaration(**kind).is_some();
    Ok(ChannelsView {
        rows: channels
            .iter()
            .map(|c| rows::channel(c, standings.iter().find(|s| s.channel_id == c.channel_id), &names))
            .collect(),
        kinds: ChannelKind::ALL.iter().filter(built_in).copied().collect(),
        may: me.may(),
    })
}

/// The empty form of a kind.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown kind.
#[server(prefix = "/rpc/admin", endpoint = "channel_form")]
pub async fn load_channel_form(#[server(default)] kind: String) -> Result<ChannelForm, UiError> {
    let me = who(Need::Configure).await?;
    let kind = ChannelKind::parse(&kind).map_err(|_| UiError::NotFound)?;
    channel_form::draw(&me.cashier, kind, None).await
}

/// One channel with its form, and the report of a check that was just made.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for an unknown channel.
#[server(prefix = "/rpc/admin", endpoint = "channel")]
pub async fn load_channel(#[server(default)] channel_id: String) -> Result<ChannelView, UiError> {
    let me = who(Need::Read).await?;
    let channel = find(&me, &channel_id).await?;
    let offers = me.cashier.store().offers(&channel.channel_id).await?;
    let names = Names::load(&me.cashier).await?;
    let offer = |app: crate::model::views::admin::Named| {
        let own = offers.iter().find(|o| o.app_id.as_str() == app.id);
        OfferRow { offered: own.is_none_or(|o| o.offered), priority: own.and_then(|o| o.priority), app }
    };
    let report: Option<CheckView> = me.take(&report_of(&channel)).await?;
    Ok(ChannelView {
        row: rows::channel(&channel, Some(&me.cashier.standing(&channel.channel_id).await?), &names),
        may: me.may(),
        form: channel_form::draw(&me.cashier, channel.kind, Some(&channel)).await?,
        gateway_url: channel.gateway_url.clone().unwrap_or_default(),
        ca_pem: channel.ca_pem.clone().unwrap_or_default(),
        version: channel.version,
        notify_url: format!("{}/notify/{}/pay", me.cashier.settings().public_url, channel.channel_id),
        offers: if channel.app_id.is_some() { Vec::new() } else { names.all_apps().into_iter().map(offer).collect() },
        report,
    })
}

/// A new channel; with the name of an existing one of the same app, new credentials for that one. Amounts are typed in yuan.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown kind;
/// `Invalid` naming the field that breaks its rule, also inside the credentials; `Conflict` when somebody saved it
/// meanwhile.
#[server(prefix = "/rpc/admin", endpoint = "create_channel")]
pub async fn create_channel(
    #[server(default)] kind: String,
    #[server(default)] name: String,
    #[server(default)] app_id: String,
    #[server(default)] gateway_url: String,
    #[server(default)] ca_pem: String,
    #[server(default)] priority: String,
    #[server(default)] weight: String,
    #[server(default)] min_amount: String,
    #[server(default)] max_amount: String,
    #[server(default)] methods: Vec<String>,
    #[server(default)] credentials: BTreeMap<String, String>,
) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let input = ChannelInput {
        kind: ChannelKind::parse(&kind).map_err(|_| UiError::NotFound)?,
        name,
        app_id: channel_form::optional_app(&app_id)?,
        gateway_url: given(&gateway_url),
        ca_pem: given(&ca_pem),
        methods: Some(channel_form::methods(&methods)?),
        credentials: channel_form::entered(credentials),
        priority: channel_form::priority(&priority)?,
        rules: Some(channel_form::rules(&weight, &min_amount, &max_amount)?),
    };
    let channel = me.cashier.import_channel(input, me.id()).await?;
    go(&format!("/admin/channels/{}", channel.channel_id), "created");
    Ok(())
}

/// Saves a channel; amounts are typed in yuan. Credential fields left empty stay as they are.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown
/// channel; `Invalid` naming the field that breaks its rule; `Conflict` when somebody else saved it meanwhile.
#[server(prefix = "/rpc/admin", endpoint = "save_channel")]
pub async fn save_channel(
    #[server(default)] channel_id: String,
    #[server(default)] name: String,
    #[server(default)] enabled: bool,
    #[server(default)] gateway_url: String,
    #[server(default)] ca_pem: String,
    #[server(default)] priority: String,
    #[server(default)] weight: String,
    #[server(default)] min_amount: String,
    #[server(default)] max_amount: String,
    #[server(default)] methods: Vec<String>,
    #[server(default)] credentials: BTreeMap<String, String>,
) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let channel = find(&me, &channel_id).await?;
    let change = ChannelChange {
        name: Some(name),
        enabled: Some(enabled),
        methods: Some(channel_form::methods(&methods)?),
        gateway_url: Some(gateway_url.trim().to_owned()),
        ca_pem: Some(ca_pem.trim().to_owned()),
        priority: channel_form::priority(&priority)?,
        rules: Some(channel_form::rules(&weight, &min_amount, &max_amount)?),
        credentials: channel_form::replaced(&me.cashier, &channel, credentials).await?,
    };
    me.cashier.update_channel(&channel.channel_id, change, me.id()).await?;
    go(&format!("/admin/channels/{channel_id}"), "saved");
    Ok(())
}

/// Asks the provider a harmless signed question; the page explains the answer.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown
/// channel; `Invalid` for stored credentials that cannot be read; `Provider` or `Unclear` when the provider gives no answer
/// to explain.
#[server(prefix = "/rpc/admin", endpoint = "check_channel")]
pub async fn check_channel(#[server(default)] channel_id: String) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let channel = find(&me, &channel_id).await?;
    let report = me.cashier.check_channel(&channel.channel_id).await?;
    let at = me.cashier.world().now_ms();
    me.keep(&report_of(&channel), channel_form::report(report, at)).await?;
    go(&format!("/admin/channels/{channel_id}"), "");
    Ok(())
}

/// Whether and in which place an app is offered this channel.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not configure; `NotFound` for an unknown app
/// or channel; `Invalid` for the priority.
#[server(prefix = "/rpc/admin", endpoint = "set_offer")]
pub async fn set_offer(
    #[server(default)] channel_id: String,
    #[server(default)] app_id: String,
    #[server(default)] offered: bool,
    #[server(default)] priority: String,
) -> Result<(), UiError> {
    let me = who(Need::Configure).await?;
    let channel = find(&me, &channel_id).await?;
    let app_id = AppId::parse(&app_id).map_err(|_| UiError::NotFound)?;
    let offer = Offer { app_id, channel_id: channel.channel_id, offered, priority: channel_form::priority(&priority)? };
    me.cashier.set_offer(offer, me.id()).await?;
    go(&format!("/admin/channels/{channel_id}"), "saved");
    Ok(())
}

#[cfg(feature = "ssr")]
async fn find(me: &Who, channel_id: &str) -> Result<ChannelRecord, UiError> {
    let channel_id = ChannelId::parse(channel_id).map_err(|_| UiError::NotFound)?;
    me.cashier.store().channel(&channel_id).await?.ok_or(UiError::NotFound)
}

#[cfg(feature = "ssr")]
fn report_of(channel: &ChannelRecord) -> String {
    format!("report:{}", channel.channel_id)
}
