//! LianLian behind the simulator's seam: routes, credentials, wallet, book.

use super::calls::{self, interface};
use super::entry::{self, gate};
use super::ledger::{RefundState, State, Trade};
use super::order::Gate;
use super::play::{Lianlian, offer_state};
use crate::model::{Amount, Brand, ChannelKind};
use crate::simulator::{Behaviour, BookRefund, BookTrade, Offer, Pay, Provider, Receipt, Refusal, Stage, TradeState};
use async_trait::async_trait;
use axum::extract::State as Ctx;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(in crate::simulator) fn provider(stage: &Arc<Stage>) -> Arc<dyn Provider> {
    Arc::new(LianlianPay(Lianlian::new(stage)))
}

struct LianlianPay(Arc<Lianlian>);

#[derive(Deserialize)]
struct EndRefund {
    no_refund: String,
    sta_refund: String,
}

async fn end_refund(Ctx(lianlian): Ctx<Arc<Lianlian>>, Json(asked): Json<EndRefund>) -> Result<Json<Value>, Refusal> {
    let state = match asked.sta_refund.as_str() {
        "2" => RefundState::Success,
        "3" => RefundState::Failure,
        _ => return Err(Refusal::invalid("sta_refund", "2 or 3")),
    };
    let place = lianlian.ledger().by_no_refund(&asked.no_refund).ok_or_else(Refusal::unknown)?;
    if lianlian.end_refund(place, state) {
        Ok(Json(json!({ "ok": true })))
    } else {
        Err(Refusal::conflict("over", "the refund is over already"))
    }
}

async fn settle(Ctx(lianlian): Ctx<Arc<Lianlian>>) -> Json<Value> {
    let paid_out = std::mem::take(&mut lianlian.ledger().unsettled);
    Json(json!({ "ok": true, "paid_out": paid_out }))
}

#[async_trait]
impl Provider for LianlianPay {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Lianlian
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/payment/authpay.htm", gate(Gate::Web))
            .route("/payment/bankgateway.htm", gate(Gate::WebBank))
            .route("/authpay.htm", gate(Gate::Wap))
            .route("/payment.htm", gate(Gate::WapQuick))
            .route("/orderquery.htm", interface(calls::order_query))
            .route("/refund.htm", interface(calls::refund))
            .route("/refundquery.htm", interface(calls::refund_query))
            .route("/lianlian/cashier/{oid_paybill}", get(entry::show))
            .route("/lianlian/cashier/{oid_paybill}/pay", post(entry::pay))
            .route("/wallet/lianlian/refunds", post(end_refund))
            .route("/wallet/lianlian/settle", post(settle))
            .with_state(Arc::clone(&self.0))
    }

    fn credentials(&self) -> Value {
        self.0.account.import_document(&self.0.stage)
    }

    fn look_up(&self, code: &str) -> Option<Offer> {
        let ledger = self.0.ledger();
        let trade = &ledger.trades[ledger.by_any(code)?];
        Some(Offer {
            brand: Brand::Lianlian,
            kind: ChannelKind::Lianlian,
            payee: self.0.account.payee.to_owned(),
            subject: trade.order.name_goods.clone(),
            amount: amount(trade.paid.as_ref().map_or(trade.order.money, |paid| paid.amount)),
            out_trade_no: trade.order.no_order.clone(),
            trade_no: Some(trade.oid_paybill.clone()),
            state: offer_state(trade),
            return_url: trade.order.url_return.clone(),
        })
    }

    async fn pay(&self, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        self.0.pay(code, pay)
    }

    fn behave(&self, code: &str, behaviour: Behaviour) -> Result<(), Refusal> {
        let now = self.0.now();
        let mut ledger = self.0.ledger();
        let at = ledger.by_any(code).ok_or_else(Refusal::unknown)?;
        ledger.trades[at].behaviour = behaviour;
        ledger.trades[at].behaviour_at = now;
        Ok(())
    }

    fn issue_bar_code(&self, _pay: Pay) -> Option<(String, i64)> {
        None
    }

    fn release_refunds(&self) -> usize {
        self.0.end_refunds()
    }

    fn book(&self) -> Vec<BookTrade> {
        self.0.ledger().trades.iter().map(|trade| book_trade(trade, &self.0.account.oid_partner)).collect()
    }
}

fn amount(fen: i64) -> Amount {
    Amount::from_stored(fen).unwrap_or_default()
}

fn book_trade(trade: &Trade, merchant: &str) -> BookTrade {
    let refunds = trade.refunds.iter().map(|refund| BookRefund {
        out_refund_no: refund.no_refund.clone(),
        refund_no: refund.oid_refundno.clone(),
        amount: amount(refund.money),
        state: match refund.state {
            RefundState::Applied | RefundState::Processing => "processing",
            RefundState::Success => "succeeded",
            RefundState::Failure => "failed",
        },
        created_at: refund.created_at,
        succeeded_at: refund.done_at,
    });
    BookTrade {
        kind: ChannelKind::Lianlian,
        merchant: merchant.to_owned(),
        out_trade_no: trade.order.no_order.clone(),
        trade_no: Some(trade.oid_paybill.clone()),
        state: match trade.state {
            State::Waiting => TradeState::Open,
            State::Processing => TradeState::Paying,
            State::Success => TradeState::Paid,
            State::Failure => TradeState::Failed,
            State::Expired => TradeState::Closed,
        },
        amount: amount(trade.order.money),
        paid_amount: amount(trade.paid.as_ref().map_or(0, |paid| paid.amount)),
        refunded_amount: amount(trade.refunded()),
        behaviour: trade.behaviour.as_str().to_owned(),
        created_at: trade.created_at,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        closed_at: trade.ended_at,
        refunds: refunds.collect(),
    }
}
