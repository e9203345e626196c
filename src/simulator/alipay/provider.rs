//! Alipay behind the simulator's seam: which codes of the wallet are its own, and what paying them means.

use super::bar::{Issued, LIFE_MS};
use super::desk::{Alipay, Desk};
use super::gateway;
use super::ledger::{Key, Status, Trade};
use super::notice;
use super::oauth;
use super::order::Order;
use super::page;
use super::params::Params;
use super::refusal::Refusal as Said;
use crate::model::{Amount, Brand, ChannelKind};
use crate::simulator::{Behaviour, BookRefund, BookTrade, Offer, OfferState, Pay, Provider, Receipt, Refusal, TradeState};
use async_trait::async_trait;
use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;

/// The account in public-key mode, and all of Alipay's endpoints.
pub struct PublicKeyMode(pub Arc<Alipay>);

/// The account in certificate mode: another set of credentials for the same gateway.
pub struct CertificateMode(pub Arc<Alipay>);

/// What a code of the wallet leads to.
enum Found {
    Trade(Key),
    /// Not scanned yet; with the moment the code itself runs out.
    Order(Box<Order>, i64),
}

impl Alipay {
    fn find_code(&self, desk: &Desk, code: &str) -> Option<Found> {
        if let Some(key) = desk.ledger.by_trade_no(code) {
            return Some(Found::Trade(key.clone()));
        }
        if let Some((order, until)) = desk.codes.get(code) {
            return Some(Found::Order(Box::new(order.clone()), *until));
        }
        for seller in [&self.accounts.plain_numbers.seller_id, &self.accounts.certified_numbers.seller_id] {
            let key = (seller.clone(), code.to_owned());
            if desk.ledger.get(&key).is_some() {
                return Some(Found::Trade(key));
            }
            if let Some((order, until)) = desk.code_of.get(&key).and_then(|code| desk.codes.get(code)) {
                return Some(Found::Order(Box::new(order.clone()), *until));
            }
        }
        let call = match code.split_once("/gateway.do?") {
            Some((_, query)) => query,
            None if code.contains("alipay.trade.app.pay") => code,
            None => return None,
        };
        let order = page::read_order(self, &Params::read(call, b""))
            .inspect_err(|said| self.stage.refused(ChannelKind::Alipay, &said.sub_code))
            .ok()?;
        Some(Found::Order(Box::new(order), i64::MAX))
    }

    fn offer(&self, desk: &Desk, found: &Found) -> Option<Offer> {
        let now = self.now_ms();
        let (order, trade, until) = match found {
            Found::Trade(key) => {
                let trade = desk.ledger.get(key)?;
                (&trade.order, Some(trade), i64::MAX)
            }
            Found::Order(order, until) => (&**order, desk.ledger.get(&order.key()), *until),
        };
        let account = self.account(&order.app_id)?;
        let state = match trade {
            Some(trade) => offer_state(trade),
            None if until <= now || order.deadline.from(now) <= now => OfferState::Expired,
            None => OfferState::Open,
        };
        let is_paid = trade.is_some_and(|t| t.paid.is_some());
        Some(Offer {
            brand: Brand::Alipay,
            kind: ChannelKind::Alipay,
            payee: account.payee.to_owned(),
            subject: order.subject.clone(),
            amount: Amount::from_stored(trade.map_or(order.total, Trade::total)).ok()?,
            out_trade_no: order.out_trade_no.clone(),
            trade_no: trade.map(|t| t.trade_no.clone()),
            state,
            return_url: trade.filter(|_| is_paid).and_then(|t| notice::return_address(t, account, now)),
        })
    }

    fn pay_code(self: &Arc<Self>, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let mut desk = self.desk();
        let key = match self.find_code(&desk, code).ok_or_else(Refusal::unknown)? {
            Found::Trade(key) => key,
            Found::Order(order, until) => {
                let late = pay.behaviour == Behaviour::Late;
                if until <= self.now_ms() && !late && desk.ledger.get(&order.key()).is_none() {
                    return Err(Refusal::conflict("expired", "the code has run out"));
                }
                self.open(&mut desk, &order, late).map_err(said)?
            }
        };
        self.pay_trade(&mut desk, &key, pay).map_err(said)
    }
}

/// The gateway's refusal in the wallet's words.
fn said(refusal: Said) -> Refusal {
    let code = match refusal.sub_code.as_str() {
        "ACQ.TRADE_HAS_SUCCESS" => "paid",
        "ACQ.TRADE_HAS_CLOSE" => "closed",
        "ACQ.TRADE_BUYER_NOT_MATCH" => "wrong_payer",
        "ACQ.INVALID_PARAMETER" => "expired",
        _ => "refused",
    };
    Refusal::conflict(code, format!("{}: {}", refusal.sub_code, refusal.sub_msg))
}

fn offer_state(trade: &Trade) -> OfferState {
    match trade.status {
        Status::Wait if trade.typing => OfferState::Paying,
        Status::Wait => OfferState::Open,
        Status::Success | Status::Finished => OfferState::Paid,
        Status::Closed if trade.paid.is_some() => OfferState::Paid,
        Status::Closed => OfferState::Closed,
    }
}

