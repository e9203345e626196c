//! Sending failed webhooks again, for when a receiver was down: first the time, then how many that means, and the button.

use crate::model::UiError;
use crate::model::views::admin::RedeliveryView;
use crate::rpc::webhooks::{RedeliverFailed, load_redelivery};
use crate::ui::components::{Icon, IconName, field_error};
use crate::ui::i18n::{t, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

const LIST: &str = "/admin/webhooks";
const PATH: &str = "/admin/webhooks/redeliver";

/// What is chosen, as it stands in the address.
struct Choice {
    app: String,
    from: String,
    to: String,
}

#[component]
pub fn RedeliverPage() -> impl IntoView {
    let choice = Choice { app: at("app"), from: at("from"), to: at("to") };
    let load = load_redelivery(choice.app.clone(), choice.from.clone(), choice.to.clone());
    loaded(load, move |view| show(&choice, view))
}

fn show(choice: &Choice, view: RedeliveryView) -> AnyView {
    let error = failure::<RedeliverFailed>().or_else(|| view.wrong.clone());
    let sent = at("sent").parse::<i64>().ok();
    let pairs = [("app", choice.app.as_str()), ("from", choice.from.as_str()), ("to", choice.to.as_str())];
    let list = view! { <a class="button is-small" href=link(LIST, &pairs)>{t("panel-webhooks")}</a> };
    let none = (view.count == Some(0) && sent.is_none())
        .then(|| view! { <p class="panel-note is-info" data-testid="none">{t("panel-redeliver-none")}</p> });
    let form = match view.count {
        Some(count) if count > 0 => confirm(choice, &view, count),
        _ => choose(choice, &view, &error),
    };
    let body = view! {
        {sent.map(sent_note)}
        <div class="confirm">
            {form_failure(&error)}
            {none}
            {form}
        </div>
    };
    page(t("panel-redeliver-failed"), list, body)
}

/// Anybody can write the number into the address; it is told, and proves nothing.
fn sent_note(count: i64) -> AnyView {
    view! {
        <p class="panel-note is-ok" role="status" data-testid="done">
            <Icon name=IconName::Check/>
            <span>{t_with("panel-redeliver-sent", &[("count", count.into())])}</span>
        </p>
    }
    .into_any()
}

fn choose(choice: &Choice, view: &RedeliveryView, error: &Option<UiError>) -> AnyView {
    let wrong = field_error(error.as_ref(), "app").unwrap_or_default();
    view! {
        <p>{t("panel-redeliver-help")}</p>
        <form method="get" action=PATH class="form">
            <ChoiceField name="app" label=t("panel-col-app") options=named_options(&view.apps) value=choice.app.clone() any=t("panel-all-apps") wrong=wrong/>
            <TextField name="from" kind="date" value=choice.from.clone() label=t("panel-filter-from") required=true error=error.clone()/>
            <TextField name="to" kind="date" value=choice.to.clone() label=t("panel-filter-to") help=t("panel-redeliver-to-help") required=true error=error.clone()/>
            <FormFoot label=t("panel-redeliver-look") back=LIST/>
        </form>
    }
    .into_any()
}

fn confirm(choice: &Choice, view: &RedeliveryView, count: i64) -> AnyView {
    let app = view.apps.iter().find(|app| app.id == choice.app).map_or_else(|| t("panel-all-apps").into_any(), app_link);
    let is_more = count > view.at_once;
    let number = if is_more { format!("{}+", view.at_once) } else { count.to_string() };
    let rows = vec![
        (t("panel-col-app"), Some(app)),
        (t("panel-filter-from"), Some(choice.from.clone().into_any())),
        (t("panel-filter-to"), Some(choice.to.clone().into_any())),
        (t("panel-failed-webhooks"), Some(view! { <span data-testid="count">{number}</span> }.into_any())),
    ];
    let rest = is_more.then(|| view! { <p>{t_with("panel-redeliver-rest", &[("most", view.at_once.into())])}</p> });
    let send = t_with("panel-redeliver-send", &[("count", count.min(view.at_once).into())]);
    view! {
        {facts(rows)}
        <p class="soft">{t("panel-redeliver-means")}</p>
        {rest}
        <form method="post" action={path_of::<RedeliverFailed>()} class="form">
            <input type="hidden" name="app" value=choice.app.clone()/>
            <input type="hidden" name="from" value=choice.from.clone()/>
            <input type="hidden" name="to" value=choice.to.clone()/>
            <FormFoot label=send back=LIST/>
        </form>
    }
    .into_any()
}
