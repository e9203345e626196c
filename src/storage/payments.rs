//! Payments, and the reservation of refunds on them.

use super::database::Database;
use super::row::{Record, Row, json_text};
use super::statement::{Expect, Statement};
use crate::model::{Amount, AppId, ChannelId, Method, OrderNo, PayNo, PaymentStatus, VerifiedBy};
use crate::pay::Payment;
use crate::pay::store::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

macro_rules! payment_columns {
    () => {
        "pay_no, order_no, app_id, channel_id, channel_version, method, amount, client_ip, created_at, expires_at, status, \
         pays_order, next, code_expires_at, provider_data, provider_trade_no, payer, received, error_code, error_message, \
         verified_by, paid_at, refund_reserved"
    };
}
pub(super) use payment_columns;

pub(super) fn insert(p: &Payment) -> Result<Statement> {
    Ok(Statement::new(concat!(
        "insert into payments (",
        payment_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)"
    ))
    .bind(p.pay_no.as_str())
    .bind(p.order_no.as_str())
    .bind(p.app_id.as_str())
    .bind(p.channel_id.as_str())
    .bind(p.channel_version)
    .bind(p.method.as_str())
    .bind(p.amount)
    .bind(p.client_ip.clone())
    .bind(p.created_at)
    .bind(p.expires_at)
    .bind(p.status.as_str())
    .bind(p.pays_order)
    .bind(p.next.as_ref().map(json_text).transpose()?)
    .bind(p.code_expires_at)
    .bind(json_text(&p.provider_data)?)
    .bind(p.provider_trade_no.clone())
    .bind(p.payer.clone())
    .bind(p.received.map(Amount::fen))
    .bind(p.error_code.clone())
    .bind(p.error_message.clone())
    .bind(p.verified_by.map(VerifiedBy::as_str))
    .bind(p.paid_at)
    .bind(p.refund_reserved))
}

/// Leaves `refund_reserved` alone: only [`reserve`] and [`release`] move it.
pub(super) fn save(p: &Payment, was: PaymentStatus) -> Result<Statement> {
    Ok(Statement::new(
        "update payments set status = $3, pays_order = $4, next = $5, code_expires_at = $6, provider_data = $7, \
         provider_trade_no = $8, payer = $9, received = $10, error_code = $11, error_message = $12, verified_by = $13, \
         paid_at = $14 where pay_no = $1 and status = $2",
    )
    .bind(p.pay_no.as_str())
    .bind(was.as_str())
    .bind(p.status.as_str())
    .bind(p.pays_order)
    .bind(p.next.as_ref().map(json_text).transpose()?)
    .bind(p.code_expires_at)
    .bind(json_text(&p.provider_data)?)
    .bind(p.provider_trade_no.clone())
    .bind(p.payer.clone())
    .bind(p.received.map(Amount::fen))
    .bind(p.error_code.clone())
    .bind(p.error_message.clone())
    .bind(p.verified_by.map(VerifiedBy::as_str))
    .bind(p.paid_at)
    .expect(Expect::Fresh))
}

/// Racing refunds meet on this row, and the condition lets pass only what is left.
pub(super) fn reserve(pay_no: &PayNo, amount: Amount) -> Statement {
    Statement::new(
        "update payments set refund_reserved = refund_reserved + $2 \
         where pay_no = $1 and refund_reserved + $2 <= coalesce(received, amount)",
    )
    .bind(pay_no.as_str())
    .bind(amount)
    .expect(Expect::Reserved)
}

pub(super) fn release(pay_no: &PayNo, amount: Amount) -> Statement {
    Statement::new("update payments set refund_reserved = refund_reserved - $2 where pay_no = $1 and refund_reserved >= $2")
        .bind(pay_no.as_str())
        .bind(amount)
        .expect(Expect::Fresh)
}

/// Those of the order that the given SQL names, oldest first.
macro_rules! of_order {
    ($order_no:literal) => {
        concat!(
            "select ",
            $crate::storage::payments::payment_columns!(),
            " from payments where order_no = ",
            $order_no,
            " order by created_at, pay_no"
        )
    };
}
pub(super) use of_order;

pub(super) fn read(row: &Record) -> Result<Payment> {
    let mut r = Row::of("payments", row);
    Ok(Payment {
        pay_no: r.word(PayNo::parse)?,
        order_no: r.word(OrderNo::parse)?,
        app_id: r.word(AppId::parse)?,
        channel_id: r.word(ChannelId::parse)?,
        channel_version: r.int()?,
        method: r.word(Method::parse)?,
        amount: r.amount()?,
        client_ip: r.opt_text()?,
        created_at: r.int()?,
        expires_at: r.int()?,
        status: r.word(PaymentStatus::parse)?,
        pays_order: r.flag()?,
        next: r.opt_json()?,
        code_expires_at: r.opt_int()?,
        provider_data: r.json()?,
        provider_trade_no: r.opt_text()?,
        payer: r.opt_text()?,
        received: r.opt_amount()?,
        error_code: r.opt_text()?,
        error_message: r.opt_text()?,
        verified_by: r.opt_word(VerifiedBy::parse)?,
        paid_at: r.opt_int()?,
        refund_reserved: r.amount()?,
    })
}

impl Database {
    pub(super) async fn find_payment(&self, pay_no: &PayNo) -> Result<Option<Payment>> {
        let query =
            Statement::new(concat!("select ", payment_columns!(), " from payments where pay_no = $1")).bind(pay_no.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }
}
