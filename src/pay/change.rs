//! A change in the making: the after-state of an order and everything that is written with it. Every decision about an
//! order is built here and committed as one unit; the order's version makes sure that nothing else was decided meanwhile.

use super::cashier::Cashier;
use super::error::Error;
use super::objects;
use super::records::{App, Case, Event, Order, OrderBundle, Payment, Refund, TaskKind, TimelineKind};
use super::store::Write;
use crate::model::{EventId, EventType, OrderNo, OrderStatus, PayNo, PaymentStatus, RefundStatus, StaffId, WebhookStatus};

pub(super) struct Change<'a> {
    cashier: &'a Cashier,
    app: &'a App,
    /// The state after the change.
    pub bundle: OrderBundle,
    was: OrderStatus,
    order: Touch,
    pub writes: Vec<Write>,
    events: Vec<PendingEvent>,
}

/// What happens to the order's own row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Touch {
    Nothing,
    /// Only its version counts up.
    Pinned,
    Changed,
}

/// Bodies are written last, when the after-state is complete.
enum PendingEvent {
    Order(EventType),
    Refund(EventType, Box<Refund>),
    Case(EventType, Box<Case>),
}

impl<'a> Change<'a> {
    pub fn new(cashier: &'a Cashier, app: &'a App, bundle: OrderBundle) -> Self {
        let was = bundle.order.status;
        Self { cashier, app, bundle, was, order: Touch::Nothing, writes: Vec::new(), events: Vec::new() }
    }

    pub fn order_no(&self) -> OrderNo {
        self.bundle.order.order_no.clone()
    }

    pub fn order(&mut self, change: impl FnOnce(&mut Order)) {
        change(&mut self.bundle.order);
        self.order = Touch::Changed;
    }

    /// Makes sure that nothing else is decided about the order meanwhile. Whatever changes what belongs to it does so too.
    pub fn pin(&mut self) {
        self.order = self.order.max(Touch::Pinned);
    }

    /// Changes a payment of the order and its row.
    pub fn payment(&mut self, pay_no: &PayNo, change: impl FnOnce(&mut Payment)) {
        if let Some(payment) = self.bundle.payments.iter_mut().find(|p| &p.pay_no == pay_no) {
            let was: PaymentStatus = payment.status;
            change(payment);
            self.writes.push(Write::SavePayment { payment: Box::new(payment.clone()), was });
        }
        self.pin();
    }

    pub fn new_payment(&mut self, payment: Payment) {
        self.bundle.payments.push(payment.clone());
        self.writes.push(Write::InsertPayment(Box::new(payment)));
        self.pin();
    }

    pub fn refund(&mut self, refund_no: &crate::model::RefundNo, change: impl FnOnce(&mut Refund)) {
        if let Some(refund) = self.bundle.refunds.iter_mut().find(|r| &r.refund_no == refund_no) {
            let was: RefundStatus = refund.status;
            change(refund);
            self.writes.push(Write::SaveRefund { refund: Box::new(refund.clone()), was });
        }
        self.pin();
    }

    pub fn new_refund(&mut self, refund: Refund) {
        self.writes.push(Write::ReserveRefund { pay_no: refund.pay_no.clone(), amount: refund.amount });
        self.writes.push(Write::InsertRefund(Box::new(refund.clone())));
        self.bundle.refunds.push(refund);
        self.pin();
    }

    pub fn new_case(&mut self, case: Case) {
        self.writes.push(Write::InsertCase(Box::new(case.clone())));
        self.events.push(PendingEvent::Case(EventType::CaseOpened, Box::new(case.clone())));
        self.bundle.cases.push(case);
        self.pin();
    }

    pub fn case(&mut self, case_id: &crate::model::CaseId, change: impl FnOnce(&mut Case)) -> Option<Case> {
        let case = self.bundle.cases.iter_mut().find(|c| &c.case_id == case_id)?;
        let was = case.status;
        change(case);
        let case = case.clone();
        self.writes.push(Write::SaveCase { case: Box::new(case.clone()), was });
        self.pin();
        Some(case)
    }

    pub fn write(&mut self, write: Write) {
        self.writes.push(write);
    }

