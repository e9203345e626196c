//! QQ Wallet behind the simulator's seam: routes, credentials, wallet, book.

use super::super::behaviour::Behaviour;
use super::super::book::{BookRefund, BookTrade, TradeState};
use super::super::provider::{Offer, OfferState, Pay, Provider, Receipt, Refusal};
use super::super::stage::Stage;
use super::super::tls::Transport;
use super::call::{Certificate, Work, run};
use super::ledger::BarCode;
use super::play::Wallet;
use super::trade::{RefundState, State, Trade};
use super::{bill, micropay, order, page, query, refund, reverse};
use crate::model::{Amount, Brand, ChannelKind};
use async_trait::async_trait;
use axum::body::Bytes;
use axum::extract::State as Ctx;
use axum::http::Method;
use axum::routing::{any, get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a payment code lives.
const BAR_CODE_LIFE_MS: i64 = 60_000;

pub(in crate::simulator) fn provider(stage: &Arc<Stage>) -> Arc<dyn Provider> {
    Arc::new(Qq(Wallet::new(stage)))
}

struct Qq(Arc<Wallet>);

/// One XML endpoint.
fn endpoint(wants: Certificate, work: Work) -> axum::routing::MethodRouter<Arc<Wallet>> {
    any(move |Ctx(wallet): Ctx<Arc<Wallet>>, Extension(transport): Extension<Transport>, method: Method, body: Bytes| {
        run(wallet, method, transport, body, wants, work)
    })
}

async fn download_bill(
    Ctx(wallet): Ctx<Arc<Wallet>>,
    Extension(transport): Extension<Transport>,
    method: Method,
    body: Bytes,
) -> axum::response::Response {
    bill::download(wallet, method, transport, body).await
}

#[derive(Deserialize)]
struct EndRefund {
    out_refund_no: String,
    status: String,
}

async fn end_refund(Ctx(wallet): Ctx<Arc<Wallet>>, Json(asked): Json<EndRefund>) -> Result<Json<Value>, Refusal> {
    let state = match asked.status.as_str() {
        "SUCCESS" => RefundState::Success,
        "FAIL" => RefundState::Fail,
        "CHANGE" => RefundState::Change,
        _ => return Err(Refusal::invalid("status", "SUCCESS, FAIL or CHANGE")),
    };
    let place = wallet.ledger().by_out_refund_no(&asked.out_refund_no).ok_or_else(Refusal::unknown)?;
    if wallet.end_refund(place, state) {
        Ok(Json(json!({ "ok": true })))
    } else {
        Err(Refusal::conflict("over", "the refund is not in progress"))
    }
}

#[async_trait]
impl Provider for Qq {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Qq
    }

    /// Both of the provider's hosts at once: their paths do not meet.
    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/cgi-bin/pay/qpay_unified_order.cgi", endpoint(Certificate::None, order::unified_order))
            .route("/cgi-bin/pay/qpay_micro_pay.cgi", endpoint(Certificate::None, micropay::micropay))
            .route("/cgi-bin/pay/qpay_order_query.cgi", endpoint(Certificate::None, query::order_query))
            .route("/cgi-bin/pay/qpay_close_order.cgi", endpoint(Certificate::None, query::close_order))
            .route("/cgi-bin/pay/qpay_reverse.cgi", endpoint(Certificate::Required, reverse::reverse))
            .route("/cgi-bin/pay/qpay_refund.cgi", endpoint(Certificate::Required, refund::refund))
            .route("/cgi-bin/pay/qpay_refund_query.cgi", endpoint(Certificate::None, refund::refund_query))
            .route("/cgi-bin/sp_download/qpay_mch_statement_down.cgi", any(download_bill))
            .route("/qr/{id}", get(page::into_wallet))
            .route("/mqq/pay/qrcode.html", get(page::into_wallet))
            .route("/wallet/qq/refunds", post(end_refund))
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
        Some(Offer {
            brand: Brand::Qq,
            kind: ChannelKind::Qq,
            payee: self.0.account.payee.to_owned(),
            subject: trade.subject.clone(),
            amount: trade.amount,
            out_trade_no: trade.out_trade_no.clone(),
            trade_no: trade.transaction_id.clone(),
            state: match trade.state {
                State::Success => OfferState::Paid,
                State::UserPaying => OfferState::Paying,
                State::Closed if trade.ran_out() => OfferState::Expired,
                State::Closed => OfferState::Closed,
                State::Revoked => OfferState::Failed,
                State::NotPay if found.stale => OfferState::Expired,
                State::NotPay => OfferState::Open,
            },
            return_url: None,
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
        let code = format!("91{}", self.0.stage.digits(16));
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
        kind: ChannelKind::Qq,
        merchant: merchant.to_owned(),
        out_trade_no: trade.out_trade_no.clone(),
        trade_no: trade.transaction_id.clone(),
        state: match trade.state {
            State::NotPay => TradeState::Open,
            State::UserPaying => TradeState::Paying,
            State::Success => TradeState::Paid,
            State::Closed => TradeState::Closed,
            State::Revoked => TradeState::Reversed,
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
                    RefundState::Fail | RefundState::Change => "failed",
                },
                created_at: refund.created_at,
                succeeded_at: refund.succeeded_at,
            })
            .collect(),
    }
}
