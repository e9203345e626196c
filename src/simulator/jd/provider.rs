//! JD behind the simulator's seam: routes, credentials, wallet, book.

use super::calls::{self, service};
use super::entry;
use super::ledger::{RefundStatus, Status, Trade};
use super::play::{Jd, offer_state};
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
    Arc::new(JdPay(Jd::new(stage)))
}

struct JdPay(Arc<Jd>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EndRefund {
    trade_num: String,
    status: String,
}

async fn end_refund(Ctx(jd): Ctx<Arc<Jd>>, Json(asked): Json<EndRefund>) -> Result<Json<Value>, Refusal> {
    let status = match asked.status.as_str() {
        "1" => RefundStatus::Success,
        "2" => RefundStatus::Failed,
        _ => return Err(Refusal::invalid("status", "1 or 2")),
    };
    let place = jd.ledger().by_refund(&asked.trade_num).ok_or_else(Refusal::unknown)?;
    if jd.end_refund(place, status) {
        Ok(Json(json!({ "ok": true })))
    } else {
        Err(Refusal::conflict("over", "the refund is over already"))
    }
}

#[async_trait]
impl Provider for JdPay {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Jd
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/jdpay/saveOrder", post(entry::save_order))
            .route("/jdpay/payCashier", get(entry::show))
            .route("/jd/cashier/{key}/pay", post(entry::pay))
            .route("/service/uniorder", service(calls::unified_order))
            .route("/service/query", service(calls::query))
            .route("/service/refund", service(calls::refund))
            .route("/service/queryRefund", service(calls::query_refund))
            .route("/service/revoke", service(calls::revoke))
            .route("/wallet/jd/refunds", post(end_refund))
            .with_state(Arc::clone(&self.0))
    }

    fn credentials(&self) -> Value {
        self.0.account.import_document(&self.0.stage)
    }

    fn look_up(&self, code: &str) -> Option<Offer> {
        let ledger = self.0.ledger();
        let trade = &ledger.trades[ledger.by_any(code)?];
        Some(Offer {
            brand: Brand::Jd,
            kind: ChannelKind::Jd,
            payee: self.0.account.payee.to_owned(),
            subject: trade.order.trade_name.clone(),
            amount: amount(trade.amount()),
            out_trade_no: trade.order.trade_num.clone(),
            trade_no: Some(trade.order_id.clone()),
            state: offer_state(trade),
            return_url: trade.order.callback_url.clone(),
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
        self.0.ledger().trades.iter().map(|trade| book_trade(trade, &self.0.account.merchant)).collect()
    }
}

fn amount(fen: i64) -> Amount {
    Amount::from_stored(fen).unwrap_or_default()
}

fn book_trade(trade: &Trade, merchant: &str) -> BookTrade {
    let refunds = trade.refunds.iter().map(|refund| BookRefund {
        out_refund_no: refund.trade_num.clone(),
        // JD numbers no refunds; its own order's number and the merchant's refund number name one.
        refund_no: format!("{}-{}", trade.order_id, refund.trade_num),
        amount: amount(refund.amount),
        state: match refund.status {
            RefundStatus::Processing => "processing",
            RefundStatus::Success => "succeeded",
            RefundStatus::Failed => "failed",
        },
        created_at: refund.created_at,
        succeeded_at: refund.done_at,
    });
    BookTrade {
        kind: ChannelKind::Jd,
        merchant: merchant.to_owned(),
        out_trade_no: trade.order.trade_num.clone(),
        trade_no: Some(trade.order_id.clone()),
        state: match trade.status {
            _ if trade.is_revoked && trade.paid.is_some() => TradeState::Reversed,
            Status::Created => TradeState::Open,
            Status::Processing => TradeState::Paying,
            Status::Success => TradeState::Paid,
            Status::Failed => TradeState::Failed,
            Status::Closed => TradeState::Closed,
        },
        amount: amount(trade.order.amount),
        paid_amount: amount(trade.paid.as_ref().map_or(0, |paid| paid.amount)),
        refunded_amount: amount(trade.refunded()),
        behaviour: trade.behaviour.as_str().to_owned(),
        created_at: trade.created_at,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        closed_at: trade.ended_at,
        refunds: refunds.collect(),
    }
}
