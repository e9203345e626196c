//! JD Pay's side of the V2.0 gateway: the cashier for computers and phones, QR codes, the XML services, notices.
//!
//! Error codes of JD are not published; the numbers used here (`1xxxxx`) are this simulator's own, the sentences say what is
//! meant.
//!
//! | address | what it does |
//! |---|---|
//! | `POST /jdpay/saveOrder` | the cashier's form, every value encrypted; sends the browser on to `payCashier` |
//! | `GET /jdpay/payCashier?tradeNum=…&key=…` | the payer's page; `POST /jd/cashier/{key}/pay` is its button |
//! | `POST /service/uniorder` | an order with a QR code |
//! | `POST /service/query`, `/service/refund`, `/service/queryRefund`, `/service/revoke` | XML in envelopes |
//! | `POST /wallet/jd/refunds` `{"tradeNum","status"}` | ends a refund by hand as `1` or `2` |
//!
//! JD has one path for both cashiers and tells them apart by host, which one origin cannot.

mod account;
mod calls;
mod entry;
mod envelope;
mod ledger;
mod notice;
mod order;
mod play;
mod provider;
mod refunds;
mod refusal;
mod sign;
mod vault;
mod xml;

#[cfg(test)]
mod tests;

pub(in crate::simulator) use provider::provider;
