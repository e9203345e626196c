//! LianLian Pay's side of the web and WAP gateways and the JSON interfaces, MD5 and MD5withRSA.
//!
//! One merchant with both kinds of keys, as LianLian's merchants have: every message says by `sign_type` how it is signed,
//! and is answered the same way.
//!
//! | address | what it does |
//! |---|---|
//! | `POST /payment/authpay.htm`, `/payment/bankgateway.htm` | web gateway: a form with one input per field |
//! | `POST /authpay.htm`, `/payment.htm` | WAP gateway: a form with the one input `req_data` |
//! | `POST /orderquery.htm`, `/refund.htm`, `/refundquery.htm` | JSON both ways |
//! | `GET /lianlian/cashier/{no}`, `POST …/pay` | the payer's page |
//! | `POST /wallet/lianlian/refunds` `{"no_refund","sta_refund"}` | ends a refund by hand as `2` or `3` |
//! | `POST /wallet/lianlian/settle` | pays the unsettled balance out: refunds then fail with 5006 until more is paid |
//!
//! A form that is posted again while its order waits shows the same order; a number used for another order, or for one
//! that has failed or run out, is 1002, one that is paid 2007. Whether the real gateway shows the page again is not
//! documented.

mod account;
mod calls;
mod check;
mod entry;
mod ledger;
mod notice;
mod order;
mod play;
mod provider;
mod refunds;
mod refusal;
mod sign;

#[cfg(test)]
mod tests;

pub(in crate::simulator) use provider::provider;
