//! QQ Wallet (XML, MD5) from the provider's side: orders of every trade type, payment codes, query, close, reverse, refunds,
//! notices, trade bills, the page behind a code.
//!
//! Strict where the provider is: a request is read as flat XML without surprises, its signature is checked over exactly what
//! was sent, and each fault is told in the provider's form. QQ Wallet publishes no table of error codes, so those of its
//! relative WeChat Pay v2 stand in.
//!
//! **Client certificate.** Refund and reverse want one. On the TLS listener a call without the merchant's certificate gets
//! the front end's HTML page; the plain listener cannot carry a certificate, so there these calls are let through unless the
//! simulator was started with `--demand-client-certificate`.
//!
//! **Payment codes.** `POST /wallet/codes {"kind":"qq"}` gives one with a behaviour, good for a minute, once. A well-formed
//! code that the wallet did not issue belongs to a payer who always pays, except that these last two digits mean: `00` the
//! code has run out, `01` password then paid, `02` not enough money, `03` system error although paid, `04` system error and
//! nothing paid, `05` password never typed, `06` the code was used before.
//!
//! **Refunds.** The wallet's discount goes back before the payer's money. A refund is in progress for some seconds and then
//! succeeds, and nobody is told; `POST /wallet/qq/refunds` `{"out_refund_no", "status"}` ends one by hand as `SUCCESS`, `FAIL`
//! (the same number may be submitted again) or `CHANGE`.

mod account;
mod bill;
mod call;
mod check;
mod ledger;
mod micropay;
mod notice;
mod order;
mod page;
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

pub(in crate::simulator) use provider::provider;
