//! The calls of the merchant API, field by field.

use super::rules::{Call, Field, Kind};

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, required: false, kind, about }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, required: true, kind, about }
}

const ORDER_NO: Field = field("order_no", Kind::Lookup, "Our number of the order.");
const OUT_ORDER_NO: Field = field("out_order_no", Kind::Lookup, "Your number of the order.");
const NUMBERS: &[&str] = &["order_no", "out_order_no"];

pub static CREATE_ORDER: Call = Call {
    path: "/api/v1/orders",
    about: "Creates an order. The same number with the same values gives the same order again.",
    fields: &[
        required("out_order_no", Kind::OutNo, "Your number of the order, once per app."),
        required("amount", Kind::Amount, "Fen."),
        required("subject", Kind::Text { max: 128 }, "What is paid for; the payer reads it."),
        field("body", Kind::Text { max: 1000 }, "More about it."),
        field("currency", Kind::Word(&["CNY"]), "The only currency."),
        field("methods", Kind::Methods, "Methods to offer; absent: all that the app has."),
        field("notify_url", Kind::Address, "Where webhooks of this order go; absent: the app's address."),
        field("return_url", Kind::Address, "Where the payer goes back to after paying, with signed fields appended."),
        field("cancel_url", Kind::Address, "Where the payer goes back to without paying."),
        field("show_url", Kind::Address, "A page about what is paid for."),
        field("expires_in", Kind::Integer { min: 60, max: 604_800 }, "Seconds; absent: the app's default."),
        field("attach", Kind::Text { max: 2048 }, "Yours; comes back in every answer and webhook."),
        field("client_ip", Kind::Ip, "The payer's address."),
        field("user_id", Kind::Text { max: 64 }, "Your id of the payer."),
        field("platform", Kind::Text { max: 32 }, "Yours, for your own statistics."),
        field("scene", Kind::Text { max: 32 }, "Yours, for your own statistics."),
        field("refers", Kind::Refers, "JSON array of {type, refer_id}: what of yours the order belongs to."),
        field("extra", Kind::Facts, "JSON object of facts that some methods need: openid, user_name, id_no, phone."),
    ],
    one_of: &[],
    answer: "order_no, out_order_no, amount, status, checkout_url, expires_at, created_at",
};

pub static QUERY_ORDER: Call = Call {
    path: "/api/v1/orders/query",
    about: "The whole order with its payments, refunds and cases.",
    fields: &[ORDER_NO, OUT_ORDER_NO],
    one_of: NUMBERS,
    answer: "order",
};

pub static CLOSE_ORDER: Call = Call {
    path: "/api/v1/orders/close",
    about: "Closes an order, at the providers too. Money that is found there makes it paid instead.",
    fields: &[ORDER_NO, OUT_ORDER_NO],
    one_of: NUMBERS,
    answer: "order",
};

pub static LIST_ORDERS: Call = Call {
    path: "/api/v1/orders/list",
    about: "Orders of the app, newest first.",
    fields: &[
        field("from", Kind::Integer { min: 0, max: i64::MAX }, "Created at this time or later, UTC ms."),
        field("to", Kind::Integer { min: 0, max: i64::MAX }, "Created before this time, UTC ms."),
        field("status", Kind::OrderStatus, "Only orders in this state."),
        field("method", Kind::Method, "Only orders paid, or last tried, by this method."),
        field("cursor", Kind::Text { max: 512 }, "next_cursor of the page before."),
        field("limit", Kind::Integer { min: 1, max: 100 }, "At most so many; absent: 20."),
    ],
    one_of: &[],
    answer: "items (orders without payments, refunds, cases), next_cursor (null on the last page)",
};

pub static START_PAYMENT: Call = Call {
    path: "/api/v1/payments",
    about: "Starts a payment without our page. bar stands for the bar-code method that auth_code belongs to.",
    fields: &[
        required("order_no", Kind::Lookup, "Our number of the order."),
        required("method", Kind::MethodOrBar, "How to pay."),
        field("auth_code", Kind::Text { max: 128 }, "The payer's bar code, for the bar-code methods."),
        field("openid", Kind::Text { max: 128 }, "The payer's id at the provider, for methods inside its app."),
        field("client_ip", Kind::Ip, "The payer's address."),
    ],
    one_of: &[],
    answer: "pay_no, next",
};

pub static REQUEST_REFUND: Call = Call {
    path: "/api/v1/refunds",
    about: "Sends money back. The same number with the same values gives the same refund again.",
    fields: &[
        ORDER_NO,
        OUT_ORDER_NO,
        required("out_refund_no", Kind::OutNo, "Your number of the refund, once per app."),
        required("amount", Kind::Amount, "Fen; at most what is left of the payment."),
        field("reason", Kind::Text { max: 80 }, "The payer may read it."),
        field("notify_url", Kind::Address, "Where webhooks of this refund go; absent: the order's address."),
    ],
    one_of: NUMBERS,
    answer: "refund",
};

pub static QUERY_REFUND: Call = Call {
    path: "/api/v1/refunds/query",
    about: "One refund.",
    fields: &[
        field("refund_no", Kind::Lookup, "Our number of the refund."),
        field("out_refund_no", Kind::Lookup, "Your number of the refund."),
    ],
    one_of: &["refund_no", "out_refund_no"],
    answer: "refund",
};

/// All of them, for the router's test and the API reference.
pub static ALL: &[&Call] =
    &[&CREATE_ORDER, &QUERY_ORDER, &CLOSE_ORDER, &LIST_ORDERS, &START_PAYMENT, &REQUEST_REFUND, &QUERY_REFUND];
