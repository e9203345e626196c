//! Records turned into what pages show: ids with their names, amounts in fen, times in UTC ms, a payer's marks masked.

use super::names::Names;
use crate::model::Amount;
use crate::model::views::admin::*;
use crate::pay::{
    App, Case, ChannelRecord, ChannelRules, Delivery, Event, FailingReceiver, NoticeRow as Notice, Order, Payment, Refund,
    RefundAudit, Staff, StaffSession, Standing, TimelineEntry,
};

fn text<T: ToString>(id: &Option<T>) -> Option<String> {
    id.as_ref().map(ToString::to_string)
}

fn error(code: &Option<String>, message: &Option<String>) -> Option<String> {
    let parts: Vec<&str> = [code, message].into_iter().filter_map(|p| p.as_deref()).filter(|p| !p.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// An order in a list.
pub fn order(o: &Order, names: &Names) -> OrderRow {
    OrderRow {
        order_no: o.order_no.to_string(),
        out_order_no: o.out_order_no.clone(),
        app: names.app(&o.app_id),
        subject: o.subject.clone(),
        method: o.method,
        amount: o.amount,
        status: o.status,
        refund_status: o.refund_status,
        created_at: o.created_at,
    }
}

/// An attempt to pay. `received` is told where it differs from the amount.
pub fn payment(p: &Payment, names: &Names) -> PaymentRow {
    PaymentRow {
        pay_no: p.pay_no.to_string(),
        method: p.method,
        channel: names.channel(&p.channel_id),
        status: p.status,
        amount: p.amount,
        received: p.received.filter(|r| *r != p.amount),
        provider_trade_no: p.provider_trade_no.clone(),
        payer: p.payer.as_deref().map(super::mask::masked),
        error: error(&p.error_code, &p.error_message),
        verified_by: p.verified_by,
        created_at: p.created_at,
    }
}

/// A refund, in a list or on its own page.
pub fn refund(r: &Refund, names: &Names) -> RefundRow {
    RefundRow {
        refund_no: r.refund_no.to_string(),
        out_refund_no: r.out_refund_no.clone(),
        order_no: text(&r.order_no),
        pay_no: r.pay_no.to_string(),
        case_id: text(&r.case_id),
        app: names.app(&r.app_id),
        amount: r.amount,
        reason: r.reason.clone(),
        status: r.status,
        provider_refund_no: r.provider_refund_no.clone(),
        error: error(&r.error_code, &r.error_message),
        requested_by: names.actor(&r.requested_by),
        created_at: r.created_at,
        succeeded_at: r.succeeded_at,
    }
}

/// A refund that a provider asks about.
pub fn refund_audit(a: &RefundAudit, names: &Names) -> RefundAuditRow {
    RefundAuditRow {
        audit_id: a.audit_id.clone(),
        provider_refund_no: a.provider_refund_no.clone(),
        pay_no: a.pay_no.clone(),
        order_no: text(&a.order_no),
        app: a.app_id.as_ref().map(|id| names.app(id)),
        channel: names.channel(&a.channel_id),
        amount: a.amount,
        decision: a.decision,
        refund_no: text(&a.refund_no),
        decided_by: a.decided_by.as_deref().map(|by| names.actor(by)),
        asked_at: a.asked_at,
        decided_at: a.decided_at,
    }
}

/// Money that arrived where none was awaited.
pub fn case(c: &Case, names: &Names) -> CaseRow {
    CaseRow {
        case_id: c.case_id.to_string(),
        kind: c.kind,
        app: c.app_id.as_ref().map(|id| names.app(id)),
        channel: names.channel(&c.channel_id),
        order_no: text(&c.order_no),
        pay_no: text(&c.pay_no),
        claimed_no: c.claimed_no.clone(),
        provider_trade_no: c.provider_trade_no.clone(),
        amount: c.amount,
        status: c.status,
        answer: c.answer,
        refund_no: text(&c.refund_no),
        resolved_by: c.resolved_by.as_deref().map(|by| names.actor(by)),
        created_at: c.created_at,
        resolved_at: c.resolved_at,
    }
}

/// A message to a merchant.
pub fn event(e: &Event, names: &Names) -> EventRow {
    EventRow {
        event_id: e.event_id.to_string(),
        kind: e.kind,
        app: names.app(&e.app_id),
        order_no: text(&e.order_no),
        about: e.about.clone(),
        url: e.url.clone(),
        status: e.status,
        attempts: e.attempts,
        created_at: e.created_at,
        delivered_at: e.delivered_at,
    }
}

/// One try to deliver a message.
pub fn delivery(d: &Delivery) -> DeliveryRow {
    DeliveryRow {
        attempt: d.attempt,
        at: d.at,
        duration_ms: d.duration_ms,
        request_headers: d.request_headers.clone(),
        status_code: d.status_code,
        reply: d.reply.clone(),
        error: d.error.clone(),
    }
}

/// A receiver that takes nothing.
pub fn failing(f: &FailingReceiver, names: &Names) -> FailingRow {
    FailingRow { app: names.app(&f.app_id), address: f.origin.clone(), since: f.since }
}

/// What a provider sent, without its text.
pub fn notice(n: &Notice, names: &Names) -> NoticeRow {
    NoticeRow {
        id: n.id.clone(),
        channel: names.channel(&n.channel_id),
        kind: n.kind.clone(),
        received_at: n.received_at,
        verified: n.verified,
        result: n.result.clone(),
        pay_no: n.pay_no.clone(),
        order_no: text(&n.order_no),
    }
}

/// A step of an order's timeline: amounts as yuan, personal facts masked.
pub fn step(t: &TimelineEntry, names: &Names) -> Step {
    let shown = |(name, value): (&String, &String)| {
        let amount = || value.parse().ok().and_then(|fen| Amount::from_stored(fen).ok()).map(Amount::display);
        let value = match name.as_str() {
            name if super::mask::is_private(name) => super::mask::masked(value),
            "amount" | "received" => amount().unwrap_or_else(|| value.clone()),
            _ => value.clone(),
        };
        (name.clone(), value)
    };
    Step {
        at: t.at,
        kind: t.kind.as_str().to_owned(),
        actor: names.actor(&t.actor),
        about: t.about.clone(),
        data: t.data.iter().map(shown).collect(),
    }
}

/// An app in a list.
pub fn app(a: &App) -> AppRow {
    AppRow { app_id: a.app_id.to_string(), pid: a.pid, name: a.name.clone(), enabled: a.enabled, created_at: a.created_at }
}

/// A channel in a list. Without a standing it has the usual one.
pub fn channel(c: &ChannelRecord, standing: Option<&Standing>, names: &Names) -> ChannelRow {
    let degraded = standing.and_then(|s| s.degraded.as_ref());
    ChannelRow {
        channel_id: c.channel_id.to_string(),
        kind: c.kind,
        name: c.name.clone(),
        app: c.app_id.as_ref().map(|id| names.app(id)),
        enabled: c.enabled,
        methods: c.methods.clone(),
        priority: c.priority,
        weight: standing.map_or(ChannelRules::default().weight, |s| s.rules.weight),
        degraded: degraded.map(|d| DegradedView { at: d.at, reason: d.reason.clone() }),
        updated_at: c.updated_at,
    }
}

/// A member of staff, as `me` sees them at `now` (UTC ms).
pub fn staff(s: &Staff, me: &Staff, now: i64) -> StaffRow {
    StaffRow {
        staff_id: s.staff_id.to_string(),
        name: s.name.clone(),
        role: s.role,
        enabled: s.enabled,
        locked: s.locked_until > now,
        is_me: s.staff_id == me.staff_id,
        created_at: s.created_at,
        last_login_at: s.last_login_at,
    }
}

/// A session in the list of its person. `mine` is the handle of the one that looks.
pub fn session(s: StaffSession, mine: Option<&str>) -> SessionRow {
    SessionRow {
        is_this: mine == Some(s.id_hash.as_str()),
        handle: s.id_hash,
        signed_in_at: s.signed_in_at,
        seen_at: s.seen_at,
        address: s.address,
        browser: s.browser,
    }
}
