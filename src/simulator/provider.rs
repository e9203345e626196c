//! The seam of a provider: its endpoints, its credentials, and what the wallet can do with its codes.

use super::behaviour::{Account, Behaviour};
use super::book::BookTrade;
use crate::model::{Amount, Brand, ChannelKind, words};
use async_trait::async_trait;
use axum::Router;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

words!(
    /// What the wallet says about a code.
    OfferState { Open = "open", Paying = "paying", Paid = "paid", Closed = "closed", Expired = "expired", Failed = "failed" }
);

/// What a payer sees before pressing pay.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    pub brand: Brand,
    pub kind: ChannelKind,
    pub payee: String,
    pub subject: String,
    pub amount: Amount,
    pub out_trade_no: String,
    pub trade_no: Option<String>,
    pub state: OfferState,
    /// Where the browser goes after paying, for the ways to pay that have such a page.
    pub return_url: Option<String>,
}

/// An order to pay.
#[derive(Debug, Clone, Copy)]
pub struct Pay {
    pub behaviour: Behaviour,
    pub account: Account,
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// Whether money moved. `fail` gives false, and so does `password` until the payer is through.
    pub ok: bool,
    pub kind: ChannelKind,
    pub trade_no: String,
    pub out_trade_no: String,
    /// What was or would have been paid, in fen.
    pub amount: Amount,
    pub state: OfferState,
    pub behaviour: Behaviour,
    /// UTC milliseconds.
    pub paid_at: Option<i64>,
    pub return_url: Option<String>,
}

/// Why the wallet will not do it.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    /// The HTTP status, 4xx.
    #[serde(skip)]
    pub status: u16,
    /// A word for programs, such as `paid` or `expired`.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl Refusal {
    /// Nobody knows the code.
    #[must_use]
    pub fn unknown() -> Self {
        Self { status: 404, code: "unknown_code", message: "no provider knows this code".into() }
    }

    /// The trade is in a state that forbids it (409).
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 409, code, message: message.into() }
    }

    /// The request itself is wrong (400).
    #[must_use]
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }
}

/// One provider. All methods but `pay` answer at once.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Which protocol it speaks.
    fn kind(&self) -> ChannelKind;

    /// Its endpoints, at the provider's own paths.
    fn router(self: Arc<Self>) -> Router;

    /// The channel import document: `{"kind","name","gateway_url","methods","credentials":{…}}`.
    fn credentials(&self) -> Value;

    /// What the payer would see. `code` is whatever the payer scans or opens, or the trade's number (the merchant's or
    /// the provider's). `None` when it is not this provider's.
    fn look_up(&self, code: &str) -> Option<Offer>;

    /// Pays, and starts the notices.
    ///
    /// # Errors
    /// [`Refusal`] when the code is unknown, spent, closed or run out.
    async fn pay(&self, code: &str, pay: Pay) -> Result<Receipt, Refusal>;

    /// Sets a trade's behaviour without paying it.
    ///
    /// # Errors
    /// [`Refusal`] when the code is unknown.
    fn behave(&self, code: &str, behaviour: Behaviour) -> Result<(), Refusal>;

    /// A payer's bar code (`auth_code`) and when it runs out (UTC ms); `None` when the provider has no bar codes.
    fn issue_bar_code(&self, pay: Pay) -> Option<(String, i64)>;

    /// Lets refunds held back by `refund_stuck` go through; how many.
    fn release_refunds(&self) -> usize;

    /// Every trade.
    fn book(&self) -> Vec<BookTrade>;
}
