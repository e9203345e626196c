//! Every step of an order in the order of time, newest last.

use crate::model::views::admin::Step;
use crate::ui::components::{Icon, IconName, Moment};
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::{Num, actor_text, empty};
use leptos::prelude::*;

/// `steps` come oldest first.
pub fn timeline(steps: &[Step]) -> AnyView {
    if steps.is_empty() {
        return empty(t("panel-timeline-empty"), None);
    }
    view! { <ol class="timeline">{steps.iter().map(step).collect_view()}</ol> }.into_any()
}

fn step(step: &Step) -> AnyView {
    let (icon, tone) = mark(&step.kind);
    let data = (!step.data.is_empty()).then(|| {
        let row = |(name, value): &(String, String)| {
            view! { <div><dt>{name.clone()}</dt><dd class="mono">{value.clone()}</dd></div> }
        };
        view! {
            <details class="raw">
                <summary>{t("panel-details")}</summary>
                <dl class="fact-list is-small">{step.data.iter().map(row).collect_view()}</dl>
            </details>
        }
    });
    view! {
        <li class=format!("step {tone}")>
            <Icon name=icon/>
            <div>
                <p>
                    <strong>{t_of("panel-step", &step.kind)}</strong>
                    <span class="soft">{actor_text(&step.actor)}</span>
                </p>
                <p class="soft"><Moment at=step.at/></p>
                {step.about.clone().map(|about| view! { <Num value=about/> })}
                {data}
            </div>
        </li>
    }
    .into_any()
}

/// An icon and a tone for each kind of step.
fn mark(kind: &str) -> (IconName, &'static str) {
    match kind {
        "order_created" => (IconName::Order, ""),
        "order_paid" | "payment_succeeded" => (IconName::Check, "is-ok"),
        "order_closed" | "payment_closed" => (IconName::Close, ""),
        "payment_started" | "payment_pending" | "payer_returned" => (IconName::Scan, "is-info"),
        "payment_failed" | "refund_failed" | "webhook_failed" => (IconName::Alert, "is-bad"),
        "provider_unclear" => (IconName::Clock, "is-warn"),
        "notice_received" => (IconName::Notice, "is-info"),
        "query_answered" => (IconName::Refresh, ""),
        "refund_requested" => (IconName::Refund, "is-info"),
        "refund_succeeded" => (IconName::Refund, "is-ok"),
        "refund_audited" => (IconName::Refund, "is-warn"),
        "case_opened" => (IconName::Case, "is-warn"),
        "case_resolved" => (IconName::Case, "is-ok"),
        "webhook_delivered" => (IconName::Webhook, "is-ok"),
        "webhook_redelivered" => (IconName::Webhook, ""),
        _ => (IconName::User, ""),
    }
}
