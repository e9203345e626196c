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

/// QQ Wallet.
pub struct Wallet {
    pub stage: Arc<Stage>,
    pub account: Account,
    ledger: Mutex<Ledger>,
}

impl Wallet {
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

    /// `yyMMdd` of today.
    pub fn day(&self) -> String {
        compact(beijing(self.now()))[2..8].to_owned()
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
            State::Revoked => return Err(Refusal::conflict("closed", "the trade is over")),
            State::Closed if trade.ran_out() && !late => return Err(Refusal::conflict("expired", "the trade has run out")),
            State::Closed if !late => return Err(Refusal::conflict("closed", "the trade is closed")),
            State::Closed | State::NotPay => {}
        }
        if found.stale && !late {
            return Err(Refusal::conflict("expired", "the code has run out"));
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
            let id = format!("{}46{}{}", self.account.mch_id, self.day(), self.stage.digits(10));
            ledger.set_transaction_id(at, &id);
        }
        let trade = &mut ledger.trades[at];
        let amount = trade.behaviour.paid_amount(trade.amount);
        // A tenth is the wallet's present to a payer with coupons.
        let coupon = if payer == Payer::Coupons { Amount::from_fen(amount.fen() / 10).unwrap_or_default() } else { Amount::ZERO };
        trade.state = State::Success;
        trade.paid = Some(Paid { amount, openid: self.account.openid(&self.stage, payer), coupon, at: now });
        for _ in 0..trade.behaviour.deliveries() {
            self.stage.notify(notice::paid(&self.account, &self.stage, trade));
        }
    }

    /// The payer types for some seconds and is then through, unless the trade is over by then.
    pub fn type_password(self: &Arc<Self>, at: usize, payer: Payer) {
        let (wallet, typed) = (Arc::clone(self), self.stage.pause(Behaviour::TYPING));
        tokio::spawn(async move {
            typed.await;
            let now = wallet.now();
            let mut ledger = wallet.ledger();
            if ledger.trades[at].state == State::UserPaying {
                wallet.settle(&mut ledger, at, payer, now);
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
        kind: ChannelKind::Qq,
        trade_no: trade.transaction_id.clone().unwrap_or_default(),
        out_trade_no: trade.out_trade_no.clone(),
        amount: trade.paid.as_ref().map_or(trade.amount, |paid| paid.amount),
        state,
        behaviour: trade.behaviour,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        return_url: None,
    }
}
