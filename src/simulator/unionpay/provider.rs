//! UnionPay behind the simulator's seam: which codes of the wallet are its own, and what paying them means.

use super::account::PAYEE;
use super::desk::{Unionpay, offer_state};
use super::ledger::{Kind, State, Transaction};
use super::{calls, front};
use crate::model::{Amount, Brand, ChannelKind};
use crate::simulator::{Behaviour, BookRefund, BookTrade, Offer, Pay, Provider, Receipt, Refusal, TradeState};
use async_trait::async_trait;
use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;

fn amount(fen: i64) -> Amount {
    Amount::from_stored(fen).unwrap_or(Amount::ZERO)
}

/// The gateway as the simulator's wallet and book see it.
pub struct Gateway(pub Arc<Unionpay>);

#[async_trait]
impl Provider for Gateway {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Unionpay
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/gateway/api/frontTransReq.do", post(front::open))
            .route("/gateway/api/appTransReq.do", post(calls::app))
            .route("/gateway/api/backTransReq.do", post(calls::back))
            .route("/gateway/api/queryTrans.do", post(calls::query))
            .route("/", post(calls::file))
            .route("/unionpay/pay/{query_id}", get(front::again).post(front::pay))
            .route("/unionpay/page.css", get(front::style))
            .route("/unionpay/switches", post(calls::switches))
            .with_state(Arc::clone(&self.0))
    }

    fn credentials(&self) -> Value {
        json!({
            "kind": ChannelKind::Unionpay.as_str(),
            "name": "UnionPay (simulated)",
            "gateway_url": self.0.stage.origin(),
            "methods": ["unionpay_web", "unionpay_wap", "unionpay_qr", "unionpay_app"],
            "credentials": self.0.account.credentials(),
        })
    }

    fn look_up(&self, code: &str) -> Option<Offer> {
        let desk = self.0.desk();
        let payment = desk.ledger.find(code)?;
        Some(Offer {
            brand: Brand::Unionpay,
            kind: ChannelKind::Unionpay,
            payee: PAYEE.to_owned(),
            subject: payment.order.goods.clone(),
            amount: amount(payment.charge),
            out_trade_no: payment.order.key.0.clone(),
            trade_no: Some(payment.query_id.clone()),
            state: offer_state(payment, self.0.now_ms()),
            return_url: payment.order.front_url.clone().filter(|_| payment.done.is_some()),
        })
    }

    async fn pay(&self, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let mut desk = self.0.desk();
        let key = desk.ledger.find(code).ok_or_else(Refusal::unknown)?.order.key.clone();
        self.0.pay_transaction(&mut desk, &key, pay)
    }

    fn behave(&self, code: &str, behaviour: Behaviour) -> Result<(), Refusal> {
        let now = self.0.now_ms();
        let mut desk = self.0.desk();
        let key = desk.ledger.find(code).ok_or_else(Refusal::unknown)?.order.key.clone();
        desk.behaviours.insert(key, (behaviour, now));
        Ok(())
    }

    // Codes that a buyer shows are another product of UnionPay's.
    fn issue_bar_code(&self, _pay: Pay) -> Option<(String, i64)> {
        None
    }

    fn release_refunds(&self) -> usize {
        self.0.release()
    }

    fn book(&self) -> Vec<BookTrade> {
        let desk = self.0.desk();
        let payments = desk.ledger.all().filter(|t| t.order.kind == Kind::Payment);
        payments.map(|payment| self.0.book_trade(&desk, payment)).collect()
    }
}

impl Unionpay {
    fn book_trade(&self, desk: &super::desk::Desk, payment: &Transaction) -> BookTrade {
        let state = match payment.state {
            State::Done => TradeState::Paid,
            State::Running => TradeState::Paying,
            _ if payment.is_over(self.now_ms()) => TradeState::Closed,
            // The payer may try again.
            State::Failed(..) | State::Open => TradeState::Open,
        };
        let about_it = |t: &&Transaction| t.order.original.as_ref() == Some(&payment.query_id);
        let refunds: Vec<BookRefund> = desk.ledger.all().filter(about_it).map(book_refund).collect();
        let refunded = desk.ledger.returns(payment).map(|t| t.charge).sum();
        BookTrade {
            kind: ChannelKind::Unionpay,
            merchant: self.account.mer_id.clone(),
            out_trade_no: payment.order.key.0.clone(),
            trade_no: Some(payment.query_id.clone()),
            state,
            amount: amount(payment.order.amount),
            paid_amount: amount(if payment.done.is_some() { payment.charge } else { 0 }),
            refunded_amount: amount(refunded),
            behaviour: desk.behaviour(&payment.order.key).0.as_str().to_owned(),
            created_at: payment.created_ms,
            paid_at: payment.done.map(|(at, _)| at),
            closed_at: (state == TradeState::Closed).then(|| payment.deadline()),
            refunds,
        }
    }
}

fn book_refund(refund: &Transaction) -> BookRefund {
    BookRefund {
        out_refund_no: refund.order.key.0.clone(),
        refund_no: refund.query_id.clone(),
        amount: amount(refund.charge),
        state: match refund.state {
            State::Done => "succeeded",
            State::Failed(..) => "failed",
            State::Open | State::Running => "processing",
        },
        created_at: refund.created_ms,
        succeeded_at: refund.done.map(|(at, _)| at),
    }
}
