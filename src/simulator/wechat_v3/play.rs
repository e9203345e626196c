//! The provider at work: the payer's side of a trade, from pressing pay to the notices.

use super::super::behaviour::{Account as Payer, Behaviour};
use super::super::clock::beijing;
use super::super::keys::RsaKey;
use super::super::provider::{OfferState, Pay, Receipt, Refusal};
use super::super::stage::Stage;
use super::account::Account;
use super::certificates::Certificates;
use super::ledger::Ledger;
use super::notice;
use super::switches::Switches;
use super::trade::{Paid, State, Trade, TradeType};
use crate::model::{Amount, ChannelKind};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::macros::format_description;

/// WeChat Pay v3.
pub struct Wechat {
    pub stage: Arc<Stage>,
    pub account: Account,
    ledger: Mutex<Ledger>,
    certificates: Mutex<Certificates>,
    switches: Mutex<Switches>,
    nonces: Mutex<HashSet<String>>,
    /// Download tokens of bills: when they end, and what they stand for.
    pub tokens: Mutex<std::collections::HashMap<String, (i64, Vec<u8>)>>,
}

impl Wechat {
    pub fn new(stage: &Arc<Stage>) -> Arc<Self> {
        Arc::new(Self {
            stage: Arc::clone(stage),
            account: Account::of(stage),
            ledger: Mutex::default(),
            certificates: Mutex::new(Certificates::new(stage)),
            switches: Mutex::default(),
            nonces: Mutex::default(),
            tokens: Mutex::default(),
        })
    }

    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn certificates(&self) -> MutexGuard<'_, Certificates> {
        self.certificates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn switches(&self) -> Switches {
        *self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_switches(&self, switches: Switches) {
        *self.switches.lock().unwrap_or_else(PoisonError::into_inner) = switches;
    }

    pub fn now(&self) -> i64 {
        self.stage.now_ms()
    }

    /// Whether a nonce is new.
    pub fn use_nonce(&self, nonce: &str) -> bool {
        /// Enough for every nonce of the window's five minutes.
        const REMEMBERED: usize = 200_000;
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.len() >= REMEMBERED {
            nonces.clear();
        }
        nonces.insert(nonce.to_owned())
    }

    /// Behaviour of the trade behind a number, and since when.
    pub fn behaviour_of(&self, number: &str) -> Option<(Behaviour, i64)> {
        let ledger = self.ledger();
        ledger.by_any_number(number).map(|at| (ledger.trades[at].behaviour, ledger.trades[at].behaviour_at))
    }

    /// Number and key for a reply: the public key's if the request asked for it, else the newest certificate's, if there is
    /// one.
    pub fn reply_key(&self, wants: Option<&str>) -> (String, RsaKey) {
        if wants == Some(self.account.public_key_id.as_str()) || !self.switches().has_certificates {
            return (self.account.public_key_id.clone(), self.account.public_key.clone());
        }
        let certificates = self.certificates();
        (certificates.newest().serial_no.clone(), certificates.newest().key.clone())
    }

    /// Number and key for a notice, by the share that is signed with the public key.
    pub fn notice_key(&self) -> (String, RsaKey) {
        let draw: u8 = self.stage.digits(2).parse().unwrap_or(0);
        let public = draw < self.switches().public_key_percent;
        self.reply_key(public.then_some(self.account.public_key_id.as_str()))
    }

    /// The day in a number, `yyyyMMdd`.
    pub fn day(&self) -> String {
        beijing(self.now()).format(format_description!("[year][month][day]")).unwrap_or_default()
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
            State::UserPaying => return Err(Refusal::conflict("paying", "the payer is typing a password")),
            State::Closed if !late => return Err(Refusal::conflict("closed", "the trade is closed")),
            State::Closed | State::NotPay => {}
        }
        if (found.stale || trade.is_expired(now)) && !late {
            return Err(Refusal::conflict("expired", "the code or the trade has run out"));
        }
        // An order belongs to whoever opened it first.
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
            // A failed attempt leaves the order payable.
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
    fn settle(self: &Arc<Self>, ledger: &mut Ledger, at: usize, payer: Payer, now: i64) {
        if ledger.trades[at].transaction_id.is_none() {
            let id = format!("420000{}{}{}", self.stage.digits(4), self.day(), self.stage.digits(10));
            ledger.set_transaction_id(at, &id);
        }
        let trade = &mut ledger.trades[at];
        let amount = trade.behaviour.paid_amount(trade.amount);
        let openid = trade.payer.clone().unwrap_or_else(|| self.account.openid(&self.stage, payer));
        let tenth = Amount::from_fen(amount.fen() / 10).ok().filter(|_| payer == Payer::Coupons);
        let coupon = tenth.map(|part| (self.stage.digits(8), part));
        trade.state = State::Success;
        trade.paid = Some(Paid { amount, openid, coupon, at: now });
        for _ in 0..trade.behaviour.deliveries() {
            self.stage.notify(notice::paid(self, trade));
        }
    }

    /// The payer types for some seconds and is then through, unless the trade is over by then.
    fn type_password(self: &Arc<Self>, at: usize, payer: Payer) {
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
}

fn receipt(trade: &Trade) -> Receipt {
    let state = match trade.state {
        State::Success => OfferState::Paid,
        State::UserPaying => OfferState::Paying,
        _ => OfferState::Failed,
    };
    Receipt {
        ok: state == OfferState::Paid,
        kind: ChannelKind::WechatV3,
        trade_no: trade.transaction_id.clone().unwrap_or_default(),
        out_trade_no: trade.out_trade_no.clone(),
        amount: trade.paid.as_ref().map_or(trade.amount, |paid| paid.amount),
        state,
        behaviour: trade.behaviour,
        paid_at: trade.paid.as_ref().map(|paid| paid.at),
        return_url: trade.return_url.clone(),
    }
}
