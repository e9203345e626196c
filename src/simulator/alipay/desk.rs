//! The gateway's memory and the work on it: opening and paying trades, telling merchants. Must not know HTTP.

use super::account::{Account, Accounts};
use super::bar::Issued;
use super::bill::Period;
use super::ledger::{Event, Key, Ledger, Status};
use super::notice;
use super::oauth::Grants;
use super::order::{Order, Product};
use super::payer::Payer;
use super::refusal::Refusal;
use super::switches::Switches;
use crate::model::{Amount, ChannelKind};
use crate::simulator::{Behaviour, Message, Notice, OfferState, Pay, Receipt, Stage};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Alipay: both accounts and all that happened at the gateway.
pub struct Alipay {
    pub(super) stage: Arc<Stage>,
    pub(super) accounts: Accounts,
    desk: Mutex<Desk>,
}

/// What the gateway remembers.
#[derive(Default)]
pub(super) struct Desk {
    pub ledger: Ledger,
    /// Precreated codes by what the payer scans, with the moment they run out.
    pub codes: HashMap<String, (Order, i64)>,
    /// The one code of a number.
    pub code_of: HashMap<Key, String>,
    /// How things go wrong around one number, and since when.
    pub behaviours: HashMap<Key, (Behaviour, i64)>,
    pub bar_codes: HashMap<String, Issued>,
    pub grants: Grants,
    /// Bills that can be fetched: seller, period, and the moment the address runs out.
    pub bills: HashMap<String, (String, Period, i64)>,
    pub switches: Switches,
}

impl Desk {
    pub fn behaviour(&self, key: &Key) -> (Behaviour, i64) {
        self.behaviours.get(key).copied().unwrap_or((Behaviour::Ok, 0))
    }
}

/// How long a merchant may take to answer a notice.
const PATIENCE: Duration = Duration::from_secs(15);

impl Alipay {
    pub(super) fn new(stage: Arc<Stage>) -> Self {
        let accounts = Accounts::new(stage.keys());
        Self { stage, accounts, desk: Mutex::default() }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.stage.now_ms()
    }

    pub(super) fn account(&self, app_id: &str) -> Option<&Account> {
        self.accounts.by_app_id(app_id, self.stage.keys())
    }

