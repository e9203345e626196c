//! How things stand: today, what waits for somebody, the last week.

use super::parts::*;
use super::webhooks::failing_note;
use crate::model::OrderStatus;
use crate::model::views::admin::{DayFigure, OverviewView};
use crate::rpc::overview::load_overview;
use crate::ui::components::{Moment, Money};
use crate::ui::i18n::{t, t_of};
use leptos::prelude::*;

#[component]
pub fn OverviewPage() -> impl IntoView {
    loaded(load_overview(), show)
}

fn show(view: OverviewView) -> AnyView {
    let all: i64 = view.today.iter().map(|(_, n)| n).sum();
    let paid: i64 = view.today.iter().filter(|(s, _)| *s == OrderStatus::Paid).map(|(_, n)| n).sum();
    let body = view! {
        {first_steps(&view)}
        {failing_note(&view.failing)}
        <ul class="figures">
            {figure(t("panel-paid-today"), view! { <Money amount=view.paid_today/> }.into_any(), "/admin/orders?status=paid", false)}
            {figure(t("panel-orders-today"), all.into_any(), "/admin/orders", false)}
            {figure(t("panel-paid-orders-today"), paid.into_any(), "/admin/orders?status=paid", false)}
            {figure(t("panel-open-cases"), view.open_cases.into_any(), "/admin/cases?status=open", view.open_cases > 0)}
            {figure(t("panel-open-refunds"), view.open_refunds.into_any(), "/admin/refunds?status=processing", false)}
            {figure(t("panel-waiting-webhooks"), view.pending_webhooks.into_any(), "/admin/webhooks?status=pending", false)}
            {figure(t("panel-failed-webhooks"), view.failed_webhooks.into_any(), "/admin/webhooks?status=failed", view.failed_webhooks > 0)}
        </ul>
        {view
            .oldest_pending_webhook_at
            .map(|at| view! { <p class="soft">{t("panel-oldest-webhook")}" "<Moment at=at/></p> })}
        {section(t("panel-week"), week(&view.days))}
        {section(t("panel-today-by-status"), by_status(&view.today))}
    };
    page(t("panel-overview"), (), body)
}

fn figure(name: String, value: AnyView, href: &'static str, alarming: bool) -> AnyView {
    let class = if alarming { "figure is-warn" } else { "figure" };
    view! {
        <li class=class>
            <a href=href>
                <span class="figure-name">{name}</span>
                <span class="figure-value">{value}</span>
            </a>
        </li>
    }
    .into_any()
}

/// What is missing before the first payment can work.
fn first_steps(view: &OverviewView) -> Option<AnyView> {
    let step = |done: bool, text: String, href: &'static str| {
        (!done).then(|| view! { <li><a class="button is-small" href=href>{text}</a></li> }.into_any())
    };
    let steps: Vec<AnyView> = [
        step(view.has_apps, t("panel-first-app"), "/admin/apps/new"),
        step(view.has_channels, t("panel-first-channel"), "/admin/channels"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (view.may.configure && !steps.is_empty()).then(|| {
        view! {
            <section class="panel-note is-info">
                <p>{t("panel-first-steps")}</p>
                <ul class="row">{steps}</ul>
            </section>
        }
        .into_any()
    })
}

/// Bars of paid amounts with the figures in a table beneath.
fn week(days: &[DayFigure]) -> AnyView {
    let bars = days
        .iter()
        .enumerate()
        .map(|(i, day)| {
            let (x, height) = (i * 60 + 10, day.percent.max(1));
            view! {
                <rect class="bar" x=x.to_string() y=(100 - height).to_string() width="40" height=height.to_string() rx="3"></rect>
            }
        })
        .collect_view();
    let rows = days
        .iter()
        .rev()
        .map(|day| {
            vec![Cell::new(day.day.clone()), Cell::right(day.orders), Cell::right(day.paid_orders), Cell::money(day.paid_amount)]
        })
        .collect();
    let columns = vec![
        Column::new(t("panel-col-day")),
        Column::right(t("panel-col-orders")),
        Column::right(t("panel-col-paid-orders")),
        Column::right(t("panel-col-paid-amount")),
    ];
    view! {
        <div class="week">
            <svg class="chart" viewBox="0 0 420 104" role="img" aria-label=t("panel-week")>{bars}</svg>
            {table(t("panel-week"), columns, rows)}
        </div>
    }
    .into_any()
}

fn by_status(today: &[(OrderStatus, i64)]) -> AnyView {
    if today.iter().all(|(_, n)| *n == 0) {
        return empty(t("panel-nothing-today"), None);
    }
    let row = |(status, count): &(OrderStatus, i64)| {
        let href = link("/admin/orders", &[("status", status.as_str())]);
        view! { <div><dt><a href=href>{t_of("panel-order", status.as_str())}</a></dt><dd>{*count}</dd></div> }
    };
    view! { <dl class="fact-list">{today.iter().map(row).collect_view()}</dl> }.into_any()
}
