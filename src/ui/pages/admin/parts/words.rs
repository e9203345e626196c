//! Statuses as words with their tones, and other short pieces of rows.

use crate::model::views::admin::Named;
use crate::model::{
    AuditDecision, CaseStatus, ChannelKind, Method, OrderStatus, PaymentStatus, RefundStatus, RefundedPart, Role, WebhookStatus,
};
use crate::ui::components::{Badge, Moment, Tone};
use crate::ui::i18n::{t, t_of};
use leptos::prelude::*;

pub fn order_badge(status: OrderStatus) -> AnyView {
    let tone = match status {
        OrderStatus::Created => Tone::Quiet,
        OrderStatus::Paying => Tone::Info,
        OrderStatus::Paid => Tone::Ok,
        OrderStatus::Closed => Tone::Quiet,
    };
    view! { <Badge tone=tone text=t_of("panel-order", status.as_str())/> }.into_any()
}

/// Nothing for orders of which nothing went back.
pub fn refunded_badge(part: RefundedPart) -> Option<AnyView> {
    (part != RefundedPart::None).then(|| view! { <Badge tone=Tone::Warn text=t_of("panel-refunded", part.as_str())/> }.into_any())
}

pub fn payment_badge(status: PaymentStatus) -> AnyView {
    let tone = match status {
        PaymentStatus::Created | PaymentStatus::Closed => Tone::Quiet,
        PaymentStatus::Pending => Tone::Info,
        PaymentStatus::Succeeded => Tone::Ok,
        PaymentStatus::Failed => Tone::Bad,
    };
    view! { <Badge tone=tone text=t_of("panel-payment", status.as_str())/> }.into_any()
}

pub fn refund_badge(status: RefundStatus) -> AnyView {
    let tone = match status {
        RefundStatus::Created | RefundStatus::Processing => Tone::Info,
        RefundStatus::Succeeded => Tone::Ok,
        RefundStatus::Failed => Tone::Bad,
    };
    view! { <Badge tone=tone text=t_of("panel-refund", status.as_str())/> }.into_any()
}

/// Of a refund that the provider asked about; without a verdict it waits.
pub fn audit_badge(decision: Option<AuditDecision>) -> AnyView {
    let (tone, word) = match decision {
        None => (Tone::Warn, "open"),
        Some(AuditDecision::Approve) => (Tone::Ok, "approve"),
        Some(AuditDecision::Reject) => (Tone::Quiet, "reject"),
    };
    view! { <Badge tone=tone text=t_of("panel-audit", word)/> }.into_any()
}

pub fn case_badge(status: CaseStatus) -> AnyView {
    let tone = if status == CaseStatus::Open { Tone::Warn } else { Tone::Quiet };
    view! { <Badge tone=tone text=t_of("panel-case", status.as_str())/> }.into_any()
}

pub fn webhook_badge(status: WebhookStatus) -> AnyView {
    let tone = match status {
        WebhookStatus::Pending => Tone::Info,
        WebhookStatus::Delivered => Tone::Ok,
        WebhookStatus::Failed => Tone::Bad,
    };
    view! { <Badge tone=tone text=t_of("panel-webhook", status.as_str())/> }.into_any()
}

/// Of what can be switched off: apps, channels, people.
pub fn enabled_badge(enabled: bool) -> AnyView {
    let (tone, text) = if enabled { (Tone::Ok, t("panel-enabled")) } else { (Tone::Quiet, t("panel-disabled")) };
    view! { <Badge tone=tone text=text/> }.into_any()
}

/// Of a notice's signature.
pub fn verified_badge(verified: bool) -> AnyView {
    let (tone, text) = if verified { (Tone::Ok, t("panel-verified")) } else { (Tone::Bad, t("panel-unverified")) };
    view! { <Badge tone=tone text=text/> }.into_any()
}

/// A dash where none was chosen yet.
pub fn method_name(method: Option<Method>) -> String {
    method.map(|m| t_of("method", m.as_str())).unwrap_or_else(|| "–".to_owned())
}

pub fn role_name(role: Role) -> String {
    t_of("panel-role", role.as_str())
}

pub fn kind_name(kind: ChannelKind) -> String {
    t_of("panel-kind", kind.as_str())
}

/// What a notice led to, or why it was refused.
pub fn result_text(result: &str) -> String {
    match result {
        "applied" | "duplicate" | "case" | "ended" | "asked" | "nothing" => t_of("panel-result", result),
        other => other.to_owned(),
    }
}

/// Who did something: a person's name, or one of the words for what is no person.
pub fn actor_text(actor: &str) -> String {
    match actor {
        "api" | "payer" | "provider" | "worker" | "rule" | "case" | "cli" => t_of("panel-actor", actor),
        name => name.to_owned(),
    }
}

pub fn app_link(app: &Named) -> AnyView {
    let href = format!("/admin/apps/{}", app.id);
    view! { <a href=href>{app.name.clone()}</a> }.into_any()
}

pub fn channel_link(channel: &Named) -> AnyView {
    let href = format!("/admin/channels/{}", channel.id);
    view! { <a href=href>{channel.name.clone()}</a> }.into_any()
}

/// A time as a fact or a cell.
pub fn moment(at: i64) -> AnyView {
    view! { <Moment at=at/> }.into_any()
}

/// A time, or a dash.
pub fn time_or_dash(at: Option<i64>) -> AnyView {
    at.map_or_else(|| view! { <span class="soft">"–"</span> }.into_any(), moment)
}

/// To choose from: id and name.
pub fn named_options(names: &[Named]) -> Vec<(String, String)> {
    names.iter().map(|n| (n.id.clone(), n.name.clone())).collect()
}
