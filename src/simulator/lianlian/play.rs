//! LianLian at work on the payer's side: from the button to the notices.

use super::account::Account;
use super::check;
use super::ledger::{Ledger, Paid, State, Trade};
use super::notice;
use crate::model::{Amount, ChannelKind};
use crate::simulator::{self, Behaviour, OfferState, Pay, Receipt, Refusal, Stage};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// LianLian Pay.
pub struct Lianlian {
    pub stage: Arc<Stage>,
    pub account: Account,
    ledger: Mutex<Ledger>,
}

impl Lianlian {
    pub fn new(stage: &Arc<Stage>) -> Arc<Self> {
        Arc::new(Self { stage: Arc::clone(stage), account: Account::of(stage), ledger: Mutex::default() })
    }

    /// The ledger, with everything ended that has run out by now.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        ledger.trades.iter_mut().for_each(|trade| trade.age(now));
        ledger
    }

    pub fn now(&self) -> i64 {
        self.stage.now_ms()
    }

    /// A number with the day in front.
    pub fn number(&self, digits: usize) -> String {
        let day = check::day(self.now());
        format!("{day}{}", self.stage.digits(digits.saturating_sub(day.len())))
    }

    /// Pays an order that was opened.
    ///
    /// # Errors
    /// When there is none, it is over, or the payer has no money.
    pub fn pay(self: &Arc<Self>, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let now = self.now();
        let mut ledger = self.ledger();
        let at = ledger.by_any(code).ok_or_else(Refusal::unknown)?;
        let late = pay.behaviour == Behaviour::Late;
        let trade = &mut ledger.trades[at];
        match trade.state {
            State::Success => return Err(Refusal::conflict("already_paid", "the order is paid")),
            State::Processing => return Err(Refusal::conflict("paying", "the bank is working on it")),
            State::Failure => return Err(Refusal::conflict("failed", "the order has failed: a new one needs a new number")),
            State::Expired if !late => return Err(Refusal::conflict("expired", "the order has run out")),
            State::Expired | State::Waiting => {}
        }
        trade.behaviour = pay.behaviour;
        trade.behaviour_at = now;
        if pay.account == simulator::Account::Poor {
            return Err(Refusal::conflict("not_enough", "6001: the card's balance is too small"));
        }
        match pay.behaviour {
            Behaviour::Fail => {
                trade.state = State::Failure;
                trade.ended_at = Some(now);
            }
            Behaviour::Password => {
                trade.state = State::Processing;
                self.finish_later(at);
            }
            _ => self.settle(&mut ledger, at, now),
        }
        Ok(receipt(&ledger.trades[at]))
    }

    /// Takes the money and starts the notices: success is all that LianLian ever tells.
    fn settle(&self, ledger: &mut Ledger, at: usize, now: i64) {
        let trade = &mut ledger.trades[at];
        let due = Amount::from_fen(trade.order.money).unwrap_or(Amount::ZERO);
        let amount = trade.behaviour.paid_amount(due).fen();
        let pay_type = trade.order.pay_type.clone().unwrap_or_else(|| "D".to_owned());
        let bank_code = trade.order.bank_code.clone().unwrap_or_else(|| "01020000".to_owned());
        trade.state = State::Success;
        trade.ended_at = None;
        trade.paid = Some(Paid { amount, at: now, pay_type, bank_code });
        ledger.unsettled += amount;
        let trade = &ledger.trades[at];
        for _ in 0..trade.behaviour.deliveries() {
            self.stage.notify(notice::paid(&self.account, trade));
        }
    }

    /// The bank needs some seconds.
    fn finish_later(self: &Arc<Self>, at: usize) {
        let (lianlian, done) = (Arc::clone(self), self.stage.pause(Behaviour::TYPING));
        tokio::spawn(async move {
            done.await;
            let now = lianlian.now();
            let mut ledger = lianlian.ledger();
            if ledger.trades[at].state == State::Processing {
                lianlian.settle(&mut ledger, at, now);
            }
        });
    }
}

pub fn offer_state(trade: &Trade) -> OfferState {
    match trade.state {
        State::Waiting => OfferState::Open,
        State::Processing => OfferState::Paying,
        State::Success => OfferState::Paid,
        State::Failure => OfferState::Failed,
        State::Expired => OfferState::Expired,
    }
}

fn receipt(trade: &Trade) -> Receipt {
    let fen = trade.paid.as_ref().map_or(trade.order.money, |paid| paid.amount);
    Receipt {
        ok: trade.state == State::Success,
        kind: ChannelKind::Lianlian,
        trade_no: trade.oid_paybill.clone(),
        out_trade_no: trade.order.no_order.clone(),
        amount: Amount::from_stored(fen).unwrap_or_default(),
        state: offer_state(trade),
        behaviour: trade.behaviour,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        return_url: trade.order.url_return.clone(),
    }
}
