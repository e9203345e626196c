//! Baidu behind the simulator's seam: which codes of the wallet are its own, and what paying them means.

use super::desk::{Baidu, Desk};
use super::ledger::{BatchState, Order, Status};
use super::order_info::{self, OrderInfo};
use super::refusal;
use super::{bill, cashier, legacy, openapi};
use crate::model::{Amount, Brand, ChannelKind};
use crate::simulator::{Behaviour, BookRefund, BookTrade, Offer, OfferState, Pay, Provider, Receipt, Refusal, TradeState};
use async_trait::async_trait;
use axum::Router;
use axum::routing::{any, get, post};
use serde_json::Value;
use std::sync::Arc;

/// All of Baidu's endpoints.
pub struct AtTheDesk(pub Arc<Baidu>);

/// What a code of the wallet leads to.
enum Found {
    /// By the merchant's number.
    Order(String),
    /// Handed over by the mini program just now.
    Info(Box<OrderInfo>),
}

impl Baidu {
    fn find_code(&self, desk: &Desk, code: &str) -> Option<Found> {
        if desk.ledger.get(code).is_some() {
            return Some(Found::Order(code.to_owned()));
        }
        if let Some(order) = desk.ledger.by_order_id(code) {
            return Some(Found::Order(order.info.tp_order_id.clone()));
        }
        if !code.starts_with('{') || !code.contains("tpOrderId") {
            return None;
        }
        let info = order_info::read(code, &self.account)
            .inspect_err(|refusal| self.stage.refused(ChannelKind::Baidu, refusal.word))
            .ok()?;
        Some(match desk.ledger.get(&info.tp_order_id) {
            Some(_) => Found::Order(info.tp_order_id),
            None => Found::Info(Box::new(info)),
        })
    }

    fn offer(&self, desk: &Desk, found: &Found) -> Option<Offer> {
        let (info, order) = match found {
            Found::Order(number) => {
                let order = desk.ledger.get(number)?;
                (&order.info, Some(order))
            }
            Found::Info(info) => (&**info, None),
        };
        let total = order.and_then(|order| order.paid.as_ref()).map_or(info.total, |paid| paid.total);
        Some(Offer {
            brand: Brand::Baidu,
            kind: ChannelKind::Baidu,
            payee: self.account.payee.to_owned(),
            subject: info.title.clone(),
            amount: Amount::from_stored(total).ok()?,
            out_trade_no: info.tp_order_id.clone(),
            trade_no: order.map(|order| order.order_id.clone()),
            state: order.map_or(OfferState::Open, offer_state),
            return_url: None,
        })
    }

    fn pay_code(self: &Arc<Self>, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let mut desk = self.desk();
        let number = match self.find_code(&desk, code).ok_or_else(Refusal::unknown)? {
            Found::Order(number) => number,
            Found::Info(info) => self.open(&mut desk, &info).map_err(said)?.info.tp_order_id,
        };
        self.pay(&mut desk, &number, pay).map_err(said)
    }
}

/// Baidu's refusal in the wallet's words.
fn said(refusal: refusal::Refusal) -> Refusal {
    let code = match refusal {
        refusal::PAID => "paid",
        refusal::CANCELLED => "closed",
        _ => "refused",
    };
    Refusal::conflict(code, format!("{}: {}", refusal.errno, refusal.msg))
}

fn offer_state(order: &Order) -> OfferState {
    match order.status {
        Status::Unpaid if order.typing => OfferState::Paying,
        Status::Unpaid => OfferState::Open,
        Status::Paid => OfferState::Paid,
        Status::Cancelled => OfferState::Closed,
    }
}

fn book_trade(baidu: &Baidu, order: &Order, behaviour: Behaviour) -> BookTrade {
    let amount = |fen: i64| Amount::from_stored(fen).unwrap_or(Amount::ZERO);
    let state = match order.status {
        Status::Unpaid if order.typing => TradeState::Paying,
        Status::Unpaid => TradeState::Open,
        Status::Paid => TradeState::Paid,
        Status::Cancelled => TradeState::Closed,
    };
    let refunds = order.batches.iter().map(|batch| BookRefund {
        out_refund_no: batch.biz_number.clone().unwrap_or_default(),
        refund_no: batch.refund_batch_id.clone(),
        amount: amount(batch.amount),
        state: match batch.state {
            BatchState::Auditing | BatchState::Refunding => "processing",
            BatchState::Succeeded => "succeeded",
            BatchState::Failed => "failed",
        },
        created_at: batch.created_ms,
        succeeded_at: batch.done_ms.filter(|_| batch.state == BatchState::Succeeded),
    });
    BookTrade {
        kind: ChannelKind::Baidu,
        merchant: baidu.account.deal_id.clone(),
        out_trade_no: order.info.tp_order_id.clone(),
        trade_no: Some(order.order_id.clone()),
        state,
        amount: amount(order.info.total),
        paid_amount: amount(order.paid.as_ref().map_or(0, |paid| paid.total)),
        refunded_amount: amount(order.reserved()),
        behaviour: behaviour.as_str().to_owned(),
        created_at: order.created_ms,
        paid_at: order.paid.as_ref().map(|paid| paid.at_ms),
        closed_at: order.cancelled_ms,
        refunds: refunds.collect(),
    }
}

#[async_trait]
impl Provider for AtTheDesk {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Baidu
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/baidu/cashier", post(cashier::open))
            .route("/baidu/cashier/{order_id}/cancel", post(cashier::cancel))
            .route("/baidu/orders/{order_id}/refund", post(cashier::refund))
            .route("/baidu/console", post(cashier::console))
            .route("/baidu/bill/{kind}/{day}", get(bill::download))
            .route("/oauth/2.0/token", get(openapi::token).post(openapi::token))
            .route("/rest/2.0/smartapp/pay/paymentservice/{name}", any(openapi::service))
            .route("/cashier/applyOrderRefund", get(legacy::apply_refund).post(legacy::apply_refund))
            .route("/cashier/syncOrderStatus", get(legacy::sync_status).post(legacy::sync_status))
            .route("/nop/server/rest", get(legacy::historic).post(legacy::historic))
            .route("/platform/entity/openapi/queryorderdetail", get(legacy::query_order))
            .with_state(Arc::clone(&self.0))
    }

    fn credentials(&self) -> Value {
        self.0.account.import_document(&self.0.stage)
    }

    fn look_up(&self, code: &str) -> Option<Offer> {
        let desk = self.0.desk();
        let found = self.0.find_code(&desk, code)?;
        self.0.offer(&desk, &found)
    }

    async fn pay(&self, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        self.0.pay_code(code, pay)
    }

    fn behave(&self, code: &str, behaviour: Behaviour) -> Result<(), Refusal> {
        let now = self.0.now_ms();
        let mut desk = self.0.desk();
        let number = match self.0.find_code(&desk, code).ok_or_else(Refusal::unknown)? {
            Found::Order(number) => number,
            Found::Info(info) => info.tp_order_id,
        };
        desk.behaviours.insert(number, (behaviour, now));
        Ok(())
    }

    fn issue_bar_code(&self, _pay: Pay) -> Option<(String, i64)> {
        None
    }

    fn release_refunds(&self) -> usize {
        self.0.release()
    }

    fn book(&self) -> Vec<BookTrade> {
        let desk = self.0.desk();
        desk.ledger.all().map(|order| book_trade(&self.0, order, desk.behaviour(&order.info.tp_order_id).0)).collect()
    }
}
