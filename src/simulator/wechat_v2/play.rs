//! The provider at work: the payer's side of a trade, from pressing pay to the notices.

use super::super::behaviour::{Account as Payer, Behaviour};
use super::super::clock::beijing;
use super::super::provider::{OfferState, Pay, Receipt, Refusal};
use super::super::stage::Stage;
use super::account::Account;
use super::call::Call;
use super::check::compact;
use super::ledger::Ledger;
use super::notice;
use super::trade::{Paid, State, Trade, TradeType};
use crate::model::{Amount, ChannelKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// WeChat Pay v2.
pub struct Wechat {
    pub stage: Arc<Stage>,
    pub account: Account,
    ledger: Mutex<Ledger>,
}

impl Wechat {
    pub fn new(stage: &Arc<Stage>) -> Arc<Self> {
        Arc::new(Self { stage: Arc::clone(stage), account: Account::of(stage), ledger: Mutex::default() })
    }

    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> i64 {
        self.stage.now_ms()
    }

    /// Behaviour of the trade a call is about, and since when.
    pub fn hindered_trade(&self, call: &Call) -> Option<(Behaviour, i64)> {
        let ledger = self.ledger();
        ledger.named_by(call).map(|at| (ledger.trades[at].behaviour, ledger.trades[at].behaviour_at))
    }

    /// A new transaction id: 28 digits with the day inside.
    pub fn new_transaction_id(&self) -> String {
        let day = compact(beijing(self.now()));
        format!("420000{}{}{}", self.stage.digits(4), &day[..8], self.stage.digits(10))
    }

    /// Pays a code as the wallet does.
    pub fn pay(self: &Arc<Self>, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let now = self.now();
        let mut ledger = self.ledger();
        let found = ledger.resolve(code, now).ok_or_else(Refusal::unknown)?;
        let at = found.trade;
        let late = pay.behaviour == Behaviour::Late;
        let trade = &mut ledger.trades[at];
        trade.age(now);
        match trade.state {
            State::Success => return Err(Refusal::conflict("already_paid", "the trade is paid")),
            State::UserPaying if trade.trade_type == TradeType::Micropay => {
                self.settle(&mut ledger, at, pay.account, now);
                return Ok(receipt(&ledger.trades[at]));
            }
            State::UserPaying => return Err(Refusal::conflict("paying", "the payer is typing a password")),
            State::Revoked | State::PayError => return Err(Refusal::conflict("closed", "the trade is over")),
            State::Closed if !late => return Err(Refusal::conflict("closed", "the trade is closed")),
            State::Closed | State::NotPay => {}
        }
        if (found.stale || trade.is_expired(now)) && !late {
            return Err(Refusal::conflict("expired", "the code or the trade has run out"));
        }
        // Provider's document, 统一下单: an order belongs to whoever opened it first.
        let openid = self.account.openid(&self.stage, pay.account);
        if trade.trade_type != TradeType::Jsapi {
            if trade.payer.as_ref().is_some_and(|first| *first != openid) {
                return Err(Refusal::conflict("other_payer", "another payer opened this trade first"));
            }
            trade.payer = Some(openid);
        }
        trade.behaviour = pay.behaviour;
        trade.behaviour_at = now;
        if pay.account == Payer::Poor {
            return Err(Refusal::conflict("not_enough", "the payer has not enough money"));
        }
        match pay.behaviour {
            Behaviour::Fail => {}
            Behaviour::Password => {
                trade.state = State::UserPaying;
                self.type_password(at, pay.account);
            }
            _ => self.settle(&mut ledger, at, pay.account, now),
        }
        Ok(receipt(&ledger.trades[at]))
    }

    /// Takes the money and starts the notices.
    pub fn settle(&self, ledger: &mut Ledger, at: usize, payer: Payer, now: i64) {
        if ledger.trades[at].transaction_id.is_none() {
            let id = self.new_transaction_id();
            ledger.set_transaction_id(at, &id);
        }
        let trade = &mut ledger.trades[at];
        let amount = trade.behaviour.paid_amount(trade.amount);
        let openid = trade.payer.clone().unwrap_or_else(|| self.account.openid(&self.stage, payer));
        let coupons = if payer == Payer::Coupons { self.coupons(amount) } else { vec![] };
        trade.state = State::Success;
        trade.paid = Some(Paid { amount, openid, coupons, at: now });
        if let (Some(url), false) = (&trade.notify_url, trade.trade_type == TradeType::Micropay) {
            for _ in 0..trade.behaviour.deliveries() {
                self.stage.notify(notice::paid(&self.account, &self.stage, trade, url.clone()));
            }
        }
    }

    /// A tenth each as a coupon with and without money behind it, where the amount is large enough.
    fn coupons(&self, amount: Amount) -> Vec<(&'static str, String, Amount)> {
        match Amount::from_fen(amount.fen() / 10) {
            Ok(tenth) => vec![("CASH", self.stage.digits(8), tenth), ("NO_CASH", self.stage.digits(8), tenth)],
            Err(_) => vec![],
        }
    }

    /// The payer types for some seconds and is then through, unless the trade is over by then.
    pub fn type_password(self: &Arc<Self>, at: usize, payer: Payer) {
        let wechat = Arc::clone(self);
        let typed = self.stage.pause(Behaviour::TYPING);
        tokio::spawn(async move {
            typed.await;
            let now = wechat.now();
            let mut ledger = wechat.ledger();
            if ledger.trades[at].state == State::UserPaying {
                wechat.settle(&mut ledger, at, payer, now);
            }
        });
    }

    /// The payer never types: after a minute the payment has failed.
    pub fn abandon_password(self: &Arc<Self>, at: usize) {
        let wechat = Arc::clone(self);
        let waited = self.stage.pause(std::time::Duration::from_secs(60));
        tokio::spawn(async move {
            waited.await;
            let mut ledger = wechat.ledger();
            if ledger.trades[at].state == State::UserPaying {
                ledger.trades[at].state = State::PayError;
            }
        });
    }
}

fn receipt(trade: &Trade) -> Receipt {
    let state = match trade.state {
        State::Success => OfferState::Paid,
        State::UserPaying => OfferState::Paying,
        _ => OfferState::Failed,
    };
    Receipt {
        ok: state == OfferState::Paid,
        kind: ChannelKind::WechatV2,
        trade_no: trade.transaction_id.clone().unwrap_or_default(),
        out_trade_no: trade.out_trade_no.clone(),
        amount: trade.paid.as_ref().map_or(trade.amount, |paid| paid.amount),
        state,
        behaviour: trade.behaviour,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        return_url: trade.return_url.clone(),
    }
}