    /// The memory, after everything that has run out by now was closed and told.
    pub(super) fn desk(self: &Arc<Self>) -> MutexGuard<'_, Desk> {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now_ms();
        for (key, event) in desk.ledger.settle(now) {
            self.tell(&mut desk, &key, &event);
        }
        desk
    }

    /// Starts the notice of an event, if its product has one and the merchant gave an address.
    pub(super) fn tell(self: &Arc<Self>, desk: &mut Desk, key: &Key, event: &Event) {
        let now = self.now_ms();
        let (behaviour, _) = desk.behaviour(key);
        let notify_id = desk.ledger.number("00222", now);
        let Some(trade) = desk.ledger.get(key) else { return };
        let Some(url) = trade.order.notify_url.clone().filter(|_| notice::is_sent(trade, event)) else { return };
        let Some(account) = self.account(&trade.order.app_id) else { return };
        let pairs = notice::parameters(trade, account, event, &notify_id);
        for _ in 0..behaviour.deliveries() {
            let (alipay, trade, pairs) = (Arc::clone(self), trade.clone(), pairs.clone());
            let content_type = format!("application/x-www-form-urlencoded; charset={}", trade.order.charset.name());
            self.stage.notify(Notice {
                kind: ChannelKind::Alipay,
                about: trade.order.out_trade_no.clone(),
                url: url.clone(),
                delay: behaviour.notice_delay(),
                plan: notice::RETRY_PLAN,
                patience: PATIENCE,
                compose: Box::new(move |attempt| {
                    let spoil = behaviour.spoils_signature(attempt);
                    let body = alipay.account(&trade.order.app_id).map_or_else(String::new, |account| {
                        notice::signed_form(pairs.clone(), &trade, account, alipay.now_ms(), spoil)
                    });
                    Message { headers: vec![("content-type", content_type.clone())], body: body.into_bytes() }
                }),
                accepted: notice::acknowledged,
            });
        }
    }

    /// Creates the trade of an order: a code is scanned or a page opened. Watches its deadline where closing is told to
    /// the merchant; elsewhere it is enough to close when somebody asks.
    ///
    /// # Errors
    /// When the order cannot begin any more.
    pub(super) fn open(self: &Arc<Self>, desk: &mut Desk, order: &Order, even_if_over: bool) -> Result<Key, Refusal> {
        let now = self.now_ms();
        let tells_closing = matches!(order.product, Product::App | Product::Wap) && order.notify_url.is_some();
        let is_new = desk.ledger.get(&order.key()).is_none();
        let key = if even_if_over { desk.ledger.open_regardless(order, now) } else { desk.ledger.open(order, now)? };
        if is_new
            && tells_closing
            && let Some(trade) = desk.ledger.get(&key)
        {
            let left = Duration::from_millis(u64::try_from(trade.deadline_ms - now).unwrap_or(0));
            let (weak, sleep) = (Arc::downgrade(self), self.stage.clock.sleep(left));
            tokio::spawn(async move {
                sleep.await;
                if let Some(alipay) = weak.upgrade() {
                    drop(alipay.desk());
                }
            });
        }
        Ok(key)
    }

    /// A payer's order to pay one trade; it exists already. The behaviour sticks to it.
    ///
    /// # Errors
    /// When the trade is paid, closed, or bound to another buyer.
    pub(super) fn pay_trade(self: &Arc<Self>, desk: &mut Desk, key: &Key, pay: Pay) -> Result<Receipt, Refusal> {
        let now = self.now_ms();
        let payer = Payer::of(pay.account, self.stage.keys());
        let late = pay.behaviour == Behaviour::Late;
        let trade = desk.ledger.get(key).ok_or_else(Refusal::no_trade)?;
        self.check_buyer(trade.order.buyer.as_deref(), &payer)?;
        match trade.status {
            Status::Wait => {}
            Status::Closed if late && trade.paid.is_none() => {}
            Status::Closed => return Err(Refusal::acq("TRADE_HAS_CLOSE", "交易已经关闭")),
            Status::Success | Status::Finished => return Err(Refusal::acq("TRADE_HAS_SUCCESS", "交易已被支付")),
        }
        let due = Amount::from_fen(trade.order.total).unwrap_or(Amount::ZERO);
        let charge = pay.behaviour.paid_amount(due);
        // A failure is over with its attempt: the payer may try again.
        let kept = if pay.behaviour == Behaviour::Fail { Behaviour::Ok } else { pay.behaviour };
        desk.behaviours.insert(key.clone(), (kept, now));
        let poor = pay.account == crate::simulator::Account::Poor;
        let state = if poor || pay.behaviour == Behaviour::Fail {
            OfferState::Failed
        } else if pay.behaviour == Behaviour::Password {
            if let Some(trade) = desk.ledger.get_mut(key) {
                trade.typing = true;
            }
            self.finish_typing(key.clone(), payer, charge.fen());
            OfferState::Paying
        } else {
            let event = desk.ledger.pay(key, payer, charge.fen(), late, now)?;
            self.tell(desk, key, &event);
            OfferState::Paid
        };
        let trade = desk.ledger.get(key).ok_or_else(Refusal::no_trade)?;
        let account = self.account(&trade.order.app_id).ok_or_else(Refusal::no_trade)?;
        Ok(Receipt {
            ok: state == OfferState::Paid,
            kind: ChannelKind::Alipay,
            trade_no: trade.trade_no.clone(),
            out_trade_no: trade.order.out_trade_no.clone(),
            amount: charge,
            state,
            behaviour: pay.behaviour,
            paid_at: trade.paid.as_ref().map(|p| p.at_ms),
            return_url: notice::return_address(trade, account, now),
        })
    }

    /// The payer needs some seconds, then pays if the trade still waits.
    fn finish_typing(self: &Arc<Self>, key: Key, payer: Payer, charge: i64) {
        let (weak, sleep) = (Arc::downgrade(self), self.stage.clock.sleep(self.stage.scaled(Behaviour::TYPING)));
        tokio::spawn(async move {
            sleep.await;
            let Some(alipay) = weak.upgrade() else { return };
            let now = alipay.now_ms();
            let mut desk = alipay.desk();
            if let Ok(event) = desk.ledger.pay(&key, payer, charge, false, now) {
                alipay.tell(&mut desk, &key, &event);
            }
        });
    }

    /// An in-app payment belongs to the buyer it was created for. Buyers that the wallet does not know are anybody.
    fn check_buyer(&self, wanted: Option<&str>, payer: &Payer) -> Result<(), Refusal> {
        use crate::simulator::Account as Person;
        let Some(wanted) = wanted else { return Ok(()) };
        let people = [Person::Xiaoming, Person::Xiaohong, Person::Coupons, Person::Poor];
        let known = people.map(|person| Payer::of(person, self.stage.keys()));
        match known.iter().find(|p| p.user_id == wanted || p.open_id == wanted) {
            Some(owner) if owner != payer => Err(Refusal::acq("TRADE_BUYER_NOT_MATCH", "交易买家不匹配")),
            _ => Ok(()),
        }
    }
}
