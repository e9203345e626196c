//! One channel: check, credentials, methods, apps.

use super::form::{connection, credentials, methods, place};
use crate::model::views::admin::{ChannelView, CheckView, DegradedView, OfferRow};
use crate::rpc::channels::{CheckChannel, SaveChannel, SetOffer, load_channel};
use crate::ui::components::{Badge, Moment, Tone};
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn ChannelPage() -> impl IntoView {
    loaded(load_channel(param("channel_id")), show)
}

fn show(view: ChannelView) -> AnyView {
    let (check_error, offer_error) = (failure::<CheckChannel>(), failure::<SetOffer>());
    let check = view.may.configure.then(|| {
        view! {
            <form method="post" action={path_of::<CheckChannel>()}>
                <input type="hidden" name="channel_id" value=view.row.channel_id.clone()/>
                <button class="button is-small" data-testid="check">{t("panel-check")}</button>
            </form>
        }
    });
    let app = view.row.app.as_ref().map(app_link).unwrap_or_else(|| t("panel-all-apps").into_any());
    let about = facts(vec![
        (t("panel-col-status"), Some(enabled_badge(view.row.enabled))),
        (t("panel-col-kind"), Some(kind_name(view.row.kind).into_any())),
        (t("panel-col-app"), Some(app)),
        (t("panel-fact-channel"), Some(num(&view.row.channel_id))),
        (t("panel-notify-address"), Some(num(&view.notify_url))),
        (t("panel-credentials-version"), Some(view.version.into_any())),
        (t("panel-col-updated"), Some(moment(view.row.updated_at))),
    ]);
    let body = view! {
        {form_failure(&check_error)}
        {form_failure(&offer_error)}
        {view.row.degraded.as_ref().map(degraded)}
        {view.report.as_ref().map(report)}
        {about}
        <div class="columns">
            {section(t("panel-settings"), settings(&view))}
            {(!view.offers.is_empty()).then(|| section(t("panel-offers"), offers(&view)))}
        </div>
    };
    page(view.row.name.clone(), check, body)
}

/// Payments could not be started here: since when, why, and what becomes of them.
fn degraded(d: &DegradedView) -> AnyView {
    view! {
        <section class="panel-note is-bad" role="status" data-testid="degraded">
            <p><Badge tone=Tone::Bad text=t("panel-degraded")/> " " <Moment at=d.at/></p>
            <p>{t("panel-degraded-text")}</p>
            <p class="mono">{d.reason.clone()}</p>
        </section>
    }
    .into_any()
}

/// What the provider answered to the check, and what that means.
fn report(r: &CheckView) -> AnyView {
    let (class, tone) = if r.ok { ("panel-note is-ok", Tone::Ok) } else { ("panel-note is-bad", Tone::Bad) };
    view! {
        <section class=class role="status" data-testid="report">
            <p><Badge tone=tone text=t_of("panel-check", &r.meaning)/> " " <Moment at=r.at/></p>
            <p>{t_of("panel-check-do", &r.meaning)}</p>
            <dl class="fact-list is-small">
                <div><dt>{t("panel-asked")}</dt><dd>{r.asked.clone()}</dd></div>
                <div><dt>{t("panel-answered")}</dt><dd class="mono">{r.answered.clone()}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

fn settings(view: &ChannelView) -> AnyView {
    let (error, typed) = (failure::<SaveChannel>(), typed::<SaveChannel>());
    let form = view! {
        {form_failure(&error)}
        <form method="post" action={path_of::<SaveChannel>()} class="form">
            <input type="hidden" name="channel_id" value=view.row.channel_id.clone()/>
            <TextField name="name" label=t("panel-channel-name") value=typed.text("name", &view.row.name) required=true maxlength=64 error=error.clone()/>
            <SwitchField name="enabled" on=typed.on("enabled", view.row.enabled) label=t("panel-channel-enabled") help=t("panel-channel-enabled-help")/>
            {credentials(&view.form, &typed, &error)}
            {methods(&view.form, &typed)}
            {place(&view.form, &typed, &error)}
            {connection(&view.form, &view.gateway_url, &view.ca_pem, &typed, &error)}
            <FormFoot label=t("panel-save")/>
        </form>
    };
    view! { <fieldset class="plain" disabled=!view.may.configure>{form}</fieldset> }.into_any()
}

fn offers(view: &ChannelView) -> AnyView {
    let columns = vec![Column::new(t("panel-col-app")), Column::new(t("panel-col-offered"))];
    let row = |offer: &OfferRow| vec![Cell::new(app_link(&offer.app)), Cell::new(offer_form(view, offer))];
    view! {
        <p class="soft">{t("panel-offers-help")}</p>
        {table(t("panel-offers"), columns, view.offers.iter().map(row).collect())}
    }
    .into_any()
}

fn offer_form(view: &ChannelView, offer: &OfferRow) -> AnyView {
    let typed = typed::<SetOffer>().only("app_id", &offer.app.id);
    let priority = typed.text("priority", offer.priority.map(|p| p.to_string()).unwrap_or_default());
    let offered = typed.on("offered", offer.offered);
    view! {
        <form method="post" action={path_of::<SetOffer>()} class="row">
            <input type="hidden" name="channel_id" value=view.row.channel_id.clone()/>
            <input type="hidden" name="app_id" value=offer.app.id.clone()/>
            <label class="switch">
                <input type="checkbox" name="offered" value="true" checked=offered disabled=!view.may.configure/>
                <span>{t("panel-col-offered")}</span>
            </label>
            <label class="inline">
                <span>{t("panel-col-priority")}</span>
                <input class="input is-short" type="number" name="priority" value=priority disabled=!view.may.configure/>
            </label>
            <button class="button is-small" disabled=!view.may.configure>{t("panel-save")}</button>
        </form>
    }
    .into_any()
}
