//! UnionPay's side of the online gateway, version 5.1.0: pages for payers, calls for merchants, notices, settlement files.
//!
//! Written from the specification alone; it must not know how our channel signs or reads anything.
//!
//! | address | what it does |
//! |---|---|
//! | `POST /gateway/api/frontTransReq.do` | a payment page for the browser that posts a merchant's form |
//! | `POST /gateway/api/appTransReq.do` | a number (`tn`) for the app control |
//! | `POST /gateway/api/backTransReq.do` | codes to scan, refunds, undone payments |
//! | `POST /gateway/api/queryTrans.do` | the state of a transaction |
//! | `POST /` | settlement files (another host over there) |
//! | `GET /unionpay/pay/{query_id}`, `POST` | the page again, and its button |
//! | `POST /unionpay/switches` | faults for the next answers and notices, see [`switches`] |

mod account;
mod calls;
mod certificates;
mod desk;
mod file;
mod front;
mod ledger;
mod message;
mod moment;
mod notice;
mod provider;
mod query;
mod refunds;
mod refusal;
mod rules;
mod switches;
mod view;

#[cfg(test)]
mod tests;

use super::provider::Provider;
use super::stage::Stage;
use std::sync::Arc;

pub(super) fn provider(stage: &Arc<Stage>) -> Arc<dyn Provider> {
    Arc::new(provider::Gateway(Arc::new(desk::Unionpay::new(Arc::clone(stage)))))
}