    /// A timeline entry; `about` and facts are added by the caller.
    pub fn note(&mut self, kind: TimelineKind, actor: &str, about: Option<&str>, facts: &[(&str, String)]) {
        let mut entry = self.cashier.entry(&self.order_no(), kind, actor);
        if let Some(about) = about {
            entry = entry.about(about);
        }
        for (name, value) in facts {
            entry = entry.with(name, value);
        }
        self.writes.push(Write::Timeline(entry));
    }

    /// The audit entry of something a member of staff did; others leave none, the timeline has them.
    pub fn audit(&mut self, actor: &str, action: &str, object: &str, before: serde_json::Value, after: serde_json::Value) {
        if StaffId::parse(actor).is_ok() {
            self.writes.push(self.cashier.audit(actor, action, object, Some(before), Some(after)));
        }
    }

    pub fn order_event(&mut self, kind: EventType) {
        self.events.push(PendingEvent::Order(kind));
    }

    pub fn refund_event(&mut self, kind: EventType, refund: &Refund) {
        self.events.push(PendingEvent::Refund(kind, Box::new(refund.clone())));
    }

    pub fn case_event(&mut self, kind: EventType, case: &Case) {
        self.events.push(PendingEvent::Case(kind, Box::new(case.clone())));
    }

    /// Commits; the after-state on success.
    ///
    /// # Errors
    /// `Store(Stale)` when somebody was first: read again and decide again.
    pub async fn commit(mut self) -> Result<OrderBundle, Error> {
        for event in std::mem::take(&mut self.events) {
            self.freeze(event);
        }
        let (order, was) = (&self.bundle.order, self.was);
        let write = match self.order {
            Touch::Nothing => None,
            Touch::Pinned => Some(Write::PinOrder { order_no: order.order_no.clone(), version: order.version, was }),
            Touch::Changed => Some(Write::SaveOrder { order: Box::new(order.clone()), was }),
        };
        if let Some(write) = write {
            // First, so that a change that lost the race fails before it does anything.
            self.writes.insert(0, write);
            self.bundle.order.version += 1;
        }
        let order_no = self.order_no();
        self.cashier.commit(Some(&order_no), self.writes).await?;
        Ok(self.bundle)
    }

    fn freeze(&mut self, event: PendingEvent) {
        let order = &self.bundle.order;
        let refund_of = |case: &Case| self.bundle.refunds.iter().rev().find(|r| r.case_id.as_ref() == Some(&case.case_id));
        let (kind, about, data, own_url) = match &event {
            PendingEvent::Order(kind) => {
                let url = self.cashier.checkout_url(&order.token);
                (*kind, order.order_no.to_string(), objects::order_json(&self.bundle, &url), None)
            }
            PendingEvent::Refund(kind, refund) => {
                (*kind, refund.refund_no.to_string(), objects::refund_json(refund), refund.notify_url.clone())
            }
            PendingEvent::Case(kind, case) => (*kind, case.case_id.to_string(), objects::case_json(case, refund_of(case)), None),
        };
        let url = own_url.or_else(|| order.notify_url.clone()).or_else(|| self.app.settings.notify_url.clone());
        if let Some(url) = url {
            let writes = event_writes(self.cashier, self.app, Some(&order.order_no), kind, about, url, data);
            self.writes.extend(writes);
        }
    }
}

/// An event row and its first try, due at once.
pub(super) fn event_writes(
    cashier: &Cashier,
    app: &App,
    order_no: Option<&OrderNo>,
    kind: EventType,
    about: String,
    url: String,
    data: serde_json::Value,
) -> Vec<Write> {
    let now = cashier.now();
    let Ok(event_id) = EventId::parse(&cashier.world().id("evt")) else { return Vec::new() };
    let task = cashier.task_at(TaskKind::DeliverEvent, event_id.as_str(), now, 0);
    let event = Event {
        event_id,
        app_id: app.app_id.clone(),
        kind,
        order_no: order_no.cloned(),
        about,
        url,
        body: objects::event_body(kind, now, data),
        created_at: now,
        status: WebhookStatus::Pending,
        attempts: 0,
        delivered_at: None,
    };
    vec![Write::InsertEvent(Box::new(event)), Write::Schedule(task)]
}
