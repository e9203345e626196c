//! All trades of the merchant, and the ways to find one: numbers, payment tokens, code links, refund numbers, payment codes.

use super::super::provider::Pay;
use super::call::Call;
use super::trade::{Refund, Trade};
use std::collections::HashMap;

/// How long a `prepay_id` can be used (provider's document: 统一下单). Codes are held to the same.
pub const CODE_LIFE_MS: i64 = 2 * 60 * 60 * 1000;

/// A trade found by a code; `stale` when the code has outlived itself although the trade may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub trade: usize,
    pub stale: bool,
}

/// A text that a payer's app was given.
#[derive(Debug, Clone, Copy)]
struct Code {
    trade: usize,
    dies_at: i64,
}

/// A payer's payment code that the wallet issued.
#[derive(Debug, Clone, Copy)]
pub struct BarCode {
    pub pay: Pay,
    pub dies_at: i64,
    pub used: bool,
}

#[derive(Default)]
pub struct Ledger {
    pub trades: Vec<Trade>,
    by_out_trade_no: HashMap<String, usize>,
    by_transaction_id: HashMap<String, usize>,
    codes: HashMap<String, Code>,
    refunds: HashMap<String, (usize, usize)>,
    refund_ids: HashMap<String, (usize, usize)>,
    pub bar_codes: HashMap<String, BarCode>,
}

impl Ledger {
    pub fn add(&mut self, trade: Trade) -> usize {
        let at = self.trades.len();
        self.by_out_trade_no.insert(trade.out_trade_no.clone(), at);
        self.trades.push(trade);
        at
    }

    /// Remembers a payment token or a code link's id.
    pub fn add_code(&mut self, code: String, trade: usize, dies_at: i64) {
        self.codes.insert(code, Code { trade, dies_at });
    }

    pub fn set_transaction_id(&mut self, trade: usize, id: &str) {
        self.trades[trade].transaction_id = Some(id.to_owned());
        self.by_transaction_id.insert(id.to_owned(), trade);
    }

    pub fn add_refund(&mut self, trade: usize, refund: Refund) -> (usize, usize) {
        let at = (trade, self.trades[trade].refunds.len());
        self.refunds.insert(refund.out_refund_no.clone(), at);
        self.refund_ids.insert(refund.refund_id.clone(), at);
        self.trades[trade].refunds.push(refund);
        at
    }

    pub fn by_out_trade_no(&self, number: &str) -> Option<usize> {
        self.by_out_trade_no.get(number).copied()
    }

    pub fn by_transaction_id(&self, id: &str) -> Option<usize> {
        self.by_transaction_id.get(id).copied()
    }

    /// Trade and place among its refunds.
    pub fn by_out_refund_no(&self, number: &str) -> Option<(usize, usize)> {
        self.refunds.get(number).copied()
    }

    pub fn by_refund_id(&self, id: &str) -> Option<(usize, usize)> {
        self.refund_ids.get(id).copied()
    }

    /// The trade a call is about, whichever number it names.
    pub fn named_by(&self, call: &Call) -> Option<usize> {
        let by = |name: &str, find: &dyn Fn(&str) -> Option<usize>| call.get(name).and_then(find);
        by("transaction_id", &|id| self.by_transaction_id(id))
            .or_else(|| by("out_trade_no", &|no| self.by_out_trade_no(no)))
            .or_else(|| by("refund_id", &|id| self.by_refund_id(id).map(|at| at.0)))
            .or_else(|| by("out_refund_no", &|no| self.by_out_refund_no(no).map(|at| at.0)))
    }

    /// What a payer scanned, opened or typed: a code link, a jump page with the token, a token (also as the mini program's
    /// `package`), or a number of the trade.
    pub fn resolve(&self, text: &str, now: i64) -> Option<Found> {
        let code = match text.split_once("://").map(|(_, rest)| rest) {
            Some(rest) => code_of_link(rest)?,
            None => text.strip_prefix("prepay_id=").unwrap_or(text).to_owned(),
        };
        if let Some(code) = self.codes.get(&code) {
            return Some(Found { trade: code.trade, stale: now >= code.dies_at });
        }
        let trade = self.by_out_trade_no(text).or_else(|| self.by_transaction_id(text))?;
        Some(Found { trade, stale: false })
    }
}

/// The code inside a link without its scheme: `host/qr/5c4fdb1c`, `host/mqq/pay/qrcode.html?…&t=token`.
fn code_of_link(link: &str) -> Option<String> {
    let (_, path) = link.split_once('/')?;
    if let Some(id) = path.strip_prefix("qr/") {
        return Some(id.to_owned());
    }
    let query = path.strip_prefix("mqq/pay/qrcode.html?")?;
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "t").map(|(_, token)| token.into_owned())
}
