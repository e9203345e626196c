//! The orders list. Its filters and its place stand in the URL.

use crate::model::views::admin::{OrderQuery, OrderRow, OrdersView};
use crate::model::{Method, OrderStatus, RefundedPart};
use crate::rpc::orders::load_orders;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

const PATH: &str = "/admin/orders";

#[component]
pub fn OrdersPage() -> impl IntoView {
    let query = OrderQuery {
        q: at("q"),
        status: at("status"),
        refund: at("refund"),
        method: at("method"),
        app: at("app"),
        from: at("from"),
        to: at("to"),
        min: at("min"),
        max: at("max"),
        before: at("before"),
        after: at("after"),
    };
    loaded(load_orders(query.clone()), move |view| show(&query, view))
}

/// The filters of a query as pairs.
fn pairs(q: &OrderQuery) -> [(&'static str, &str); 9] {
    [
        ("q", &q.q),
        ("status", &q.status),
        ("refund", &q.refund),
        ("method", &q.method),
        ("app", &q.app),
        ("from", &q.from),
        ("to", &q.to),
        ("min", &q.min),
        ("max", &q.max),
    ]
}

fn show(q: &OrderQuery, view: OrdersView) -> AnyView {
    let pairs = pairs(q);
    let export = view.may.move_money.then(|| {
        view! { <a class="button is-small" href=link("/admin/orders.csv", &pairs)>{t("panel-export")}</a> }
    });
    let rows = (!view.rows.is_empty()).then(|| table(t("panel-orders"), columns(), view.rows.iter().map(row).collect()));
    let none = empty(t("panel-orders-empty"), Some(("/admin/apps".to_owned(), t("panel-apps"))));
    page(t("panel-orders"), export, listing(PATH, &pairs, filters(q, &view), rows, none, &view.pager))
}

fn filters(q: &OrderQuery, view: &OrdersView) -> AnyView {
    let statuses = OrderStatus::ALL.iter().map(|s| (s.to_string(), t_of("panel-order", s.as_str()))).collect();
    let parts = RefundedPart::ALL.iter().map(|s| (s.to_string(), t_of("panel-refunded", s.as_str()))).collect();
    let methods = Method::ALL.iter().map(|m| (m.to_string(), t_of("method", m.as_str()))).collect();
    view! {
        <TextField name="q" value=q.q.clone() label=t("panel-filter-number") kind="search" maxlength=64/>
        <ChoiceField name="status" label=t("panel-col-status") options=statuses value=q.status.clone() any=t("panel-any")/>
        <ChoiceField name="method" label=t("panel-col-method") options=methods value=q.method.clone() any=t("panel-any")/>
        <ChoiceField name="app" label=t("panel-col-app") options=named_options(&view.apps) value=q.app.clone() any=t("panel-any")/>
        <ChoiceField name="refund" label=t("panel-filter-refunded") options=parts value=q.refund.clone() any=t("panel-any")/>
        <TextField name="from" kind="date" value=q.from.clone() label=t("panel-filter-from")/>
        <TextField name="to" kind="date" value=q.to.clone() label=t("panel-filter-to")/>
        <TextField name="min" value=q.min.clone() label=t("panel-filter-min")/>
        <TextField name="max" value=q.max.clone() label=t("panel-filter-max")/>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::new(t("panel-col-time")),
        Column::new(t("panel-col-number")),
        Column::new(t("panel-col-app")),
        Column::new(t("panel-col-subject")),
        Column::new(t("panel-col-method")),
        Column::right(t("panel-col-amount")),
        Column::new(t("panel-col-status")),
    ]
}

fn row(o: &OrderRow) -> Vec<Cell> {
    vec![
        Cell::new(moment(o.created_at)),
        Cell::new(view! { {linked_num(PATH, &o.order_no)} <span class="soft mono">{o.out_order_no.clone()}</span> }),
        Cell::new(app_link(&o.app)),
        Cell::wide(o.subject.clone()),
        Cell::new(method_name(o.method)),
        Cell::money(o.amount),
        Cell::new(view! { {order_badge(o.status)} {refunded_badge(o.refund_status)} }),
    ]
}
