//! WeChat Pay API v2 (XML, MD5 or HMAC-SHA256) from WeChat's side: orders of every trade type, bar codes, query, close,
//! reverse, refunds, notices, trade bills, the H5 page.
//!
//! Strict where the provider is: a request is read as flat XML without surprises, its signature is checked over exactly
//! what was sent, and each fault gets the provider's own code and text.
//!
//! **Client certificate.** Refund and reverse want one. On the TLS listener a call without the merchant's certificate
//! gets the front end's HTML page; the plain listener cannot carry a certificate, so there these calls are let through
//! unless the simulator was started with `--demand-client-certificate`.
//!
//! **Bar codes.** `POST /wallet/codes {"kind":"wechat_v2"}` gives one with a behaviour, good for a minute, once. A
//! well-formed code that the wallet did not issue belongs to a payer who always pays, except that these last two digits
//! mean: `00` the code has run out, `01` password then paid, `02` not enough money, `03` system error although paid,
//! `04` bank error and nothing paid, `05` password never typed, `06` the code was used before.
//!
//! **Refunds.** A refund is in progress for some seconds and then succeeds; `POST /wallet/wechat_v2/refunds`
//! `{"out_refund_no", "status"}` ends one by hand as `SUCCESS`, `CHANGE` or `REFUNDCLOSE`.

mod account;
mod bill;
mod call;
mod check;
mod ledger;
mod micropay;
mod notice;
mod order;
mod play;
mod provider;
mod query;
mod refund;
mod reply;
mod reverse;
mod sign;
mod trade;

#[cfg(test)]
mod tests;

use super::flat_xml as xml;
pub(in crate::simulator) use provider::provider;
