//! The port to the database. Reads are small and named; every change is a list of [`Write`]s carried out in **one**
//! transaction, or not at all. Because a change is data, storage may join many of them into one commit, or run one again
//! after a deadlock.

use super::records::{
    App, AppKey, AppKeyKind, AuditEntry, Case, ChannelAccount, ChannelRecord, ChannelRules, Credentials, Degraded, Delivery,
    Event, NoticeRow, Offer, Order, OrderBundle, Payment, Refund, RefundAudit, Staff, StaffSession, Standing, Task, TaskKind,
    TimelineEntry,
};
use super::secret::Secret;
use crate::model::{
    Amount, AppId, CaseId, CaseKind, CaseStatus, ChannelId, EventId, EventType, Method, OrderNo, OrderStatus, PayNo,
    PaymentStatus, RefundNo, RefundStatus, RefundedPart, StaffId, WebhookStatus,
};
use async_trait::async_trait;

/// One conditional statement of a change. Each checks its row count.
#[derive(Debug, Clone)]
pub enum Write {
    // --- orders ---
    /// Fails with `Taken(OutOrderNo)`.
    InsertOrder(Box<Order>),
    /// Saves what changes of an order, `where version = order.version and status = was`; counts the version up.
    SaveOrder {
        order: Box<Order>,
        was: OrderStatus,
    },
    /// Counts an order's version up under the same condition and leaves the rest alone: something that belongs to it changes,
    /// and its columns stand in many indexes.
    PinOrder {
        order_no: OrderNo,
        version: i64,
        was: OrderStatus,
    },
    /// Fails with `Taken(PayNo)`.
    InsertPayment(Box<Payment>),
    /// Saves what changes of a payment but `refund_reserved`, `where status = was`. A second paying payment of an order
    /// fails with `Taken(PayingPayment)`.
    SavePayment {
        payment: Box<Payment>,
        was: PaymentStatus,
    },
    /// `refund_reserved + amount <= coalesce(received, amount)`, else `TooMuch`.
    ReserveRefund {
        pay_no: PayNo,
        amount: Amount,
    },
    /// Gives a reservation back after a definite no.
    ReleaseRefund {
        pay_no: PayNo,
        amount: Amount,
    },
    /// Fails with `Taken(OutRefundNo)`.
    InsertRefund(Box<Refund>),
    SaveRefund {
        refund: Box<Refund>,
        was: RefundStatus,
    },
    /// Fails with `Taken(RefundAudit)` when the provider's number has a row in its channel already.
    InsertRefundAudit(Box<RefundAudit>),
    /// Saves the verdict, `where decision is null`.
    DecideRefundAudit(Box<RefundAudit>),
    /// Fails with `Taken(Case)` when the same money has a case already (kind, channel, claimed number, trade number).
    InsertCase(Box<Case>),
    SaveCase {
        case: Box<Case>,
        was: CaseStatus,
    },
    // --- history and messages ---
    Timeline(TimelineEntry),
    InsertEvent(Box<Event>),
    /// Saves status, attempts, `delivered_at` of an event.
    SaveEvent(Box<Event>),
    /// Makes an event wait again, `where status = failed`.
    RetryEvent {
        event_id: EventId,
    },
    InsertDelivery(Box<Delivery>),
    InsertNotice(Box<NoticeRow>),
    // --- due rows ---
    /// Inserts a task, or moves it: `due_at`, `attempts` and `step` are replaced, its lease is dropped.
    Schedule(Task),
    Unschedule {
        kind: TaskKind,
        about: String,
    },
    /// Deletes a task that this owner has leased; `Stale` when somebody took over.
    FinishTask {
        kind: TaskKind,
        about: String,
        owner: String,
    },
    /// Moves a task that this owner has leased; `Stale` when somebody took over or moved it meanwhile.
    Reschedule {
        task: Task,
        owner: String,
    },
    // --- apps, channels, staff ---
    /// Fails with `Taken(Nonce)`.
    SpendNonce {
        app_id: AppId,
        nonce: String,
        expires_at: i64,
    },
    /// `pid` 0: the next free one is given.
    InsertApp(Box<App>),
    SaveApp(Box<App>),
    InsertAppKey(Box<AppKey>),
    /// Sets `retires_at` of the current keys of this kind.
    RetireAppKeys {
        app_id: AppId,
        kind: AppKeyKind,
        retires_at: i64,
    },
    /// Also stores version 1 of the credentials. Fails with `Taken(ChannelName)` for (app, name).
    InsertChannel {
        record: Box<ChannelRecord>,
        credentials: Credentials,
    },
    /// Saves a channel; with credentials, as the new version `record.version`.
    SaveChannel {
        record: Box<ChannelRecord>,
        credentials: Option<Credentials>,
    },
    SaveOffer(Offer),
    /// Saves what staff set of a channel's standing; how it does stays.
    SaveChannelRules {
        channel_id: ChannelId,
        rules: ChannelRules,
    },
    /// Marks a channel as one that fails to start payments, or as well again; what staff set stays.
    SetDegraded {
        channel_id: ChannelId,
        degraded: Option<Degraded>,
    },
    /// Fails with `Taken(StaffName)`.
    InsertStaff(Box<Staff>),
    /// Saves a person, where the row is still `was`: what somebody else has set meanwhile is not undone.
    SaveStaff {
        staff: Box<Staff>,
        was: Box<Staff>,
    },
    /// Ends a session, where it is one of this person; `Stale` when it is not, or has ended.
    EndSession {
        staff_id: StaffId,
        id_hash: String,
    },
    /// Ends all sessions of a person, but the one with this hash.
    EndSessions {
        staff_id: StaffId,
        except: Option<String>,
    },
    /// Counts a failed login of an address.
    CountLoginFailure {
        address: String,
        at: i64,
    },
    Audit(AuditEntry),
    /// A sealed setting of the installation, such as our RSA key; kept when it exists already.
    InsertSecret {
        name: String,
        value: Secret<String>,
    },
}

