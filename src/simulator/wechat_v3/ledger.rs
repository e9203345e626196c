//! All trades of the merchant, and the ways to find one: numbers, prepay ids, code links, refund numbers.

use super::trade::{Refund, Trade};
use std::collections::HashMap;

/// How long a prepay id and a code link can be used (provider's document: 下单).
pub const CODE_LIFE_MS: i64 = 2 * 60 * 60 * 1000;
/// How long an H5 link can be used (provider's document: H5下单).
pub const H5_LIFE_MS: i64 = 5 * 60 * 1000;

/// Before and after the token of a code link.
pub const LINK: (&str, &str) = ("weixin://pay.weixin.qq.com/bizpayurl/up?pr=", "&groupid=00");

#[derive(Debug, Clone, Copy)]
struct Code {
    trade: usize,
    dies_at: i64,
}

/// A trade found by a code; `stale` when the code has outlived itself although the trade may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub trade: usize,
    pub stale: bool,
}

#[derive(Default)]
pub struct Ledger {
    pub trades: Vec<Trade>,
    by_out_trade_no: HashMap<String, usize>,
    by_transaction_id: HashMap<String, usize>,
    codes: HashMap<String, Code>,
    refunds: HashMap<String, (usize, usize)>,
    refund_ids: HashMap<String, (usize, usize)>,
}

impl Ledger {
    pub fn add(&mut self, trade: Trade) -> usize {
        let at = self.trades.len();
        self.by_out_trade_no.insert(trade.out_trade_no.clone(), at);
        self.trades.push(trade);
        at
    }

    /// Remembers a prepay id or a code link's token.
    pub fn add_code(&mut self, code: String, trade: usize, dies_at: i64) {
        self.codes.insert(code, Code { trade, dies_at });
    }

    /// Ends all codes of a trade: a repeated order gives a new one (provider's document: Native下单).
    pub fn end_codes(&mut self, trade: usize, now: i64) {
        self.codes.values_mut().filter(|code| code.trade == trade).for_each(|code| code.dies_at = code.dies_at.min(now));
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

    /// The trade behind any number of it or of its refunds.
    pub fn by_any_number(&self, number: &str) -> Option<usize> {
        let refund = || self.by_out_refund_no(number).or_else(|| self.refund_ids.get(number).copied()).map(|at| at.0);
        self.by_out_trade_no(number).or_else(|| self.by_transaction_id(number)).or_else(refund)
    }

    /// What a payer scanned, opened or typed: a code link, an H5 link, a prepay id (also as the `package` of the bridge),
    /// or a number of the trade.
    pub fn resolve(&self, text: &str, now: i64) -> Option<Found> {
        let code = if let Some(token) = text.strip_prefix(LINK.0) {
            token.strip_suffix(LINK.1).unwrap_or(token).to_owned()
        } else if text.contains("/checkmweb?") {
            h5_key(&parameter(text, "prepay_id")?)
        } else {
            text.strip_prefix("prepay_id=").unwrap_or(text).to_owned()
        };
        if let Some(code) = self.codes.get(&code) {
            return Some(Found { trade: code.trade, stale: now >= code.dies_at });
        }
        let trade = self.by_out_trade_no(text).or_else(|| self.by_transaction_id(text))?;
        Some(Found { trade, stale: false })
    }
}

/// An H5 link lives shorter than the prepay id it carries, so it is remembered on its own.
pub fn h5_key(prepay_id: &str) -> String {
    format!("h5 {prepay_id}")
}

/// A parameter of a link's query.
pub fn parameter(link: &str, wanted: &str) -> Option<String> {
    let (_, query) = link.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}
