//! The gateway's memory and the work on it: paying, telling merchants, sending money back. Must not know HTTP.

use super::account::Account;
use super::ledger::{Key, Kind, Ledger, State, Transaction};
use super::message::Message;
use super::notice;
use super::switches::{Switch, Switches};
use crate::model::{Amount, ChannelKind};
use crate::simulator::{self, Behaviour, Notice, OfferState, Pay, Receipt, Refusal, Stage};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// UnionPay: one merchant and all that happened at the gateway.
pub struct Unionpay {
    pub(super) stage: Arc<Stage>,
    pub(super) account: Account,
    desk: Mutex<Desk>,
}

/// What the gateway remembers.
#[derive(Default)]
pub(super) struct Desk {
    pub ledger: Ledger,
    /// How things go wrong around one payment, and since when.
    pub behaviours: HashMap<Key, (Behaviour, i64)>,
    /// When each transaction was asked about within the last minute.
    pub questions: HashMap<Key, Vec<i64>>,
    pub switches: Switches,
}

impl Desk {
    pub fn behaviour(&self, key: &Key) -> (Behaviour, i64) {
        self.behaviours.get(key).copied().unwrap_or((Behaviour::Ok, 0))
    }

    /// The behaviour around a transaction: a refund has that of its payment.
    pub fn behaviour_about(&self, transaction: &Transaction) -> (Behaviour, i64) {
        let payment = transaction.order.original.as_deref().and_then(|id| self.ledger.by_query_id(id));
        self.behaviour(&payment.unwrap_or(transaction).order.key)
    }
}

/// How long a refund takes, before the clock factor.
pub const REFUND_TIME: Duration = Duration::from_secs(2);

