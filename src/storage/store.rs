//! The port, forwarded to the files of the aggregates.

use super::database::Database;
use super::write;
use crate::model::{AppId, CaseId, ChannelId, EventId, OrderNo, PayNo, RefundNo, StaffId};
use crate::pay::store::{
    CaseFilter, EventFilter, Figures, Keep, NoticeFilter, OrderFilter, Page, PageRequest, RefundFilter, Store, StoreError, Write,
};
use crate::pay::{
    App, AppKey, AuditEntry, Case, ChannelAccount, ChannelRecord, Delivery, Event, NoticeRow, Offer, Order, OrderBundle, Payment,
    Refund, RefundAudit, Secret, Staff, StaffSession, Standing, Task, TaskKind, TimelineEntry,
};
use async_trait::async_trait;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Store for Database {
    async fn commit(&self, writes: Vec<Write>) -> Result<()> {
        let unit = write::unit(&writes, self.keys())?;
        self.write(unit).await.map(drop)
    }

    async fn due_kinds(&self, now: i64) -> Result<Vec<TaskKind>> {
        self.kinds_of_due_tasks(now).await
    }

    async fn claim(&self, kind: TaskKind, now: i64, lease_ms: i64, owner: &str, limit: i64) -> Result<Vec<Task>> {
        self.claim_tasks(kind, now, lease_ms, owner, limit).await
    }

    async fn release(&self, owner: &str) -> Result<()> {
        self.release_tasks(owner).await
    }

    async fn task(&self, kind: TaskKind, about: &str) -> Result<Option<Task>> {
        self.find_task(kind, about).await
    }

    async fn app(&self, app_id: &AppId) -> Result<Option<App>> {
        self.find_app(app_id).await
    }

    async fn app_by_pid(&self, pid: i64) -> Result<Option<App>> {
        self.find_app_by_pid(pid).await
    }

    async fn apps(&self) -> Result<Vec<App>> {
        self.find_apps().await
    }

    async fn app_keys(&self, app_id: &AppId, now: i64) -> Result<Vec<AppKey>> {
        self.find_app_keys(app_id, now).await
    }

    async fn channel(&self, channel_id: &ChannelId) -> Result<Option<ChannelRecord>> {
        self.find_channel(channel_id).await
    }

    async fn channels(&self) -> Result<Vec<ChannelRecord>> {
        self.find_channels().await
    }

    async fn channels_of_app(&self, app_id: &AppId) -> Result<Vec<ChannelRecord>> {
        self.find_channels_of_app(app_id).await
    }

    async fn offers(&self, channel_id: &ChannelId) -> Result<Vec<Offer>> {
        self.find_offers(channel_id).await
    }

    async fn standings(&self) -> Result<Vec<Standing>> {
        self.find_standings().await
    }

    async fn channel_account(&self, channel_id: &ChannelId, version: i64) -> Result<Option<ChannelAccount>> {
        self.find_channel_account(channel_id, version).await
    }

    async fn order(&self, order_no: &OrderNo) -> Result<Option<Order>> {
        self.find_order(order_no).await
    }

    async fn order_by_out_no(&self, app_id: &AppId, out_order_no: &str) -> Result<Option<Order>> {
        self.find_order_by_out_no(app_id, out_order_no).await
    }

    async fn order_by_token(&self, token: &str) -> Result<Option<Order>> {
        self.find_order_by_token(token).await
    }

    async fn bundle(&self, order_no: &OrderNo) -> Result<Option<OrderBundle>> {
        self.find_bundle(order_no).await
    }
    async fn bundle_by_token(&self, token: &str) -> Result<Option<OrderBundle>> {
        self.find_bundle_by_token(token).await
    }
    async fn bundle_of_payment(&self, pay_no: &PayNo) -> Result<Option<OrderBundle>> {
        self.find_bundle_of_payment(pay_no).await
    }

    async fn payment(&self, pay_no: &PayNo) -> Result<Option<Payment>> {
        self.find_payment(pay_no).await
    }

    async fn refund(&self, refund_no: &RefundNo) -> Result<Option<Refund>> {
        self.find_refund(refund_no).await
    }

    async fn refund_by_out_no(&self, app_id: &AppId, out_refund_no: &str) -> Result<Option<Refund>> {
        self.find_refund_by_out_no(app_id, out_refund_no).await
    }

    async fn refund_audit(&self, audit_id: &str) -> Result<Option<RefundAudit>> {
        self.find_refund_audit(audit_id).await
    }

    async fn refund_audit_by_no(&self, channel_id: &ChannelId, provider_refund_no: &str) -> Result<Option<RefundAudit>> {
        self.find_refund_audit_by_no(channel_id, provider_refund_no).await
    }

    async fn open_refund_audits(&self, limit: i64) -> Result<Vec<RefundAudit>> {
        self.find_open_refund_audits(limit).await
    }

    async fn case(&self, case_id: &CaseId) -> Result<Option<Case>> {
        self.find_case(case_id).await
    }

    async fn timeline(&self, order_no: &OrderNo) -> Result<Vec<TimelineEntry>> {
        self.find_timeline(order_no).await
    }

    async fn event(&self, event_id: &EventId) -> Result<Option<Event>> {
        self.find_event(event_id).await
    }

    async fn events_of_order(&self, order_no: &OrderNo) -> Result<Vec<Event>> {
        self.find_events_of_order(order_no).await
    }

    async fn deliveries(&self, event_id: &EventId) -> Result<Vec<Delivery>> {
        self.find_deliveries(event_id).await
    }

    async fn notice(&self, id: &str) -> Result<Option<NoticeRow>> {
        self.find_notice(id).await
    }

    async fn notices_of_order(&self, order_no: &OrderNo) -> Result<Vec<NoticeRow>> {
        self.find_notices_of_order(order_no).await
    }

    async fn unverified_since(&self, channel_id: &ChannelId, since: i64) -> Result<i64> {
        self.count_unverified(channel_id, since).await
    }

    async fn orders(&self, filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>> {
        self.list_orders(filter, page).await
    }

    async fn refunds(&self, filter: &RefundFilter, page: &PageRequest) -> Result<Page<Refund>> {
        self.list_refunds(filter, page).await
    }

    async fn cases(&self, filter: &CaseFilter, page: &PageRequest) -> Result<Page<Case>> {
        self.list_cases(filter, page).await
    }

    async fn events(&self, filter: &EventFilter, page: &PageRequest) -> Result<Page<Event>> {
        self.list_events(filter, page).await
    }

    async fn event_count(&self, filter: &EventFilter, most: i64) -> Result<i64> {
        self.count_events(filter, most).await
    }

    async fn apps_with_failures(&self, from: i64, turn: i64, limit: i64) -> Result<Vec<AppId>> {
        self.find_apps_with_failures(from, turn, limit).await
    }

    async fn notices(&self, filter: &NoticeFilter, page: &PageRequest) -> Result<Page<NoticeRow>> {
        self.list_notices(filter, page).await
    }

    async fn audit(&self, page: &PageRequest) -> Result<Page<AuditEntry>> {
        self.list_audit(page).await
    }

    async fn verify_audit(&self) -> Result<i64> {
        self.walk_audit().await
    }

    async fn staff(&self, staff_id: &StaffId) -> Result<Option<Staff>> {
        self.find_staff(staff_id).await
    }

    async fn staff_by_name(&self, name: &str) -> Result<Option<Staff>> {
        self.find_staff_by_name(name).await
    }

    async fn all_staff(&self) -> Result<Vec<Staff>> {
        self.find_all_staff().await
    }

    async fn sessions_of(&self, staff_id: &StaffId, now: i64) -> Result<Vec<StaffSession>> {
        self.find_sessions_of(staff_id, now).await
    }

    async fn login_failures(&self, address: &str, since: i64) -> Result<i64> {
        self.count_login_failures(address, since).await
    }

    async fn secret(&self, name: &str) -> Result<Option<Secret<String>>> {
        self.find_secret(name).await
    }

    async fn figures(&self, since: i64) -> Result<Figures> {
        self.count_figures(since).await
    }

    async fn sweep(&self, now: i64, keep: Keep) -> Result<u64> {
        self.sweep_rows(now, keep).await
    }

    async fn ping(&self) -> Result<i64> {
        self.clock_ms().await
    }
}
