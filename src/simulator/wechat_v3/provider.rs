//! WeChat Pay v3 behind the simulator's seam: routes, credentials, wallet, book.

use super::super::behaviour::Behaviour;
use super::super::book::{BookRefund, BookTrade, TradeState};
use super::super::provider::{Offer, OfferState, Pay, Provider, Receipt, Refusal};
use super::super::stage::Stage;
use super::super::wechat_h5;
use super::call::{Work, run};
use super::play::Wechat;
use super::trade::{RefundState, State, Trade};
use super::{bill, certificates, order, query, refund, switches};
use crate::model::{Amount, Brand, ChannelKind};
use async_trait::async_trait;
use axum::body::Bytes;
use axum::extract::State as Ctx;
use axum::http::{HeaderMap, Method, Uri};
use axum::routing::{MethodFilter, MethodRouter, get, on, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(in crate::simulator) fn provider(stage: &Arc<Stage>) -> Arc<dyn Provider> {
    Arc::new(WechatV3(Wechat::new(stage)))
}

struct WechatV3(Arc<Wechat>);

/// One JSON endpoint.
fn endpoint(filter: MethodFilter, work: Work) -> MethodRouter<Arc<Wechat>> {
    on(filter, move |Ctx(wechat): Ctx<Arc<Wechat>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        run(wechat, method, uri, headers, body, work)
    })
}

#[derive(Deserialize)]
struct EndRefund {
    out_refund_no: String,
    status: String,
}

async fn end_refund(Ctx(wechat): Ctx<Arc<Wechat>>, Json(asked): Json<EndRefund>) -> Result<Json<Value>, Refusal> {
    let state = match asked.status.as_str() {
        "SUCCESS" => RefundState::Success,
        "CLOSED" => RefundState::Closed,
        "ABNORMAL" => RefundState::Abnormal,
        _ => return Err(Refusal::invalid("status", "SUCCESS, CLOSED or ABNORMAL")),
    };
    let place = wechat.ledger().by_out_refund_no(&asked.out_refund_no).ok_or_else(Refusal::unknown)?;
    if wechat.end_refund(place, state) {
        Ok(Json(json!({ "ok": true })))
    } else {
        Err(Refusal::conflict("over", "the refund is not in progress"))
    }
}

#[async_trait]
impl Provider for WechatV3 {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WechatV3
    }

    fn router(self: Arc<Self>) -> Router {
        let (asks, acts) = (MethodFilter::GET, MethodFilter::POST);
        let mut router = Router::new()
            .route("/v3/certificates", endpoint(asks, certificates::download))
            .route("/v3/refund/domestic/refunds", endpoint(acts, refund::refund))
            .route("/v3/refund/domestic/refunds/{number}", endpoint(asks, refund::refund_query))
            .route("/v3/bill/tradebill", endpoint(asks, bill::trade_bill))
            .route("/v3/bill/fundflowbill", endpoint(asks, bill::fund_flow_bill))
            .route("/v3/billdownload/file", get(bill::download))
            .route("/wallet/wechat_v3/refunds", post(end_refund))
            .route("/wallet/wechat_v3/switches", post(switches::change));
        for orders in ["/v3/pay/transactions", "/v3/pay/partner/transactions"] {
            for product in ["jsapi", "app", "h5", "native"] {
                router = router.route(&format!("{orders}/{product}"), endpoint(acts, order::place));
            }
            router = router
                .route(&format!("{orders}/out-trade-no/{{number}}"), endpoint(asks, query::by_out_trade_no))
                .route(&format!("{orders}/id/{{number}}"), endpoint(asks, query::by_transaction_id))
                .route(&format!("{orders}/out-trade-no/{{number}}/close"), endpoint(acts, query::close));
        }
        router.with_state(Arc::clone(&self.0))
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
            kind: ChannelKind::WechatV3,
            payee: self.0.account.payee.to_owned(),
            subject: trade.description.clone(),
            amount: trade.amount,
            out_trade_no: trade.out_trade_no.clone(),
            trade_no: trade.transaction_id.clone(),
            state: match trade.state {
                State::Success => OfferState::Paid,
                State::UserPaying => OfferState::Paying,
                State::Closed => OfferState::Closed,
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

    fn issue_bar_code(&self, _pay: Pay) -> Option<(String, i64)> {
        None
    }

    fn release_refunds(&self) -> usize {
        self.0.end_refunds()
    }

    fn book(&self) -> Vec<BookTrade> {
        let now = self.0.now();
        let mut ledger = self.0.ledger();
        ledger.trades.iter_mut().for_each(|trade| trade.age(now));
        ledger.trades.iter().map(|trade| book_trade(trade, &self.0.account.mchid)).collect()
    }
}

fn book_trade(trade: &Trade, merchant: &str) -> BookTrade {
    BookTrade {
        kind: ChannelKind::WechatV3,
        merchant: merchant.to_owned(),
        out_trade_no: trade.out_trade_no.clone(),
        trade_no: trade.transaction_id.clone(),
        state: match trade.state {
            State::NotPay => TradeState::Open,
            State::UserPaying => TradeState::Paying,
            State::Success => TradeState::Paid,
            State::Closed => TradeState::Closed,
        },
        amount: trade.amount,
        paid_amount: trade.paid.as_ref().map_or(Amount::ZERO, |paid| paid.amount),
        refunded_amount: trade.refunded(),
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
                    RefundState::Closed | RefundState::Abnormal => "failed",
                },
                created_at: refund.created_at,
                succeeded_at: refund.succeeded_at,
            })
            .collect(),
    }
}
