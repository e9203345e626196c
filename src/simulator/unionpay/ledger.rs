//! Transactions and their states. Pure: the moment comes in as an argument and nothing is sent from here.
//!
//! A transaction is named by number and time together. Payments, refunds and undone payments are transactions alike; the
//! latter two name the payment they are about.

use super::moment;
use super::refusal::Refusal;
use crate::simulator::Account as Payer;
use std::collections::{BTreeMap, HashMap};

/// The merchant's number and `txnTime`.
pub type Key = (String, String);

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Payment,
    Refund,
    Undo,
}

impl Kind {
    #[must_use]
    pub fn txn_type(self) -> &'static str {
        match self {
            Self::Payment => "01",
            Self::Refund => "04",
            Self::Undo => "31",
        }
    }
}

/// Where a transaction stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A page is open, a number or code handed out.
    Open,
    /// A payer is typing a password, or a refund is on its way.
    Running,
    Done,
    /// The last try failed; a payment can be tried again.
    Failed(&'static str, &'static str),
}

/// The merchant's part of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub kind: Kind,
    pub key: Key,
    pub sub_type: String,
    pub biz_type: String,
    pub channel_type: String,
    /// Fen.
    pub amount: i64,
    pub front_url: Option<String>,
    pub back_url: String,
    pub reserved: Option<String>,
    /// The goods' name that the payer sees.
    pub goods: String,
    /// UTC ms; `None`: an hour after its beginning.
    pub pay_timeout: Option<i64>,
    /// UnionPay's number of the payment that a refund is about.
    pub original: Option<String>,
}

/// A transaction.
#[derive(Debug, Clone)]
pub struct Transaction {
    pub order: Order,
    pub query_id: String,
    pub trace_no: String,
    pub created_ms: i64,
    pub state: State,
    /// When and by whom it was paid.
    pub done: Option<(i64, Payer)>,
    /// What was paid or went back: the order's amount, or another one under `wrong_amount`.
    pub charge: i64,
    /// Held back until somebody releases it.
    pub stuck: bool,
}

impl Transaction {
    #[must_use]
    pub fn deadline(&self) -> i64 {
        self.order.pay_timeout.unwrap_or(self.created_ms + 60 * 60 * 1000)
    }

    #[must_use]
    pub fn is_over(&self, now_ms: i64) -> bool {
        self.deadline() <= now_ms
    }

    /// `traceTime`'s moment.
    #[must_use]
    pub fn moment(&self) -> i64 {
        self.done.as_ref().map_or(self.created_ms, |(at, _)| *at)
    }
}

/// How long after a payment it can be refunded.
const REFUND_PERIOD_MS: i64 = 330 * moment::DAY_MS;

/// All transactions.
#[derive(Default)]
pub struct Ledger {
    all: BTreeMap<Key, Transaction>,
    by_number: HashMap<String, Vec<Key>>,
    by_query_id: HashMap<String, Key>,
    by_code: HashMap<String, Key>,
    sequence: u64,
}

impl Ledger {
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Transaction> {
        self.all.get(key)
    }

    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Transaction> {
        self.all.get_mut(key)
    }

    #[must_use]
    pub fn by_query_id(&self, query_id: &str) -> Option<&Transaction> {
        self.by_query_id.get(query_id).and_then(|key| self.all.get(key))
    }

    pub fn all(&self) -> impl Iterator<Item = &Transaction> {
        self.all.values()
    }

