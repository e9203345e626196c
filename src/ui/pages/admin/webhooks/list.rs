//! The list of events.

use super::failing::failing_note;
use crate::model::views::admin::{EventQuery, EventRow, EventsView};
use crate::model::{EventType, WebhookStatus};
use crate::rpc::webhooks::load_events;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

const PATH: &str = "/admin/webhooks";

#[component]
pub fn WebhooksPage() -> impl IntoView {
    let query = EventQuery {
        q: at("q"),
        status: at("status"),
        kind: at("kind"),
        app: at("app"),
        from: at("from"),
        to: at("to"),
        before: at("before"),
        after: at("after"),
    };
    loaded(load_events(query.clone()), move |view| show(&query, view))
}

fn show(q: &EventQuery, view: EventsView) -> AnyView {
    let period = [("app", q.app.as_str()), ("from", &q.from), ("to", &q.to)];
    let pairs = [&[("q", q.q.as_str()), ("status", &q.status), ("kind", &q.kind)][..], &period].concat();
    let again = view.may.support.then(|| {
        let href = link("/admin/webhooks/redeliver", &period);
        view! { <a class="button is-small" href=href>{t("panel-redeliver-failed")}</a> }
    });
    let statuses = WebhookStatus::ALL.iter().map(|s| (s.to_string(), t_of("panel-webhook", s.as_str()))).collect();
    let kinds = EventType::ALL.iter().map(|k| (k.to_string(), t_of("panel-event", k.as_str()))).collect();
    let fields = view! {
        <TextField name="q" value=q.q.clone() label=t("panel-filter-number") kind="search" maxlength=64/>
        <ChoiceField name="status" label=t("panel-col-status") options=statuses value=q.status.clone() any=t("panel-any")/>
        <ChoiceField name="kind" label=t("panel-col-event") options=kinds value=q.kind.clone() any=t("panel-any")/>
        <ChoiceField name="app" label=t("panel-col-app") options=named_options(&view.apps) value=q.app.clone() any=t("panel-any")/>
        <TextField name="from" kind="date" value=q.from.clone() label=t("panel-filter-from")/>
        <TextField name="to" kind="date" value=q.to.clone() label=t("panel-filter-to")/>
    };
    let rows = (!view.rows.is_empty()).then(|| event_rows(&view.rows));
    let none = empty(t("panel-webhooks-empty"), Some(("/admin/apps".to_owned(), t("panel-apps"))));
    let body = view! {
        {failing_note(&view.failing)}
        {listing(PATH, &pairs, fields.into_any(), rows, none, &view.pager)}
    };
    page(t("panel-webhooks"), again, body)
}

/// A table of events; also part of an order's page.
pub fn event_rows(rows: &[EventRow]) -> AnyView {
    let columns = vec![
        Column::new(t("panel-col-time")),
        Column::new(t("panel-col-event")),
        Column::new(t("panel-col-number")),
        Column::extra(t("panel-col-app")),
        Column::extra(t("panel-col-address")),
        Column::right(t("panel-col-attempts")),
        Column::new(t("panel-col-status")),
    ];
    table(t("panel-webhooks"), columns, rows.iter().map(row).collect())
}

fn row(e: &EventRow) -> Vec<Cell> {
    vec![
        Cell::new(moment(e.created_at)),
        Cell::new(t_of("panel-event", e.kind.as_str())),
        Cell::new(linked_num(PATH, &e.event_id)),
        Cell::extra(app_link(&e.app)),
        Cell::extra(view! { <span class="mono">{e.url.clone()}</span> }),
        Cell::right(e.attempts),
        Cell::new(webhook_badge(e.status)),
    ]
}
