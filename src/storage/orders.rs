//! Orders: their row, and the statements that insert, save and find them. Lists are in `order_list`.

use super::database::Database;
use super::row::{Record, Row, json_text, methods_text};
use super::statement::{Expect, Statement};
use super::{cases, payments, refunds};
use crate::model::{AppId, CloseReason, Method, OrderNo, OrderStatus, PayNo, RefundedPart};
use crate::pay::store::StoreError;
use crate::pay::{Order, OrderBundle};

type Result<T> = std::result::Result<T, StoreError>;

/// The select list that [`read`] expects.
macro_rules! order_columns {
    () => {
        "order_no, app_id, out_order_no, token, amount, subject, body, methods, notify_url, return_url, cancel_url, show_url, \
         attach, client_ip, user_id, platform, scene, refers, extra, expires_in, created_at, expires_at, status, close_reason, \
         refund_status, refunded_amount, method, pay_no, paid_at, closed_at, version"
    };
}
pub(super) use order_columns;

pub(super) fn insert(o: &Order) -> Result<Statement> {
    Ok(Statement::new(concat!(
        "insert into orders (",
        order_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
         $24, $25, $26, $27, $28, $29, $30, $31)"
    ))
    .bind(o.order_no.as_str())
    .bind(o.app_id.as_str())
    .bind(&o.out_order_no)
    .bind(&o.token)
    .bind(o.amount)
    .bind(&o.subject)
    .bind(o.body.clone())
    .bind(methods_text(&o.methods))
    .bind(o.notify_url.clone())
    .bind(o.return_url.clone())
    .bind(o.cancel_url.clone())
    .bind(o.show_url.clone())
    .bind(o.attach.clone())
    .bind(o.client_ip.clone())
    .bind(o.user_id.clone())
    .bind(o.platform.clone())
    .bind(o.scene.clone())
    .bind(o.refers.clone())
    .bind(json_text(&o.extra)?)
    .bind(o.expires_in)
    .bind(o.created_at)
    .bind(o.expires_at)
    .bind(o.status.as_str())
    .bind(o.close_reason.map(CloseReason::as_str))
    .bind(o.refund_status.as_str())
    .bind(o.refunded_amount)
    .bind(o.method.map(Method::as_str))
    .opt_word(o.pay_no.as_ref())
    .bind(o.paid_at)
    .bind(o.closed_at)
    .bind(o.version))
}

pub(super) fn save(o: &Order, was: OrderStatus) -> Statement {
    Statement::new(
        "update orders set status = $4, close_reason = $5, refund_status = $6, refunded_amount = $7, method = $8, pay_no = $9, \
         paid_at = $10, closed_at = $11, version = version + 1 where order_no = $1 and version = $2 and status = $3",
    )
    .bind(o.order_no.as_str())
    .bind(o.version)
    .bind(was.as_str())
    .bind(o.status.as_str())
    .bind(o.close_reason.map(CloseReason::as_str))
    .bind(o.refund_status.as_str())
    .bind(o.refunded_amount)
    .bind(o.method.map(Method::as_str))
    .opt_word(o.pay_no.as_ref())
    .bind(o.paid_at)
    .bind(o.closed_at)
    .expect(Expect::Fresh)
}

pub(super) fn pin(order_no: &OrderNo, version: i64, was: OrderStatus) -> Statement {
    Statement::new("update orders set version = version + 1 where order_no = $1 and version = $2 and status = $3")
        .bind(order_no.as_str())
        .bind(version)
        .bind(was.as_str())
        .expect(Expect::Fresh)
}

