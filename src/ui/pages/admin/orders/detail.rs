//! One order: its facts, everything that belongs to it, and what happened, newest last.

use super::timeline::timeline;
use crate::model::OrderStatus;
use crate::model::views::admin::{OrderView, PaymentRow};
use crate::rpc::orders::{SyncOrder, load_order};
use crate::ui::components::Money;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::cases::case_rows;
use crate::ui::pages::admin::notices::notice_rows;
use crate::ui::pages::admin::parts::*;
use crate::ui::pages::admin::refunds::refund_rows;
use crate::ui::pages::admin::webhooks::event_rows;
use leptos::prelude::*;

#[component]
pub fn OrderPage() -> impl IntoView {
    loaded(load_order(param("order_no")), show)
}

fn show(view: OrderView) -> AnyView {
    let actions = actions(&view);
    let error = failure::<SyncOrder>();
    let some = |is: bool, title: String, body: fn(&OrderView) -> AnyView| is.then(|| section(title, body(&view)));
    let body = view! {
        {form_failure(&error)}
        <div class="columns is-detail">
            <div>
                <div class="amount-head">
                    <span class="amount"><Money amount=view.row.amount test_id="amount"/></span>
                    <span data-testid="status" data-status=view.row.status.as_str()>{order_badge(view.row.status)}</span>
                    {refunded_badge(view.row.refund_status)}
                </div>
                {order_facts(&view)}
                {section(t("panel-payments"), payments(&view.payments))}
                {some(!view.refunds.is_empty(), t("panel-refunds"), |v| refund_rows(&v.refunds))}
                {some(!view.cases.is_empty(), t("panel-cases"), |v| case_rows(&v.cases))}
                {some(!view.events.is_empty(), t("panel-webhooks"), |v| event_rows(&v.events))}
                {some(!view.notices.is_empty(), t("panel-notices"), |v| notice_rows(&v.notices))}
            </div>
            {section(t("panel-timeline"), timeline(&view.timeline))}
        </div>
    };
    page(t("panel-order-title"), actions, body)
}

fn actions(view: &OrderView) -> AnyView {
    let path = format!("/admin/orders/{}", view.row.order_no);
    let sync = view.may.support.then(|| {
        view! {
            <form method="post" action={path_of::<SyncOrder>()}>
                <input type="hidden" name="order_no" value=view.row.order_no.clone()/>
                <button class="button is-small">{t("panel-sync")}</button>
            </form>
        }
    });
    let refund = (view.may.move_money && !view.left.is_zero())
        .then(|| view! { <a class="button is-small" href=format!("{path}/refund")>{t("panel-refund-order")}</a> });
    let close = (view.may.move_money && view.row.status.is_open())
        .then(|| view! { <a class="button is-small is-danger" href=format!("{path}/close")>{t("panel-close-order")}</a> });
    view! { {sync} {refund} {close} }.into_any()
}

fn order_facts(view: &OrderView) -> AnyView {
    let row = &view.row;
    let mut rows = vec![
        (t("panel-fact-order-no"), Some(num(&row.order_no))),
        (t("panel-fact-out-order-no"), Some(num(&row.out_order_no))),
        (t("panel-col-app"), Some(app_link(&row.app))),
        (t("panel-col-subject"), Some(row.subject.clone().into_any())),
        (t("panel-col-method"), row.method.map(|m| method_name(Some(m)).into_any())),
        (t("panel-fact-close-reason"), view.close_reason.map(|r| t_of("panel-closed", r.as_str()).into_any())),
        (t("panel-fact-refunded"), (!view.refunded.is_zero()).then(|| view! { <Money amount=view.refunded/> }.into_any())),
        (t("panel-fact-left"), (row.status == OrderStatus::Paid).then(|| view! { <Money amount=view.left/> }.into_any())),
        (t("panel-fact-created"), Some(moment(row.created_at))),
        (t("panel-fact-expires"), row.status.is_open().then(|| moment(view.expires_at))),
        (t("panel-fact-paid"), view.paid_at.map(moment)),
        (t("panel-fact-closed"), view.closed_at.map(moment)),
        (
            t("panel-fact-checkout"),
            Some(
                view! { <a href=view.checkout_url.clone() rel="noopener" target="_blank">{t("panel-open-checkout")}</a> }
                    .into_any(),
            ),
        ),
    ];
    rows.extend(
        view.facts
            .iter()
            .map(|(name, value)| (name.clone(), Some(view! { <span class="mono">{value.clone()}</span> }.into_any()))),
    );
    facts(rows)
}

fn payments(rows: &[PaymentRow]) -> AnyView {
    if rows.is_empty() {
        return empty(t("panel-payments-empty"), None);
    }
    let columns = vec![
        Column::new(t("panel-col-time")),
        Column::new(t("panel-col-number")),
        Column::new(t("panel-col-method")),
        Column::new(t("panel-col-channel")),
        Column::right(t("panel-col-amount")),
        Column::new(t("panel-col-status")),
    ];
    table(t("panel-payments"), columns, rows.iter().map(payment).collect())
}

fn payment(p: &PaymentRow) -> Vec<Cell> {
    let trade = p.provider_trade_no.clone().map(|no| view! { <span class="soft">{t("panel-trade-no")}" "<Num value=no/></span> });
    let payer =
        p.payer.clone().map(|who| view! { <span class="soft">{t("panel-payer")}" "<span class="mono">{who}</span></span> });
    let by = p.verified_by.map(|by| view! { <span class="soft">{t_of("panel-verified-by", by.as_str())}</span> });
    let received = p.received.map(|r| view! { <span class="bad">{t("panel-received")}" "{r.display()}</span> });
    vec![
        Cell::new(moment(p.created_at)),
        Cell::wide(view! { <Num value=p.pay_no.clone()/> {trade} {payer} }),
        Cell::new(method_name(Some(p.method))),
        Cell::new(channel_link(&p.channel)),
        Cell::right(view! { <span class="money">{p.amount.display()}</span> {received} }),
        Cell::wide(view! { {payment_badge(p.status)} {by} {p.error.clone().map(|e| view! { <span class="bad">{e}</span> })} }),
    ]
}
