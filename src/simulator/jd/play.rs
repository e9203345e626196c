//! JD at work on the payer's side: from the button or the scan to the notices.

use super::account::Account;
use super::ledger::{Ledger, Paid, Status, Trade};
use super::notice;
use crate::model::{Amount, ChannelKind};
use crate::simulator::{self, Behaviour, OfferState, Pay, Receipt, Refusal, Stage};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// JD Pay.
pub struct Jd {
    pub stage: Arc<Stage>,
    pub account: Account,
    ledger: Mutex<Ledger>,
}

impl Jd {
    pub fn new(stage: &Arc<Stage>) -> Arc<Self> {
        Arc::new(Self { stage: Arc::clone(stage), account: Account::of(stage), ledger: Mutex::default() })
    }

    /// The ledger, with everything closed that has run out by now.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        ledger.trades.iter_mut().for_each(|trade| trade.age(now));
        ledger
    }

    pub fn now(&self) -> i64 {
        self.stage.now_ms()
    }

    /// A new order id and a new key of a page or code.
    pub fn numbers(&self) -> (String, String) {
        (format!("6{}", self.stage.digits(18)), self.stage.random_text(b"abcdefghijklmnopqrstuvwxyz0123456789", 20))
    }

    /// Pays an order.
    ///
    /// # Errors
    /// When there is none, it is over, or the payer has no money.
    pub fn pay(self: &Arc<Self>, code: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let now = self.now();
        let mut ledger = self.ledger();
        let at = ledger.by_any(code).ok_or_else(Refusal::unknown)?;
        let late = pay.behaviour == Behaviour::Late;
        let trade = &mut ledger.trades[at];
        match trade.status {
            Status::Success => return Err(Refusal::conflict("already_paid", "the order is paid")),
            Status::Processing => return Err(Refusal::conflict("paying", "the payer is typing a password")),
            Status::Failed => return Err(Refusal::conflict("failed", "the order has failed: a new one needs a new number")),
            Status::Closed if trade.is_revoked || !late => return Err(Refusal::conflict("expired", "the order is closed")),
            Status::Closed | Status::Created => {}
        }
        trade.behaviour = pay.behaviour;
        trade.behaviour_at = now;
        if pay.account == simulator::Account::Poor {
            return Err(Refusal::conflict("not_enough", "the payer has not enough money"));
        }
        match pay.behaviour {
            Behaviour::Fail => {
                trade.status = Status::Failed;
                trade.ended_at = Some(now);
            }
            Behaviour::Password => {
                trade.status = Status::Processing;
                self.finish_later(at, pay.account);
            }
            _ => self.settle(&mut ledger, at, pay.account, now),
        }
        Ok(receipt(&ledger.trades[at]))
    }

    /// Takes the money and starts the notices.
    fn settle(&self, ledger: &mut Ledger, at: usize, payer: simulator::Account, now: i64) {
        let trade = &mut ledger.trades[at];
        let due = Amount::from_fen(trade.order.amount).unwrap_or(Amount::ZERO);
        let amount = trade.behaviour.paid_amount(due).fen();
        let coupon = if payer == simulator::Account::Coupons { amount / 10 } else { 0 };
        trade.status = Status::Success;
        trade.ended_at = None;
        trade.paid = Some(Paid { amount, coupon, at: now });
        for _ in 0..trade.behaviour.deliveries() {
            self.stage.notify(notice::paid(&self.account, trade));
        }
    }

    /// The payer types for some seconds.
    fn finish_later(self: &Arc<Self>, at: usize, payer: simulator::Account) {
        let (jd, typed) = (Arc::clone(self), self.stage.pause(Behaviour::TYPING));
        tokio::spawn(async move {
            typed.await;
            let now = jd.now();
            let mut ledger = jd.ledger();
            if ledger.trades[at].status == Status::Processing {
                jd.settle(&mut ledger, at, payer, now);
            }
        });
    }
}

pub fn offer_state(trade: &Trade) -> OfferState {
    match trade.status {
        Status::Created => OfferState::Open,
        Status::Processing => OfferState::Paying,
        Status::Success => OfferState::Paid,
        Status::Failed => OfferState::Failed,
        Status::Closed => OfferState::Expired,
    }
}

fn receipt(trade: &Trade) -> Receipt {
    Receipt {
        ok: trade.status == Status::Success,
        kind: ChannelKind::Jd,
        trade_no: trade.order_id.clone(),
        out_trade_no: trade.order.trade_num.clone(),
        amount: Amount::from_stored(trade.amount()).unwrap_or_default(),
        state: offer_state(trade),
        behaviour: trade.behaviour,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        return_url: trade.order.callback_url.clone(),
    }
}