pub(super) fn read(row: &Record) -> Result<Order> {
    let mut r = Row::of("orders", row);
    Ok(Order {
        order_no: r.word(OrderNo::parse)?,
        app_id: r.word(AppId::parse)?,
        out_order_no: r.text()?,
        token: r.text()?,
        amount: r.amount()?,
        subject: r.text()?,
        body: r.opt_text()?,
        methods: r.methods()?,
        notify_url: r.opt_text()?,
        return_url: r.opt_text()?,
        cancel_url: r.opt_text()?,
        show_url: r.opt_text()?,
        attach: r.opt_text()?,
        client_ip: r.opt_text()?,
        user_id: r.opt_text()?,
        platform: r.opt_text()?,
        scene: r.opt_text()?,
        refers: r.opt_text()?,
        extra: r.json()?,
        expires_in: r.int()?,
        created_at: r.int()?,
        expires_at: r.int()?,
        status: r.word(OrderStatus::parse)?,
        close_reason: r.opt_word(CloseReason::parse)?,
        refund_status: r.word(RefundedPart::parse)?,
        refunded_amount: r.amount()?,
        method: r.opt_word(Method::parse)?,
        pay_no: r.opt_word(PayNo::parse)?,
        paid_at: r.opt_int()?,
        closed_at: r.opt_int()?,
        version: r.int()?,
    })
}

/// What a bundle consists of, for an order that the given SQL names.
macro_rules! parts_of {
    ($order_no:literal) => {
        [
            concat!("select ", order_columns!(), " from orders where order_no = ", $order_no),
            payments::of_order!($order_no),
            refunds::of_order!($order_no),
            cases::of_order!($order_no),
        ]
    };
}

fn by_number(order_no: &OrderNo) -> Statement {
    Statement::new(concat!("select ", order_columns!(), " from orders where order_no = $1")).bind(order_no.as_str())
}

impl Database {
    pub(super) async fn find_order(&self, order_no: &OrderNo) -> Result<Option<Order>> {
        self.row(by_number(order_no)).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_order_by_out_no(&self, app_id: &AppId, out_order_no: &str) -> Result<Option<Order>> {
        let query = Statement::new(concat!("select ", order_columns!(), " from orders where out_order_no = $1 and app_id = $2"))
            .bind(out_order_no)
            .bind(app_id.as_str());
        self.row(query).await?.as_ref().map(read).transpose()
    }

    pub(super) async fn find_order_by_token(&self, token: &str) -> Result<Option<Order>> {
        let query = Statement::new(concat!("select ", order_columns!(), " from orders where token = $1")).bind(token);
        self.row(query).await?.as_ref().map(read).transpose()
    }

    /// An order and what belongs to it, as of one moment.
    pub(super) async fn find_bundle(&self, order_no: &OrderNo) -> Result<Option<OrderBundle>> {
        self.read_bundle(parts_of!("$1"), order_no.as_str()).await
    }

    /// The same for whoever knows the page's token only.
    pub(super) async fn find_bundle_by_token(&self, token: &str) -> Result<Option<OrderBundle>> {
        self.read_bundle(parts_of!("(select order_no from orders where token = $1)"), token).await
    }

    /// The same for whoever knows one of its payments only.
    pub(super) async fn find_bundle_of_payment(&self, pay_no: &PayNo) -> Result<Option<OrderBundle>> {
        self.read_bundle(parts_of!("(select order_no from payments where pay_no = $1)"), pay_no.as_str()).await
    }

    async fn read_bundle(&self, parts: [&'static str; 4], key: &str) -> Result<Option<OrderBundle>> {
        let queries = parts.into_iter().map(|sql| Statement::new(sql).bind(key)).collect();
        let mut found = self.snapshot(queries).await?.into_iter();
        let mut next = || found.next().unwrap_or_default();
        let Some(order) = next().first().map(read).transpose()? else { return Ok(None) };
        Ok(Some(OrderBundle {
            order,
            payments: next().iter().map(payments::read).collect::<Result<_>>()?,
            refunds: next().iter().map(refunds::read).collect::<Result<_>>()?,
            cases: next().iter().map(cases::read).collect::<Result<_>>()?,
        }))
    }
}
