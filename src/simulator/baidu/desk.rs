//! Baidu's memory and the work on it: opening, paying and cancelling orders. Must not know HTTP.

use super::account::Account;
use super::ledger::{Ledger, Order, Paid, Status};
use super::order_info::OrderInfo;
use super::refusal::{self, Refusal};
use crate::model::{Amount, ChannelKind};
use crate::simulator::{Account as Payer, Behaviour, OfferState, Pay, Receipt, Stage};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Baidu with one merchant.
pub struct Baidu {
    pub(super) stage: Arc<Stage>,
    pub(super) account: Account,
    desk: Mutex<Desk>,
}

/// What Baidu remembers.
#[derive(Default)]
pub struct Desk {
    pub ledger: Ledger,
    /// How things go wrong around one order, and since when.
    pub behaviours: HashMap<String, (Behaviour, i64)>,
    /// Tokens and their ends.
    pub tokens: HashMap<String, i64>,
    pub console: Console,
}

/// Callback addresses as registered.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Console {
    pub pay: Option<String>,
    pub audit: Option<String>,
    pub refund: Option<String>,
}

impl Desk {
    pub fn behaviour(&self, tp_order_id: &str) -> (Behaviour, i64) {
        self.behaviours.get(tp_order_id).copied().unwrap_or((Behaviour::Ok, 0))
    }
}

impl Baidu {
    pub fn new(stage: Arc<Stage>) -> Self {
        let account = Account::of(&stage);
        Self { stage, account, desk: Mutex::default() }
    }

    pub fn now_ms(&self) -> i64 {
        self.stage.now_ms()
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number of Baidu's: `orderId`, `refundBatchId`.
    pub fn number(&self, digits: usize) -> String {
        format!("8{}", self.stage.digits(digits - 1))
    }

    /// Opens the order of an `orderInfo`, or finds it.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open(&self, desk: &mut Desk, info: &OrderInfo) -> Result<Order, Refusal> {
        desk.ledger.open(info, self.number(14), self.now_ms()).cloned()
    }

    /// Cancels an order that nobody has paid.
    ///
    /// # Errors
    /// When it is paid.
    pub fn cancel(&self, desk: &mut Desk, tp_order_id: &str) -> Result<(), Refusal> {
        let order = desk.ledger.get_mut(tp_order_id).ok_or(refusal::NO_ORDER)?;
        match order.status {
            Status::Paid => Err(refusal::PAID),
            Status::Cancelled => Ok(()),
            Status::Unpaid => {
                order.status = Status::Cancelled;
                order.cancelled_ms = Some(self.now_ms());
                Ok(())
            }
        }
    }

    /// A payer pays an open order. The behaviour sticks to it.
    ///
    /// # Errors
    /// When it is paid or cancelled.
    pub fn pay(self: &Arc<Self>, desk: &mut Desk, tp_order_id: &str, pay: Pay) -> Result<Receipt, Refusal> {
        let now = self.now_ms();
        let order = desk.ledger.get_mut(tp_order_id).ok_or(refusal::NO_ORDER)?;
        match order.status {
            Status::Unpaid => {}
            Status::Cancelled if pay.behaviour == Behaviour::Late => {}
            Status::Cancelled => return Err(refusal::CANCELLED),
            Status::Paid => return Err(refusal::PAID),
        }
        let charge = pay.behaviour.paid_amount(Amount::from_fen(order.info.total).unwrap_or(Amount::ZERO));
        let paid = Paid {
            user_id: Account::user_id(&self.stage, pay.account),
            total: charge.fen(),
            promotion: if pay.account == Payer::Coupons { charge.fen() / 10 } else { 0 },
            at_ms: now,
        };
        let fails = pay.account == Payer::Poor || pay.behaviour == Behaviour::Fail;
        let state = if fails {
            OfferState::Failed
        } else if pay.behaviour == Behaviour::Password {
            order.typing = true;
            self.finish_typing(tp_order_id.to_owned(), paid);
            OfferState::Paying
        } else {
            settle(order, paid);
            OfferState::Paid
        };
        // A failure is over with its attempt: the payer may try again.
        let kept = if fails { Behaviour::Ok } else { pay.behaviour };
        desk.behaviours.insert(tp_order_id.to_owned(), (kept, now));
        if state == OfferState::Paid {
            self.tell_paid(desk, tp_order_id);
        }
        let order = desk.ledger.get(tp_order_id).ok_or(refusal::NO_ORDER)?;
        Ok(Receipt {
            ok: state == OfferState::Paid,
            kind: ChannelKind::Baidu,
            trade_no: order.order_id.clone(),
            out_trade_no: order.info.tp_order_id.clone(),
            amount: charge,
            state,
            behaviour: pay.behaviour,
            paid_at: order.paid.as_ref().map(|paid| paid.at_ms),
            return_url: None,
        })
    }

    /// The payer needs some seconds, then pays if the order still waits.
    fn finish_typing(self: &Arc<Self>, tp_order_id: String, paid: Paid) {
        let (weak, sleep) = (Arc::downgrade(self), self.stage.pause(Behaviour::TYPING));
        tokio::spawn(async move {
            sleep.await;
            let Some(baidu) = weak.upgrade() else { return };
            let now = baidu.now_ms();
            let mut desk = baidu.desk();
            let Some(order) = desk.ledger.get_mut(&tp_order_id) else { return };
            order.typing = false;
            if order.status == Status::Unpaid {
                settle(order, Paid { at_ms: now, ..paid });
                baidu.tell_paid(&desk, &tp_order_id);
            }
        });
    }
}

fn settle(order: &mut Order, paid: Paid) {
    order.status = Status::Paid;
    order.typing = false;
    order.paid = Some(paid);
}