/// A uniqueness rule that a change would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    OutOrderNo,
    OutRefundNo,
    PayNo,
    RefundNo,
    PayingPayment,
    RefundAudit,
    Nonce,
    Case,
    ChannelName,
    StaffName,
    /// Anything else, by mistake of ours.
    Other,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold: somebody was first. Read again, decide again.
    #[error("the object changed in the meantime")]
    Stale,
    #[error("already taken: {0:?}")]
    Taken(Unique),
    /// A refund would exceed what was paid.
    #[error("refund above what is left")]
    TooMuch,
    /// The database is locked, full or gone; nothing was changed.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A stored row makes no sense.
    #[error("inconsistent row {id} of {table}: {problem}")]
    Inconsistent { table: &'static str, id: String, problem: String },
    #[error("database: {0}")]
    Other(String),
}

/// A page of a keyset-paged list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass as `before` for the older page; `None` on the last one.
    pub older: Option<String>,
    /// Pass as `after` for the newer page; `None` on the first one.
    pub newer: Option<String>,
}

/// Where a page begins. Cursors are the key of the row next to the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    pub before: Option<String>,
    pub after: Option<String>,
    pub limit: i64,
}

/// Filters of the orders list; all given ones must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub app_id: Option<AppId>,
    pub status: Option<OrderStatus>,
    pub refund_status: Option<RefundedPart>,
    pub method: Option<Method>,
    /// Creation time, UTC ms, half open.
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub amount_min: Option<i64>,
    pub amount_max: Option<i64>,
    /// Any number: ours, the merchant's, a payment's, a refund's, the provider's. Exact.
    pub number: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundFilter {
    pub app_id: Option<AppId>,
    pub status: Option<RefundStatus>,
    pub number: Option<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    pub app_id: Option<AppId>,
    pub status: Option<CaseStatus>,
    pub kind: Option<CaseKind>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    pub app_id: Option<AppId>,
    pub status: Option<WebhookStatus>,
    pub kind: Option<EventType>,
    pub number: Option<String>,
    /// Creation time, UTC ms, half open.
    pub from: Option<i64>,
    pub to: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeFilter {
    pub channel_id: Option<ChannelId>,
    pub verified: Option<bool>,
    pub number: Option<String>,
}

/// Figures for `/metrics` and the panel's overview.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Orders created since the given time, by status.
    pub orders: Vec<(OrderStatus, i64)>,
    pub paid_amount: i64,
    pub open_cases: i64,
    pub open_refunds: i64,
    pub pending_webhooks: i64,
    pub failed_webhooks: i64,
    /// Creation time of the oldest event that still waits.
    pub oldest_pending_webhook: Option<i64>,
    /// `due_at` of the oldest due task.
    pub oldest_due: Option<i64>,
}

/// How long what may be forgotten is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    pub notices_ms: i64,
    /// Tries of webhooks whose event has ended; those of a pending one stay.
    pub deliveries_ms: i64,
}

type Result<T> = std::result::Result<T, StoreError>;

/// What the core needs of a database. Lookups give `None` for what is not there: absence is a case, not a failure.
#[async_trait]
pub trait Store: Send + Sync {
    /// Carries out all writes in one transaction and returns after the commit.
    ///
    /// # Errors
    /// `Stale`, `Taken`, `TooMuch` when a condition fails: then nothing of the list has happened.
    async fn commit(&self, writes: Vec<Write>) -> Result<()>;

    /// The kinds of which at least one task is due and free.
    async fn due_kinds(&self, now: i64) -> Result<Vec<TaskKind>>;
    /// Claims up to `limit` due tasks of one kind, oldest first: sets owner and lease, counts the attempt.
    async fn claim(&self, kind: TaskKind, now: i64, lease_ms: i64, owner: &str, limit: i64) -> Result<Vec<Task>>;
    /// Gives back all leases of an owner, and of owners whose names go on with a dot after this one (processes of one node).
    async fn release(&self, owner: &str) -> Result<()>;
    async fn task(&self, kind: TaskKind, about: &str) -> Result<Option<Task>>;

    async fn app(&self, app_id: &AppId) -> Result<Option<App>>;
    async fn app_by_pid(&self, pid: i64) -> Result<Option<App>>;
    async fn apps(&self) -> Result<Vec<App>>;
    /// Keys that are valid at `now`, newest first.
    async fn app_keys(&self, app_id: &AppId, now: i64) -> Result<Vec<AppKey>>;

