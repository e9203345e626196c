//! Alipay's side of the Open Platform gateway: `/gateway.do`, its pages, the authorisation page, bills and notices.
//!
//! Two accounts live here: one AppID in public-key mode, one in certificate mode. Written from Alipay's documents alone;
//! it must not know how our channel signs or reads anything.
//!
//! | address | what it does |
//! |---|---|
//! | `POST /gateway.do` | the methods for servers; parameters as body + `charset` in the address, or split as SDKs do |
//! | `GET`/`POST /gateway.do` | page.pay and wap.pay: a page for the payer |
//! | `GET /oauth2/publicAppAuthorize.htm` | sends the browser back at once with an `auth_code` |
//! | `GET /downloadBillFile.resource` | a bill, for 30 s |
//! | `POST /alipay/switches` | faults of the gateway itself for its next answers, see [`switches`] |
//!
//! Fixed bar codes that always end the same way stand in [`bar`].

mod account;
mod bar;
mod bill;
mod calls;
mod certificates;
mod check;
mod china_time;
mod content;
mod desk;
mod fields;
mod gateway;
mod ledger;
mod node;
mod notice;
mod oauth;
mod order;
mod page;
mod params;
mod payer;
mod provider;
mod refunds;
mod refusal;
mod signature;
mod switches;
mod view;
mod yuan;

#[cfg(test)]
mod tests;

use super::provider::Provider;
use super::stage::Stage;
use std::sync::Arc;

/// Both accounts of the gateway, each as a provider with its own credentials.
pub(super) fn providers(stage: &Arc<Stage>) -> [Arc<dyn Provider>; 2] {
    let alipay = Arc::new(desk::Alipay::new(Arc::clone(stage)));
    [Arc::new(provider::PublicKeyMode(Arc::clone(&alipay))), Arc::new(provider::CertificateMode(alipay))]
}
