//! The providers' side of every payment: endpoints, signature checks, notices, bills, and a payer's wallet.
//!
//! It exists to disagree with our channel code when that code is wrong. So it is written from the providers' documents
//! alone and must not know `pay`, `channels`, `storage`, `web`, `ui` or `rpc`.
//!
//! A provider is a folder that implements [`Provider`] plus its line in `registry.rs`. What all of them share: the
//! [`Stage`] (clock, keys, chance, refusal counters, notices), [`Behaviour`] (how a payer or the provider misbehaves),
//! the wallet, and the book.
//!
//! | address | what it does |
//! |---|---|
//! | `GET /wallet`, `GET /wallet?code=…` | the wallet for people |
//! | `POST /wallet/pay` | JSON `{code, behaviour?, account?}` pays; answers `{ok, trade_no, amount, …}` |
//! | `POST /wallet/behave` | JSON `{code, behaviour}`: sets a behaviour without paying |
//! | `POST /wallet/codes` | JSON `{kind, behaviour?, account?}`: a payer's bar code `{auth_code, expires_at}` |
//! | `POST /wallet/refunds/release` | lets refunds held back by `refund_stuck` go through |
//! | `GET /book` | every trade and refund, counters of refused requests, tries of notices |
//!
//! Pages are for demonstration and tests: nothing here asks who is calling.

mod alipay;
mod baidu;
mod behaviour;
mod book;
mod clock;
pub mod command;
mod flat_xml;
mod gzip;
mod jd;
mod keys;
mod lianlian;
mod notify;
mod payer_page;
mod provider;
mod qq;
mod registry;
mod server;
mod stage;
#[cfg(test)]
mod tests;
mod tls;
mod unionpay;
mod wallet;
mod wechat_h5;
mod wechat_login;
mod wechat_v2;
mod wechat_v3;
mod zip;

pub use behaviour::{Account, Behaviour};
pub use book::{BookRefund, BookTrade, TradeState};
pub use clock::{Clock, HandClock, Sleep, SystemClock, beijing};
pub use keys::{Keys, LegacyRsaKey, RsaKey};
pub use notify::{Heard, Message, Notice};
pub use provider::{Offer, OfferState, Pay, Provider, Receipt, Refusal};
pub use server::{Error, Settings, Simulator};
pub use stage::Stage;
pub use tls::Transport;
