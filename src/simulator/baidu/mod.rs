//! Baidu's side of its mini program cashier: the cashier itself, three callbacks, and both generations of server calls.
//!
//! Written from Baidu's documents alone; it must not know how our channel signs or reads anything. The documents publish
//! hardly any error numbers: those here are made up, but for 10002 and 10003.
//!
//! | address | what it does |
//! |---|---|
//! | `POST /baidu/cashier` | what `swan.requestPolymerPayment` does: JSON `orderInfo` in, an order to pay in the wallet |
//! | `POST /baidu/cashier/{orderId}/cancel` | the order is cancelled at Baidu |
//! | `POST /baidu/orders/{orderId}/refund` | the payer asks Baidu for the money back; JSON `{"amount"?}` |
//! | `POST /baidu/console` | registers callback addresses: JSON `{"pay"?, "audit"?, "refund"?}` |
//! | `/rest/2.0/smartapp/pay/paymentservice/…`, `/oauth/2.0/token` | the newer generation |
//! | `/cashier/…`, `/nop/server/rest`, `/platform/entity/openapi/queryorderdetail` | the older generation |
//! | `GET /baidu/bill/{kind}/{day}` | a bill, at the address that the bill calls give |
//!
//! The wallet takes the JSON of an `orderInfo` (or an object that holds it) as its code. Without addresses in the console,
//! audits and outcomes go to the neighbours of the order's own `notifyUrl`: `…/pay` becomes `…/audit` and `…/refund`.

mod account;
mod ack;
mod bill;
mod cashier;
mod desk;
mod ledger;
mod legacy;
mod openapi;
mod order_info;
mod params;
mod provider;
mod refunds;
mod refusal;
mod sign;
mod tell;

#[cfg(test)]
mod tests;

use super::provider::Provider;
use super::stage::Stage;
use std::sync::Arc;

pub(super) fn provider(stage: &Arc<Stage>) -> Arc<dyn Provider> {
    Arc::new(provider::AtTheDesk(Arc::new(desk::Baidu::new(Arc::clone(stage)))))
}
