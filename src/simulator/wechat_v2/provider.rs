//! WeChat Pay v2 behind the simulator's seam: routes, credentials, wallet, book.

use super::super::behaviour::Behaviour;
use super::super::book::{BookRefund, BookTrade, TradeState};
use super::super::provider::{Offer, OfferState, Pay, Provider, Receipt, Refusal};
use super::super::stage::Stage;
use super::super::tls::Transport;
use super::super::wechat_h5;
use super::call::{Certificate, Work, run};
use super::ledger::BarCode;
use super::play::Wechat;
use super::trade::{RefundState, State, Trade};
use super::{bill, micropay, order, query, refund, reverse};
use crate::model::{Amount, Brand, ChannelKind};
use async_trait::async_trait;
use axum::body::Bytes;
use axum::extract::State as Ctx;
use axum::http::Method;
use axum::routing::{any, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a bar code lives.
const BAR_CODE_LIFE_MS: i64 = 60_000;

pub(in crate::simulator) fn provider(stage: &Arc<Stage>) -> Arc<dyn Provider> {
    Arc::new(WechatV2(Wechat::new(stage)))
}

pub(super) struct WechatV2(pub(super) Arc<Wechat>);

/// One XML endpoint.
fn endpoint(wants: Certificate, work: Work) -> axum::routing::MethodRouter<Arc<Wechat>> {
    any(move |Ctx(wechat): Ctx<Arc<Wechat>>, Extension(transport): Extension<Transport>, method: Method, body: Bytes| {
        run(wechat, method, transport, body, wants, work)
    })
}

async fn download_bill(
    Ctx(wechat): Ctx<Arc<Wechat>>,
    Extension(transport): Extension<Transport>,
    method: Method,
    body: Bytes,
) -> axum::response::Response {
    bill::download(wechat, method, transport, body).await
}

#[derive(Deserialize)]
struct EndRefund {
    out_refund_no: String,
    status: String,
}

async fn end_refund(Ctx(wechat): Ctx<Arc<Wechat>>, Json(asked): Json<EndRefund>) -> Result<Json<Value>, Refusal> {
    let state = match asked.status.as_str() {
        "SUCCESS" => RefundState::Success,
        "CHANGE" => RefundState::Change,
        "REFUNDCLOSE" => RefundState::Close,
        _ => return Err(Refusal::invalid("status", "SUCCESS, CHANGE or REFUNDCLOSE")),
    };
    let place = wechat.ledger().by_out_refund_no(&asked.out_refund_no).ok_or_else(Refusal::unknown)?;
    if wechat.end_refund(place, state) {
        Ok(Json(json!({ "ok": true })))
    } else {
        Err(Refusal::conflict("over", "the refund is not in progress"))
    }
}

#[async_trait]
impl Provider for WechatV2 {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WechatV2
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/pay/unifiedorder", endpoint(Certificate::None, order::unified_order))
            .route("/pay/micropay", endpoint(Certificate::None, micropay::micropay))
            .route("/pay/orderquery", endpoint(Certificate::None, query::order_query))
            .route("/pay/closeorder", endpoint(Certificate::None, query::close_order))
            .route("/secapi/pay/reverse", endpoint(Certificate::Required, reverse::reverse))
            .route("/secapi/pay/refund", endpoint(Certificate::Required, refund::refund))
            .route("/pay/refundquery", endpoint(Certificate::None, refund::refund_query))
            .route("/pay/downloadbill", any(download_bill))
            .route("/wallet/wechat_v2/refunds", post(end_refund))
            .with_state(Arc::clone(&self.0))
    }

    fn credentials(&self) -> Value {
        self.0.account.import_document(&self.0.stage)
    }

    fn look_up(&self, code: &str) -> Option<Offer> {
        let now = self.0.now();
        let mut ledger = self.0.ledger();
        let found = ledger.resolve(code, now)?;
        let trade = &mut ledger.trades[found.trade];
        trade.age(now);
        if let Some(url) = wechat_h5::way_back(code) {
            trade.return_url = Some(url);
        }
        Some(Offer {
            brand: Brand::Wechat,
            kind: ChannelKind::WechatV2,
            payee: self.0.account.payee.to_owned(),
            subject: trade.subject.clone(),
            amount: trade.amount,
            out_trade_no: trade.out_trade_no.clone(),
            trade_no: trade.transaction_id.clone(),
            state: match trade.state {
                State::Success => OfferState::Paid,
                State::UserPaying => OfferState::Paying,
                State::Closed => OfferState::Closed,
                State::Revoked | State::PayError => OfferState::Failed,
                State::NotPay if found.stale || trade.is_expired(now) => OfferState::Expired,
                State::NotPay => OfferState::Open,
            },
            return_url: trade.return_url.clone(),
        })
    }

    async fn pay(&self, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        self.0.pay(code, pay)
    }

    fn behave(&self, code: &str, behaviour: Behaviour) -> Result<(), Refusal> {
        let now = self.0.now();
        let mut ledger = self.0.ledger();
        let found = ledger.resolve(code, now).ok_or_else(Refusal::unknown)?;
        ledger.trades[found.trade].behaviour = behaviour;
        ledger.trades[found.trade].behaviour_at = now;
        Ok(())
    }

    fn issue_bar_code(&self, pay: Pay) -> Option<(String, i64)> {
        let dies_at = self.0.now() + BAR_CODE_LIFE_MS;
        let code = format!("13{}", self.0.stage.digits(16));
        self.0.ledger().bar_codes.insert(code.clone(), BarCode { pay, dies_at, used: false });
        Some((code, dies_at))
    }

    fn release_refunds(&self) -> usize {
        self.0.end_refunds()
    }

    fn book(&self) -> Vec<BookTrade> {
        let now = self.0.now();
        let mut ledger = self.0.ledger();
        ledger.trades.iter_mut().for_each(|trade| trade.age(now));
        ledger.trades.iter().map(|trade| book_trade(trade, &self.0.account.mch_id)).collect()
    }
}

fn book_trade(trade: &Trade, merchant: &str) -> BookTrade {
    let paid_amount = trade.paid.as_ref().map_or(Amount::ZERO, |paid| paid.amount);
    BookTrade {
        kind: ChannelKind::WechatV2,
        merchant: merchant.to_owned(),
        out_trade_no: trade.out_trade_no.clone(),
        trade_no: trade.transaction_id.clone(),
        state: match trade.state {
            State::NotPay => TradeState::Open,
            State::UserPaying => TradeState::Paying,
            State::Success => TradeState::Paid,
            State::Closed => TradeState::Closed,
            State::Revoked => TradeState::Reversed,
            State::PayError => TradeState::Failed,
        },
        amount: trade.amount,
        paid_amount,
        refunded_amount: if trade.state == State::Revoked { paid_amount } else { trade.refunded() },
        behaviour: trade.behaviour.as_str().to_owned(),
        created_at: trade.created_at,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        closed_at: trade.closed_at,
        refunds: trade
            .refunds
            .iter()
            .map(|refund| BookRefund {
                out_refund_no: refund.out_refund_no.clone(),
                refund_no: refund.refund_id.clone(),
                amount: refund.amount,
                state: match refund.state {
                    RefundState::Processing => "processing",
                    RefundState::Success => "succeeded",
                    RefundState::Change | RefundState::Close => "failed",
                },
                created_at: refund.created_at,
                succeeded_at: refund.succeeded_at,
            })
            .collect(),
    }
}