impl Unionpay {
    pub(super) fn new(stage: Arc<Stage>) -> Self {
        let account = Account::new(stage.keys());
        Self { stage, account, desk: Mutex::default() }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.stage.now_ms()
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs a message as the gateway does now, or as a switched-on fault has it.
    pub(super) fn signed(&self, desk: &mut Desk, message: Message) -> Message {
        let fault = desk.switches.take(Switch::is_about_signing);
        let leaf = fault.as_ref().and_then(Switch::leaf).unwrap_or_else(|| desk.switches.leaf());
        let mut signed = message.sign(&self.account.certificate(leaf), |text| self.account.sign(text));
        match fault {
            Some(Switch::DropSign) => signed.put("signature", ""),
            Some(Switch::CorruptSign) => signed.spoil(),
            Some(Switch::LineEnds) => {
                let stripped = signed.text_of("signPubKeyCert").replace("\r\n", "\n");
                signed.put("signPubKeyCert", stripped);
            }
            _ => {}
        }
        signed
    }

    /// Tells the merchant that a transaction is done. Nothing else is ever told.
    pub(super) fn tell(self: &Arc<Self>, desk: &Desk, transaction: &Transaction) {
        let (behaviour, _) = desk.behaviour_about(transaction);
        for _ in 0..behaviour.deliveries() {
            let (unionpay, transaction) = (Arc::clone(self), transaction.clone());
            self.stage.notify(Notice {
                kind: ChannelKind::Unionpay,
                about: transaction.order.key.0.clone(),
                url: transaction.order.back_url.clone(),
                delay: behaviour.notice_delay(),
                plan: notice::RETRY_PLAN,
                patience: notice::PATIENCE,
                compose: Box::new(move |attempt| {
                    let mut desk = unionpay.desk();
                    let mut message = unionpay.signed(&mut desk, notice::result(&unionpay.account, &transaction));
                    if behaviour.spoils_signature(attempt) {
                        message.spoil();
                    }
                    simulator::Message {
                        headers: vec![("content-type", "application/x-www-form-urlencoded;charset=UTF-8".to_owned())],
                        body: message.form().into_bytes(),
                    }
                }),
                accepted: notice::acknowledged,
            });
        }
    }

    /// A payer's order to pay. The behaviour sticks to the payment.
    ///
    /// # Errors
    /// When it is paid or its time is over.
    pub(super) fn pay_transaction(self: &Arc<Self>, desk: &mut Desk, key: &Key, pay: Pay) -> Result<Receipt, Refusal> {
        let now = self.now_ms();
        let payment = desk.ledger.get(key).ok_or_else(Refusal::unknown)?;
        if payment.done.is_some() {
            return Err(Refusal::conflict("paid", "订单已支付"));
        }
        if payment.is_over(now) && pay.behaviour != Behaviour::Late {
            return Err(Refusal::conflict("expired", "订单已超时，请返回商户重新下单"));
        }
        let due = Amount::from_fen(payment.order.amount).unwrap_or(Amount::ZERO);
        let charge = pay.behaviour.paid_amount(due).fen();
        // A failure is over with its try: the payer may try again.
        let kept = if pay.behaviour == Behaviour::Fail { Behaviour::Ok } else { pay.behaviour };
        desk.behaviours.insert(key.clone(), (kept, now));
        let state = match pay.behaviour {
            _ if pay.account == simulator::Account::Poor => State::Failed("64", "卡内余额不足[6100051]"),
            Behaviour::Fail => State::Failed("60", "交易失败，详情请咨询您的发卡行[6000001]"),
            Behaviour::Password => State::Running,
            _ => State::Done,
        };
        match state {
            State::Done => self.finish(desk, key, pay.account, charge),
            other => {
                if other == State::Running {
                    self.finish_typing(key.clone(), pay.account, charge);
                }
                if let Some(payment) = desk.ledger.get_mut(key) {
                    payment.state = other;
                }
            }
        }
        let payment = desk.ledger.get(key).ok_or_else(Refusal::unknown)?;
        Ok(Receipt {
            ok: payment.done.is_some(),
            kind: ChannelKind::Unionpay,
            trade_no: payment.query_id.clone(),
            out_trade_no: key.0.clone(),
            amount: Amount::from_fen(charge).unwrap_or(due),
            state: offer_state(payment, now),
            behaviour: pay.behaviour,
            paid_at: payment.done.map(|(at, _)| at),
            return_url: payment.order.front_url.clone(),
        })
    }

    /// Money has moved.
    fn finish(self: &Arc<Self>, desk: &mut Desk, key: &Key, payer: simulator::Account, charge: i64) {
        let now = self.now_ms();
        let Some(payment) = desk.ledger.get_mut(key) else { return };
        payment.state = State::Done;
        payment.done = Some((now, payer));
        payment.charge = charge;
        let payment = payment.clone();
        self.tell(desk, &payment);
    }

    /// The payer needs some seconds, then pays if the payment still waits for it.
    fn finish_typing(self: &Arc<Self>, key: Key, payer: simulator::Account, charge: i64) {
        let (weak, sleep) = (Arc::downgrade(self), self.stage.pause(Behaviour::TYPING));
        tokio::spawn(async move {
            sleep.await;
            let Some(unionpay) = weak.upgrade() else { return };
            let mut desk = unionpay.desk();
            if desk.ledger.get(&key).is_some_and(|payment| payment.state == State::Running) {
                unionpay.finish(&mut desk, &key, payer, charge);
            }
        });
    }

    /// A refund or undoing was taken in: it is carried out a moment later.
    pub(super) fn send_back_later(self: &Arc<Self>, key: Key, fails: bool) {
        let (weak, sleep) = (Arc::downgrade(self), self.stage.pause(REFUND_TIME));
        tokio::spawn(async move {
            sleep.await;
            if let Some(unionpay) = weak.upgrade() {
                let mut desk = unionpay.desk();
                unionpay.send_back(&mut desk, &key, fails);
            }
        });
    }

    /// Carries out what waits, unless it is held back.
    pub(super) fn send_back(self: &Arc<Self>, desk: &mut Desk, key: &Key, fails: bool) {
        let now = self.now_ms();
        let Some(refund) = desk.ledger.get_mut(key).filter(|t| t.state == State::Running && !t.stuck) else { return };
        if fails {
            refund.state = State::Failed("01", "交易失败，详情请咨询95516[1000001]");
            return;
        }
        refund.state = State::Done;
        refund.done = Some((now, simulator::Account::Xiaoming));
        let refund = refund.clone();
        self.tell(desk, &refund);
    }

    /// Lets refunds that are held back go through; how many.
    pub(super) fn release(self: &Arc<Self>) -> usize {
        let mut desk = self.desk();
        let held: Vec<Key> = desk.ledger.all().filter(|t| t.stuck).map(|t| t.order.key.clone()).collect();
        for key in &held {
            if let Some(refund) = desk.ledger.get_mut(key) {
                refund.stuck = false;
            }
            self.send_back(&mut desk, key, false);
        }
        held.len()
    }
}

/// What the wallet says about a payment.
pub(super) fn offer_state(payment: &Transaction, now_ms: i64) -> OfferState {
    debug_assert_eq!(payment.order.kind, Kind::Payment);
    match payment.state {
        State::Done => OfferState::Paid,
        State::Running => OfferState::Paying,
        _ if payment.is_over(now_ms) => OfferState::Expired,
        State::Failed(..) => OfferState::Failed,
        State::Open => OfferState::Open,
    }
}
