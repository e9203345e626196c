//! The calls of the merchant API, field by field. What they mean is said in `ui/locales/*/api.ftl`.

use super::rules::{Call, Field, Kind};

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, kind }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, required: true, kind }
}

/// Fields of every call, which `caller` checks, and whether they are required.
pub const COMMON: [(&str, bool); 5] =
    [("app_id", true), ("timestamp", true), ("nonce", true), ("sign_type", false), ("sign", true)];

const ORDER_NO: Field = field("order_no", Kind::Lookup);
const OUT_ORDER_NO: Field = field("out_order_no", Kind::Lookup);
const NUMBERS: &[&str] = &["order_no", "out_order_no"];

pub static CREATE_ORDER: Call = Call {
    path: "/api/v1/orders",
    fields: &[
        required("out_order_no", Kind::OutNo),
        required("amount", Kind::Amount),
        required("subject", Kind::Text { max: 128 }),
        field("body", Kind::Text { max: 1000 }),
        field("currency", Kind::Word(&["CNY"])),
        field("methods", Kind::Methods),
        field("notify_url", Kind::Address),
        field("return_url", Kind::Address),
        field("cancel_url", Kind::Address),
        field("show_url", Kind::Address),
        field("expires_in", Kind::Integer { min: 60, max: 604_800 }),
        field("attach", Kind::Text { max: 2048 }),
        field("client_ip", Kind::Ip),
        field("user_id", Kind::Text { max: 64 }),
        field("platform", Kind::Text { max: 32 }),
        field("scene", Kind::Text { max: 32 }),
        field("refers", Kind::Refers),
        field("extra", Kind::Facts),
    ],
    one_of: &[],
};

pub static QUERY_ORDER: Call = Call { path: "/api/v1/orders/query", fields: &[ORDER_NO, OUT_ORDER_NO], one_of: NUMBERS };

pub static CLOSE_ORDER: Call = Call { path: "/api/v1/orders/close", fields: &[ORDER_NO, OUT_ORDER_NO], one_of: NUMBERS };

pub static LIST_ORDERS: Call = Call {
    path: "/api/v1/orders/list",
    fields: &[
        field("from", Kind::Integer { min: 0, max: i64::MAX }),
        field("to", Kind::Integer { min: 0, max: i64::MAX }),
        field("status", Kind::OrderStatus),
        field("method", Kind::Method),
        field("cursor", Kind::Text { max: 512 }),
        field("limit", Kind::Integer { min: 1, max: 100 }),
    ],
    one_of: &[],
};

pub static START_PAYMENT: Call = Call {
    path: "/api/v1/payments",
    fields: &[
        required("order_no", Kind::Lookup),
        required("method", Kind::MethodOrBar),
        field("auth_code", Kind::Text { max: 128 }),
        field("openid", Kind::Text { max: 128 }),
        field("client_ip", Kind::Ip),
    ],
    one_of: &[],
};

pub static REQUEST_REFUND: Call = Call {
    path: "/api/v1/refunds",
    fields: &[
        ORDER_NO,
        OUT_ORDER_NO,
        required("out_refund_no", Kind::OutNo),
        required("amount", Kind::Amount),
        field("reason", Kind::Text { max: 80 }),
        field("notify_url", Kind::Address),
    ],
    one_of: NUMBERS,
};

pub static QUERY_REFUND: Call = Call {
    path: "/api/v1/refunds/query",
    fields: &[field("refund_no", Kind::Lookup), field("out_refund_no", Kind::Lookup)],
    one_of: &["refund_no", "out_refund_no"],
};

/// All of them, for the router's test and the API reference.
pub static ALL: &[&Call] =
    &[&CREATE_ORDER, &QUERY_ORDER, &CLOSE_ORDER, &LIST_ORDERS, &START_PAYMENT, &REQUEST_REFUND, &QUERY_REFUND];
