//! The refunds list.

use crate::model::RefundStatus;
use crate::model::views::admin::{RefundQuery, RefundRow, RefundsView};
use crate::rpc::refunds::load_refunds;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

const PATH: &str = "/admin/refunds";

#[component]
pub fn RefundsPage() -> impl IntoView {
    let query = RefundQuery {
        q: at("q"),
        status: at("status"),
        app: at("app"),
        from: at("from"),
        to: at("to"),
        before: at("before"),
        after: at("after"),
    };
    loaded(load_refunds(query.clone()), move |view| show(&query, view))
}

fn show(q: &RefundQuery, view: RefundsView) -> AnyView {
    let pairs = [("q", q.q.as_str()), ("status", &q.status), ("app", &q.app), ("from", &q.from), ("to", &q.to)];
    let statuses = RefundStatus::ALL.iter().map(|s| (s.to_string(), t_of("panel-refund", s.as_str()))).collect();
    let fields = view! {
        <TextField name="q" value=q.q.clone() label=t("panel-filter-number") kind="search" maxlength=64/>
        <ChoiceField name="status" label=t("panel-col-status") options=statuses value=q.status.clone() any=t("panel-any")/>
        <ChoiceField name="app" label=t("panel-col-app") options=named_options(&view.apps) value=q.app.clone() any=t("panel-any")/>
        <TextField name="from" kind="date" value=q.from.clone() label=t("panel-filter-from")/>
        <TextField name="to" kind="date" value=q.to.clone() label=t("panel-filter-to")/>
    };
    let rows = (!view.rows.is_empty()).then(|| refund_rows(&view.rows));
    let none = empty(t("panel-refunds-empty"), Some(("/admin/orders?status=paid".to_owned(), t("panel-paid-orders"))));
    let audits = (!view.audits.is_empty()).then(|| super::audit::waiting(&view.audits));
    let body = view! {
        {audits}
        {listing(PATH, &pairs, fields.into_any(), rows, none, &view.pager)}
    };
    page(t("panel-refunds"), (), body)
}

/// A table of refunds; also part of an order's page.
pub fn refund_rows(rows: &[RefundRow]) -> AnyView {
    let columns = vec![
        Column::new(t("panel-col-time")),
        Column::new(t("panel-col-number")),
        Column::extra(t("panel-col-app")),
        Column::new(t("panel-col-reason")),
        Column::right(t("panel-col-amount")),
        Column::new(t("panel-col-status")),
    ];
    table(t("panel-refunds"), columns, rows.iter().map(row).collect())
}

fn row(r: &RefundRow) -> Vec<Cell> {
    vec![
        Cell::new(moment(r.created_at)),
        Cell::new(linked_num(PATH, &r.refund_no)),
        Cell::extra(app_link(&r.app)),
        Cell::wide(r.reason.clone()),
        Cell::money(r.amount),
        Cell::wide(view! { {refund_badge(r.status)} {r.error.clone().map(|e| view! { <span class="bad">{e}</span> })} }),
    ]
}
