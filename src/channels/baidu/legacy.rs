//! The older generation of server calls: signed with our key, and about orders by Baidu's numbers, which we know only
//! from a notice.
//!
//! Provider's documents: 申请退款, 查询订单 (queryOrderDetail).

use super::Baidu;
use super::reply::{self, Reply};
use super::sign::{self, Params, SIGNATURE};
use crate::channels::http::{Call, Patience};
use crate::pay::channel::{ChannelError, RefundRequest};
use serde_json::Value;

const REFUND: &str = "https://etrade-api.baidu.com/cashier/applyOrderRefund";
const QUERY: &str = "https://dianshang.baidu.com/platform/entity/openapi/queryorderdetail";

/// An order's states. No amount is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States {
    /// -1 unpaid, 1 paid.
    pub pay: Option<i64>,
    /// -1 none, 1 under way, 2 done, 9 failed.
    pub refund: Option<i64>,
}

impl Baidu {
    /// Asks for an order.
    ///
    /// # Errors
    /// `Unclear` without an answer.
    pub(super) async fn query_legacy(&self, order_id: &str, user_id: &str) -> Result<Reply, ChannelError> {
        let url = self.legacy_query(order_id, user_id)?;
        reply::read(&self.http.send(Call::get("query", Patience::Query, url)).await?.body)
    }

    /// The signed address of the question. What Baidu calls a site here is the payer.
    ///
    /// # Errors
    /// `Credentials` when the private key cannot sign.
    pub(super) fn legacy_query(&self, order_id: &str, user_id: &str) -> Result<String, ChannelError> {
        let mut params = Params::from([
            ("appId".to_owned(), self.account.app_id.clone()),
            ("appKey".to_owned(), self.account.app_key.clone()),
            ("orderId".to_owned(), order_id.to_owned()),
            ("siteId".to_owned(), user_id.to_owned()),
        ]);
        let signature = self.account.sign(&params)?;
        // This one call has another name for its signature.
        params.insert("sign".to_owned(), signature);
        Ok(self.gateway.url(&format!("{QUERY}?{}", sign::form(&params))))
    }

    /// Opens a refund; Baidu asks us for an audit before it moves money.
    ///
    /// # Errors
    /// `Unclear` without an answer.
    pub(super) async fn apply_refund_legacy(
        &self,
        request: &RefundRequest,
        order_id: &str,
        user_id: &str,
        reason: &str,
    ) -> Result<Reply, ChannelError> {
        let body = self.legacy_refund(request, order_id, user_id, reason)?;
        let url = self.gateway.url(REFUND);
        let content_type = "application/x-www-form-urlencoded; charset=utf-8";
        let call = Call::post("refund", Patience::Act, url, content_type, body.as_bytes());
        reply::read(&self.http.send(call).await?.body)
    }

    /// The signed form of the request. Amount and number go along for a full refund too: the number makes a repeat
    /// harmless.
    ///
    /// # Errors
    /// `Credentials` when the private key cannot sign.
    pub(super) fn legacy_refund(
        &self,
        request: &RefundRequest,
        order_id: &str,
        user_id: &str,
        reason: &str,
    ) -> Result<String, ChannelError> {
        let mut params = Params::from([
            ("appKey".to_owned(), self.account.app_key.clone()),
            ("applyRefundMoney".to_owned(), request.amount.fen().to_string()),
            ("bizRefundBatchId".to_owned(), request.refund_no.clone()),
            ("orderId".to_owned(), order_id.to_owned()),
            ("refundReason".to_owned(), reason.to_owned()),
            ("refundType".to_owned(), super::settle::BY_SERVICE.to_owned()),
            ("tpOrderId".to_owned(), request.pay_no.clone()),
            ("userId".to_owned(), user_id.to_owned()),
        ]);
        let signature = self.account.sign(&params)?;
        params.insert(SIGNATURE.to_owned(), signature);
        Ok(sign::form(&params))
    }
}

/// Reads the states out of an answer: they lie two levels deep, each with its number and a description.
#[must_use]
pub fn states(data: &Value) -> States {
    let inner = data.get("data").unwrap_or(data);
    let number = |name: &str| inner.get(name).and_then(|state| reply::whole(state, "statusNum"));
    States { pay: number("payStatus"), refund: number("refundStatus") }
}