fn book_trade(trade: &Trade, behaviour: Behaviour) -> BookTrade {
    let amount = |fen: i64| Amount::from_stored(fen).unwrap_or(Amount::ZERO);
    let state = match offer_state(trade) {
        OfferState::Paid if trade.cancelled => TradeState::Reversed,
        OfferState::Paid => TradeState::Paid,
        OfferState::Paying => TradeState::Paying,
        OfferState::Closed => TradeState::Closed,
        _ => TradeState::Open,
    };
    let refunds = trade.refunds.iter().map(|r| BookRefund {
        out_refund_no: r.out_request_no.clone(),
        // Alipay numbers no refunds; its own trade's number and the merchant's refund number name one.
        refund_no: format!("{}-{}", trade.trade_no, r.out_request_no),
        amount: amount(r.amount),
        state: if r.done_ms.is_some() { "succeeded" } else { "processing" },
        created_at: r.asked_ms,
        succeeded_at: r.done_ms,
    });
    BookTrade {
        kind: ChannelKind::Alipay,
        merchant: trade.order.seller_id.clone(),
        out_trade_no: trade.order.out_trade_no.clone(),
        trade_no: Some(trade.trade_no.clone()),
        state,
        amount: amount(trade.order.total),
        paid_amount: amount(trade.paid.as_ref().map_or(0, |p| p.charge)),
        refunded_amount: amount(trade.reserved()),
        behaviour: behaviour.as_str().to_owned(),
        created_at: trade.created_ms,
        paid_at: trade.paid.as_ref().map(|p| p.at_ms),
        closed_at: trade.closed_ms,
        refunds: refunds.collect(),
    }
}

fn import_document(alipay: &Alipay, name: &str, credentials: &Value) -> Value {
    json!({
        "kind": ChannelKind::Alipay.as_str(),
        "name": name,
        "gateway_url": alipay.stage.origin(),
        "methods": ["alipay_page", "alipay_wap", "alipay_qr", "alipay_bar", "alipay_jsapi", "alipay_app"],
        "credentials": credentials,
    })
}

#[async_trait]
impl Provider for PublicKeyMode {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Alipay
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/gateway.do", get(gateway::gateway).post(gateway::gateway))
            .route("/oauth2/publicAppAuthorize.htm", get(oauth::authorise))
            .route("/downloadBillFile.resource", get(gateway::download_bill))
            .route("/alipay/cashier.css", get(page::style))
            .route("/alipay/cashier/{trade_no}", get(page::show))
            .route("/alipay/cashier/{trade_no}/pay", post(page::pay))
            .route("/alipay/switches", post(gateway::switches))
            .with_state(Arc::clone(&self.0))
    }

    fn credentials(&self) -> Value {
        let account = self.0.accounts.plain(self.0.stage.keys());
        import_document(&self.0, "Alipay (simulated)", &account.credentials())
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
        let key = match self.0.find_code(&desk, code).ok_or_else(Refusal::unknown)? {
            Found::Trade(key) => key,
            Found::Order(order, _) => order.key(),
        };
        desk.behaviours.insert(key, (behaviour, now));
        Ok(())
    }

    fn issue_bar_code(&self, pay: Pay) -> Option<(String, i64)> {
        let expires_ms = self.0.now_ms() + LIFE_MS;
        // Never one of the fixed codes, which begin with fourteen zeros.
        let code = format!("281{}", self.0.stage.digits(15));
        self.0.desk().bar_codes.insert(code.clone(), Issued { pay, expires_ms, used: false });
        Some((code, expires_ms))
    }

    fn release_refunds(&self) -> usize {
        let now = self.0.now_ms();
        let mut desk = self.0.desk();
        let events = desk.ledger.release_refunds(now);
        for (key, event) in &events {
            self.0.tell(&mut desk, key, event);
        }
        events.len()
    }

    fn book(&self) -> Vec<BookTrade> {
        let desk = self.0.desk();
        desk.ledger.all().map(|trade| book_trade(trade, desk.behaviour(&trade.order.key()).0)).collect()
    }
}

/// Everything but the credentials is the other one's: both accounts live at one gateway.
#[async_trait]
impl Provider for CertificateMode {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Alipay
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
    }

    fn credentials(&self) -> Value {
        let account = self.0.accounts.certified(self.0.stage.keys());
        import_document(&self.0, "Alipay (simulated, certificates)", &account.credentials())
    }

    fn look_up(&self, _code: &str) -> Option<Offer> {
        None
    }

    async fn pay(&self, _code: &str, _pay: Pay) -> Result<Receipt, Refusal> {
        Err(Refusal::unknown())
    }

    fn behave(&self, _code: &str, _behaviour: Behaviour) -> Result<(), Refusal> {
        Err(Refusal::unknown())
    }

    fn issue_bar_code(&self, _pay: Pay) -> Option<(String, i64)> {
        None
    }

    fn release_refunds(&self) -> usize {
        0
    }

    fn book(&self) -> Vec<BookTrade> {
        Vec::new()
    }
}
