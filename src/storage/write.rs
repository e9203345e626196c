//! The one `match` over [`Write`]: each becomes the statements that carry it out. Sealing happens here, before any
//! transaction begins.

use super::seal::MasterKeys;
use super::statement::{Step, Unit};
use super::{
    apps, cases, channels, events, notices, orders, payments, refund_audits, refunds, secrets, staff, standings, tasks, timeline,
};
use crate::pay::store::{StoreError, Write};

/// The unit of a list of writes.
pub(super) fn unit(writes: &[Write], keys: &MasterKeys) -> Result<Unit, StoreError> {
    let mut unit = Vec::with_capacity(writes.len());
    for write in writes {
        steps(write, keys, &mut unit)?;
    }
    Ok(unit)
}

fn steps(write: &Write, keys: &MasterKeys, unit: &mut Unit) -> Result<(), StoreError> {
    let statement = match write {
        Write::InsertOrder(order) => orders::insert(order)?,
        Write::SaveOrder { order, was } => orders::save(order, *was),
        Write::PinOrder { order_no, version, was } => orders::pin(order_no, *version, *was),
        Write::InsertPayment(payment) => payments::insert(payment)?,
        Write::SavePayment { payment, was } => payments::save(payment, *was)?,
        Write::ReserveRefund { pay_no, amount } => payments::reserve(pay_no, *amount),
        Write::ReleaseRefund { pay_no, amount } => payments::release(pay_no, *amount),
        Write::InsertRefund(refund) => refunds::insert(refund),
        Write::SaveRefund { refund, was } => refunds::save(refund, *was),
        Write::InsertRefundAudit(audit) => refund_audits::insert(audit),
        Write::DecideRefundAudit(audit) => refund_audits::decide(audit),
        Write::InsertCase(case) => cases::insert(case),
        Write::SaveCase { case, was } => cases::save(case, *was),
        Write::Timeline(entry) => timeline::insert(entry)?,
        Write::InsertEvent(event) => events::insert(event),
        Write::SaveEvent(event) => events::save(event),
        Write::RetryEvent { event_id } => events::retry(event_id),
        Write::InsertDelivery(delivery) => events::insert_delivery(delivery),
        Write::InsertNotice(notice) => notices::insert(notice),
        Write::Schedule(task) => tasks::schedule(task),
        Write::Unschedule { kind, about } => tasks::unschedule(*kind, about),
        Write::FinishTask { kind, about, owner } => tasks::finish(*kind, about, owner),
        Write::Reschedule { task, owner } => tasks::reschedule(task, owner),
        Write::SpendNonce { app_id, nonce, expires_at } => apps::spend_nonce(app_id, nonce, *expires_at),
        Write::InsertApp(app) => apps::insert(app)?,
        Write::SaveApp(app) => apps::save(app)?,
        Write::InsertAppKey(key) => apps::insert_key(key, keys)?,
        Write::RetireAppKeys { app_id, kind, retires_at } => apps::retire_keys(app_id, *kind, *retires_at),
        Write::InsertChannel { record, credentials } => {
            unit.extend(channels::insert(record, credentials, keys)?);
            return Ok(());
        }
        Write::SaveChannel { record, credentials } => {
            unit.extend(channels::save(record, credentials.as_ref(), keys)?);
            return Ok(());
        }
        Write::SaveOffer(offer) => channels::save_offer(offer),
        Write::SaveChannelRules { channel_id, rules } => standings::save_rules(channel_id, rules),
        Write::SetDegraded { channel_id, degraded } => standings::set_degraded(channel_id, degraded.as_ref()),
        Write::InsertStaff(person) => staff::insert(person),
        Write::SaveStaff { staff: person, was } => staff::save(person, was),
        Write::EndSession { staff_id, id_hash } => staff::end_session(staff_id, id_hash),
        Write::EndSessions { staff_id, except } => staff::end_sessions(staff_id, except.as_deref()),
        Write::CountLoginFailure { address, at } => staff::count_login_failure(address, *at),
        Write::Audit(entry) => {
            unit.push(Step::Audit(entry.clone()));
            return Ok(());
        }
        Write::InsertSecret { name, value } => secrets::insert(name, value, keys)?,
    };
    unit.push(statement.into());
    Ok(())
}
