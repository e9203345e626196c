//! WeChat Pay API v3 (JSON, RSA-SHA256, AES-256-GCM) from WeChat's side: orders by code, link, bridge and app, query, close,
//! refunds, notices, platform certificates and public key, bills.
//!
//! Strict where the provider is: a request's signature is checked over exactly what came, fields nobody has defined, `null`,
//! wrong types and four-byte characters are refused, each with the provider's code. What a merchant hears is signed, with the
//! public key when the request asks for it (`Wechatpay-Serial: PUB_KEY_ID_…`) and with the newest certificate otherwise.
//!
//! **Switches.** `POST /wallet/wechat_v3/switches` with any of the fields of [`switches::Switches`] changes how the provider
//! behaves as a whole; `{"rotate": true}` puts a new certificate beside the old ones and signs with it, `{"retire": true}`
//! drops the older ones.
//!
//! **Refunds.** A refund is in progress for some seconds and then succeeds; `POST /wallet/wechat_v3/refunds`
//! `{"out_refund_no", "status"}` ends one by hand as `SUCCESS`, `CLOSED` or `ABNORMAL`.

mod account;
mod bill;
mod call;
mod certificates;
mod fields;
mod ledger;
mod notice;
mod order;
mod play;
mod provider;
mod query;
mod refund;
mod reply;
mod sign;
mod switches;
mod trade;

#[cfg(test)]
mod tests;

pub(in crate::simulator) use provider::provider;