    /// A payment by whatever a payer has of it: a code, a number of either side.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Transaction> {
        let key = self.by_code.get(code).or_else(|| self.by_query_id.get(code));
        let key = key.or_else(|| self.by_number.get(code).and_then(|keys| keys.last()))?;
        self.all.get(key).filter(|t| t.order.kind == Kind::Payment)
    }

    /// Takes an order in, with the number for an app or the code to scan that was handed out for it.
    ///
    /// # Errors
    /// 12 when number and time were used before.
    pub fn begin(&mut self, order: Order, code: Option<String>, now_ms: i64) -> Result<&Transaction, Refusal> {
        if self.all.contains_key(&order.key) {
            return Err(Refusal::duplicate());
        }
        self.sequence += 1;
        let trace_no = format!("{:06}", self.sequence % 1_000_000);
        let query_id = format!("74{}{trace_no}8", &moment::full(now_ms)[2..]);
        let key = order.key.clone();
        self.by_number.entry(key.0.clone()).or_default().push(key.clone());
        self.by_query_id.insert(query_id.clone(), key.clone());
        if let Some(code) = code {
            self.by_code.insert(code, key.clone());
        }
        let state = if order.kind == Kind::Payment { State::Open } else { State::Running };
        let charge = order.amount;
        let transaction = Transaction { order, query_id, trace_no, created_ms: now_ms, state, done: None, charge, stuck: false };
        Ok(self.all.entry(key).or_insert(transaction))
    }

    /// What has not gone back and is not on its way.
    #[must_use]
    pub fn left(&self, payment: &Transaction) -> i64 {
        payment.charge - self.returns(payment).map(|t| t.charge).sum::<i64>()
    }

    /// Refunds and undoing of a payment that did not fail.
    pub fn returns(&self, payment: &Transaction) -> impl Iterator<Item = &Transaction> {
        let number = payment.query_id.clone();
        let is_return =
            move |t: &&Transaction| t.order.original.as_ref() == Some(&number) && !matches!(t.state, State::Failed(..));
        self.all.values().filter(is_return)
    }

    /// Whether an order to send money back may be taken in.
    ///
    /// # Errors
    /// 12 for a repeat, 34 to 45 when the payment does not allow it.
    pub fn admits(&self, order: &Order, now_ms: i64) -> Result<(), Refusal> {
        if self.all.contains_key(&order.key) {
            return Err(Refusal::duplicate());
        }
        let payment = order.original.as_deref().and_then(|id| self.by_query_id(id)).filter(|t| t.order.kind == Kind::Payment);
        let payment = payment.ok_or_else(|| Refusal::new("35", "原交易不存在或状态不正确[2050001]"))?;
        let Some((paid_ms, _)) = payment.done else {
            return Err(Refusal::new("35", "原交易不存在或状态不正确[2050004]"));
        };
        if order.kind == Kind::Undo {
            if order.amount != payment.charge {
                return Err(Refusal::new("36", "与原交易信息不符[2060001]"));
            }
            if moment::settle_day(paid_ms) != moment::settle_day(now_ms) {
                return Err(Refusal::new("39", "交易不在受理时间范围内[2090001]"));
            }
            if self.returns(payment).next().is_some() {
                return Err(Refusal::new("45", "原交易已被成功退货或已被成功消费撤销[2150001]"));
            }
            return Ok(());
        }
        if now_ms - paid_ms > REFUND_PERIOD_MS {
            return Err(Refusal::new("39", "交易不在受理时间范围内[2090002]"));
        }
        match self.left(payment) {
            0 => Err(Refusal::new("45", "原交易已被成功退货或已被成功消费撤销[2150002]")),
            left if order.amount > left => Err(Refusal::new("36", "与原交易信息不符[2060004]")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(kind: Kind, number: &str, amount: i64, original: Option<&str>) -> Order {
        Order {
            kind,
            key: (number.to_owned(), "20240301120000".to_owned()),
            sub_type: "01".to_owned(),
            biz_type: "000201".to_owned(),
            channel_type: "07".to_owned(),
            amount,
            front_url: None,
            back_url: "http://127.0.0.1:1/".to_owned(),
            reserved: None,
            goods: String::new(),
            pay_timeout: None,
            original: original.map(str::to_owned),
        }
    }

    #[test]
    fn no_more_goes_back_than_came() {
        let now = moment::read("20240301120000").expect("a time");
        let mut ledger = Ledger::default();
        let id = ledger.begin(order(Kind::Payment, "PAYMENT1", 100, None), None, now).expect("new").query_id.clone();
        assert_eq!(id.len(), 21);
        assert_eq!(ledger.begin(order(Kind::Payment, "PAYMENT1", 100, None), None, now).err(), Some(Refusal::duplicate()));
        let code = |ledger: &Ledger, kind, number: &str, amount| {
            ledger.admits(&order(kind, number, amount, Some(&id)), now).err().map_or("00", |refusal| refusal.code)
        };
        assert_eq!(code(&ledger, Kind::Refund, "REFUND01", 1), "35", "not paid");
        ledger.get_mut(&("PAYMENT1".to_owned(), "20240301120000".to_owned())).expect("there").done = Some((now, Payer::Xiaoming));
        assert_eq!(code(&ledger, Kind::Undo, "REFUND01", 99), "36");
        assert_eq!(code(&ledger, Kind::Undo, "REFUND01", 100), "00");
        assert_eq!(code(&ledger, Kind::Refund, "REFUND01", 101), "36");
        ledger.begin(order(Kind::Refund, "REFUND01", 60, Some(&id)), None, now).expect("new");
        assert_eq!(code(&ledger, Kind::Undo, "REFUND02", 100), "45");
        assert_eq!(code(&ledger, Kind::Refund, "REFUND02", 41), "36");
        assert_eq!(code(&ledger, Kind::Refund, "REFUND02", 40), "00");
        assert_eq!(code(&ledger, Kind::Refund, "REFUND01", 40), "12");
        ledger.begin(order(Kind::Refund, "REFUND02", 40, Some(&id)), None, now).expect("new");
        assert_eq!(code(&ledger, Kind::Refund, "REFUND03", 1), "45");
        let late = now + 331 * moment::DAY_MS;
        let refused = ledger.admits(&order(Kind::Refund, "REFUND03", 1, Some(&id)), late).expect_err("too late");
        assert_eq!(refused.code, "39");
    }
}
