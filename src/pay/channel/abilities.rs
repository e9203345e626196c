//! What some providers can do besides moving money. A channel that can hands itself out as the trait.

use super::ChannelError;
use crate::model::Amount;
use async_trait::async_trait;
use std::collections::BTreeMap;

/// The provider tells who the payer is, by way of a page of its own in the payer's browser.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// The provider's page; it sends the browser on to `callback` with a code and the `state`.
    ///
    /// `callback` is an absolute address of ours; `state` is at most 64 characters `[0-9A-Za-z]`.
    fn page(&self, callback: &str, state: &str) -> String;

    /// The parameter of the callback that carries the code.
    fn code_parameter(&self) -> &'static str;

    /// Exchanges a code, once, for facts about the payer, by the names that methods need them (`openid`, `buyer_id`).
    ///
    /// # Errors
    /// `Refused` for a spent, old or foreign code; `Unclear` when nobody knows.
    async fn payer(&self, code: &str, now_ms: i64) -> Result<BTreeMap<String, String>, ChannelError>;
}

/// The provider signs with keys that it replaces from time to time.
#[async_trait]
pub trait RotatingKeys: Send + Sync {
    /// Fetches the keys that are valid now and keeps them in memory.
    ///
    /// # Errors
    /// `Unclear` when they cannot be had or do not prove themselves; what was known stays.
    async fn fetch(&self) -> Result<(), ChannelError>;
}

/// The provider lists a day's money.
#[async_trait]
pub trait Bills: Send + Sync {
    /// The bill of one day of the provider's (Shanghai time), written `YYYY-MM-DD`.
    ///
    /// # Errors
    /// `Refused` when there is none (a day without payments is an empty bill, not an error); `Unclear` when it cannot be had,
    /// read, or does not match its checksum.
    async fn bill(&self, day: &str) -> Result<Bill, ChannelError>;
}

/// A day's money as the provider counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    pub lines: Vec<BillLine>,
    /// As it came, after unpacking.
    pub raw: Vec<u8>,
}

/// Whether money came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillKind {
    Payment,
    Refund,
}

/// One movement of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    pub kind: BillKind,
    /// Our `pay_no` or `refund_no`, as the provider has it.
    pub number: String,
    /// The provider's number of the payment or refund.
    pub provider_no: String,
    /// Positive for both kinds.
    pub amount: Amount,
    /// The provider's fee, where the bill states it exactly in fen; negative when it is given back.
    pub fee_fen: Option<i64>,
    /// UTC ms.
    pub at: i64,
}