    async fn channel(&self, channel_id: &ChannelId) -> Result<Option<ChannelRecord>>;
    async fn channels(&self) -> Result<Vec<ChannelRecord>>;
    /// Enabled channels that this app may use, in the app's order; their `priority` is the one that counts for this app.
    async fn channels_of_app(&self, app_id: &AppId) -> Result<Vec<ChannelRecord>>;
    async fn offers(&self, channel_id: &ChannelId) -> Result<Vec<Offer>>;
    /// The standings that differ from the usual one.
    async fn standings(&self) -> Result<Vec<Standing>>;
    /// A channel with one version of its credentials, unsealed.
    async fn channel_account(&self, channel_id: &ChannelId, version: i64) -> Result<Option<ChannelAccount>>;

    async fn order(&self, order_no: &OrderNo) -> Result<Option<Order>>;
    async fn order_by_out_no(&self, app_id: &AppId, out_order_no: &str) -> Result<Option<Order>>;
    async fn order_by_token(&self, token: &str) -> Result<Option<Order>>;
    async fn bundle(&self, order_no: &OrderNo) -> Result<Option<OrderBundle>>;
    async fn bundle_by_token(&self, token: &str) -> Result<Option<OrderBundle>>;
    async fn bundle_of_payment(&self, pay_no: &PayNo) -> Result<Option<OrderBundle>>;
    async fn payment(&self, pay_no: &PayNo) -> Result<Option<Payment>>;
    async fn refund(&self, refund_no: &RefundNo) -> Result<Option<Refund>>;
    async fn refund_by_out_no(&self, app_id: &AppId, out_refund_no: &str) -> Result<Option<Refund>>;
    async fn refund_audit(&self, audit_id: &str) -> Result<Option<RefundAudit>>;
    async fn refund_audit_by_no(&self, channel_id: &ChannelId, provider_refund_no: &str) -> Result<Option<RefundAudit>>;
    /// Those without a verdict, oldest first.
    async fn open_refund_audits(&self, limit: i64) -> Result<Vec<RefundAudit>>;
    async fn case(&self, case_id: &CaseId) -> Result<Option<Case>>;
    async fn timeline(&self, order_no: &OrderNo) -> Result<Vec<TimelineEntry>>;
    async fn event(&self, event_id: &EventId) -> Result<Option<Event>>;
    async fn events_of_order(&self, order_no: &OrderNo) -> Result<Vec<Event>>;
    async fn deliveries(&self, event_id: &EventId) -> Result<Vec<Delivery>>;
    async fn notice(&self, id: &str) -> Result<Option<NoticeRow>>;
    async fn notices_of_order(&self, order_no: &OrderNo) -> Result<Vec<NoticeRow>>;
    /// How many unverified notices of a channel are kept since then.
    async fn unverified_since(&self, channel_id: &ChannelId, since: i64) -> Result<i64>;

    async fn orders(&self, filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>>;
    async fn refunds(&self, filter: &RefundFilter, page: &PageRequest) -> Result<Page<Refund>>;
    async fn cases(&self, filter: &CaseFilter, page: &PageRequest) -> Result<Page<Case>>;
    async fn events(&self, filter: &EventFilter, page: &PageRequest) -> Result<Page<Event>>;
    /// How many there are, counted up to `most`.
    async fn event_count(&self, filter: &EventFilter, most: i64) -> Result<i64>;
    /// Apps with failed events of both times: created from `from` on but before `turn`, and since then. The first by id.
    async fn apps_with_failures(&self, from: i64, turn: i64, limit: i64) -> Result<Vec<AppId>>;
    async fn notices(&self, filter: &NoticeFilter, page: &PageRequest) -> Result<Page<NoticeRow>>;
    async fn audit(&self, page: &PageRequest) -> Result<Page<AuditEntry>>;
    /// Walks the whole chain; the number of entries, or the first broken one as `Inconsistent`.
    async fn verify_audit(&self) -> Result<i64>;

    async fn staff(&self, staff_id: &StaffId) -> Result<Option<Staff>>;
    async fn staff_by_name(&self, name: &str) -> Result<Option<Staff>>;
    async fn all_staff(&self) -> Result<Vec<Staff>>;
    /// Sessions of a person that have not expired at `now`; those that are over may be among them.
    async fn sessions_of(&self, staff_id: &StaffId, now: i64) -> Result<Vec<StaffSession>>;
    /// Failed logins of an address since then.
    async fn login_failures(&self, address: &str, since: i64) -> Result<i64>;

    async fn secret(&self, name: &str) -> Result<Option<Secret<String>>>;
    async fn figures(&self, since: i64) -> Result<Figures>;
    /// Deletes expired nonces, sessions, old login failures, old notices and old tries of webhooks, in small batches.
    async fn sweep(&self, now: i64, keep: Keep) -> Result<u64>;
    /// The database's own clock, UTC ms, and a proof that it answers.
    async fn ping(&self) -> Result<i64>;
}
