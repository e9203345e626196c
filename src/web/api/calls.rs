//! The calls of the merchant API, field by field.

use super::rules::{Call, Field, Kind};

const fn field(name: &'static str, kind: Kind, about: (&'static str, &'static str)) -> Field {
    Field { name, required: false, kind, about }
}

const fn required(name: &'static str, kind: Kind, about: (&'static str, &'static str)) -> Field {
    Field { name, required: true, kind, about }
}

/// Fields of every call, which `caller` checks: name, what it is as `(zh, en)`, and whether it is required.
pub const COMMON: [(&str, (&str, &str), bool); 5] = [
    ("app_id", ("应用 ID。", "Your app."), true),
    ("timestamp", ("Unix 秒，与服务器时间相差不超过 300 秒。", "Unix seconds, at most 300 s away from our clock."), true),
    ("nonce", ("8 至 64 个字符，不可重复使用。", "8 to 64 characters, never used before."), true),
    (
        "sign_type",
        (
            "HMAC-SHA256（不填时的默认值）、RSA2，或应用允许时的 MD5。",
            "HMAC-SHA256 (absent: this), RSA2, or MD5 where the app allows it.",
        ),
        false,
    ),
    ("sign", ("对其他全部参数的签名。", "The signature over all other fields."), true),
];

const ORDER_NO: Field = field("order_no", Kind::Lookup, ("订单号。", "Our number of the order."));
const OUT_ORDER_NO: Field = field("out_order_no", Kind::Lookup, ("商户订单号。", "Your number of the order."));
const NUMBERS: &[&str] = &["order_no", "out_order_no"];

pub static CREATE_ORDER: Call = Call {
    path: "/api/v1/orders",
    about: (
        "创建订单。商户订单号和各参数均相同时，返回同一订单。",
        "Creates an order. The same number with the same values gives the same order again.",
    ),
    fields: &[
        required("out_order_no", Kind::OutNo, ("商户订单号，同一应用内唯一。", "Your number of the order, once per app.")),
        required("amount", Kind::Amount, ("订单金额，单位为分。", "Fen.")),
        required("subject", Kind::Text { max: 128 }, ("商品名称，付款人可见。", "What is paid for; the payer reads it.")),
        field("body", Kind::Text { max: 1000 }, ("补充说明。", "More about it.")),
        field("currency", Kind::Word(&["CNY"]), ("币种，仅支持人民币。", "The only currency.")),
        field(
            "methods",
            Kind::Methods,
            ("可用的支付方式；不填则为应用的全部支付方式。", "Methods to offer; absent: all that the app has."),
        ),
        field(
            "notify_url",
            Kind::Address,
            ("此订单的通知地址；不填则使用应用的通知地址。", "Where webhooks of this order go; absent: the app's address."),
        ),
        field(
            "return_url",
            Kind::Address,
            ("付款后返回的地址，会附上签名参数。", "Where the payer goes back to after paying, with signed fields appended."),
        ),
        field("cancel_url", Kind::Address, ("不付款离开时返回的地址。", "Where the payer goes back to without paying.")),
        field("show_url", Kind::Address, ("商品展示页。", "A page about what is paid for.")),
        field(
            "expires_in",
            Kind::Integer { min: 60, max: 604_800 },
            ("支付时限，单位为秒；不填则使用应用的默认值。", "Seconds; absent: the app's default."),
        ),
        field(
            "attach",
            Kind::Text { max: 2048 },
            ("商户自用，随应答和通知原样返回。", "Yours; comes back in every answer and webhook."),
        ),
        field("client_ip", Kind::Ip, ("付款人的 IP 地址。", "The payer's address.")),
        field("user_id", Kind::Text { max: 64 }, ("付款人在商户系统中的 ID。", "Your id of the payer.")),
        field("platform", Kind::Text { max: 32 }, ("商户自用，便于自行统计。", "Yours, for your own statistics.")),
        field("scene", Kind::Text { max: 32 }, ("商户自用，便于自行统计。", "Yours, for your own statistics.")),
        field(
            "refers",
            Kind::Refers,
            (
                "JSON 数组，元素为 `{type, refer_id}`：订单关联的商户对象。",
                "JSON array of {type, refer_id}: what of yours the order belongs to.",
            ),
        ),
        field(
            "extra",
            Kind::Facts,
            (
                "JSON 对象，部分支付方式需要的信息：`openid`、`user_name`、`id_no`、`phone`。",
                "JSON object of facts that some methods need: openid, user_name, id_no, phone.",
            ),
        ),
    ],
    one_of: &[],
    answer: (
        "`order_no`、`out_order_no`、`amount`、`status`、`checkout_url`、`expires_at`、`created_at`",
        "order_no, out_order_no, amount, status, checkout_url, expires_at, created_at",
    ),
};

pub static QUERY_ORDER: Call = Call {
    path: "/api/v1/orders/query",
    about: ("查询订单，含支付、退款和异常款项。", "The whole order with its payments, refunds and cases."),
    fields: &[ORDER_NO, OUT_ORDER_NO],
    one_of: NUMBERS,
    answer: ("订单", "order"),
};

pub static CLOSE_ORDER: Call = Call {
    path: "/api/v1/orders/close",
    about: (
        "关闭订单，支付机构侧的交易也一并关闭；如果支付机构已收款，订单改为已支付。",
        "Closes an order, at the providers too. Money that is found there makes it paid instead.",
    ),
    fields: &[ORDER_NO, OUT_ORDER_NO],
    one_of: NUMBERS,
    answer: ("订单", "order"),
};

pub static LIST_ORDERS: Call = Call {
    path: "/api/v1/orders/list",
    about: ("列出应用的订单，新的在前。", "Orders of the app, newest first."),
    fields: &[
        field(
            "from",
            Kind::Integer { min: 0, max: i64::MAX },
            ("创建时间不早于此刻，UTC 毫秒。", "Created at this time or later, UTC ms."),
        ),
        field(
            "to",
            Kind::Integer { min: 0, max: i64::MAX },
            ("创建时间早于此刻，UTC 毫秒。", "Created before this time, UTC ms."),
        ),
        field("status", Kind::OrderStatus, ("只列出此状态的订单。", "Only orders in this state.")),
        field(
            "method",
            Kind::Method,
            ("只列出以此方式支付或最近尝试支付的订单。", "Only orders paid, or last tried, by this method."),
        ),
        field("cursor", Kind::Text { max: 512 }, ("上一页的 `next_cursor`。", "next_cursor of the page before.")),
        field("limit", Kind::Integer { min: 1, max: 100 }, ("每页最多条数；不填为 20。", "At most so many; absent: 20.")),
    ],
    one_of: &[],
    answer: (
        "`items`（订单列表，不含 `payments`、`refunds`、`cases`）、`next_cursor`（最后一页为 `null`）",
        "items (orders without payments, refunds, cases), next_cursor (null on the last page)",
    ),
};

pub static START_PAYMENT: Call = Call {
    path: "/api/v1/payments",
    about: (
        "不经过收银台页面直接发起支付。`bar` 代表付款码，由 `auth_code` 判断具体方式。",
        "Starts a payment without our page. bar stands for the bar-code method that auth_code belongs to.",
    ),
    fields: &[
        required("order_no", Kind::Lookup, ("订单号。", "Our number of the order.")),
        required("method", Kind::MethodOrBar, ("支付方式。", "How to pay.")),
        field(
            "auth_code",
            Kind::Text { max: 128 },
            ("付款人的付款码，付款码支付时填写。", "The payer's bar code, for the bar-code methods."),
        ),
        field(
            "openid",
            Kind::Text { max: 128 },
            ("付款人在支付机构的 ID，用于在其应用内支付的方式。", "The payer's id at the provider, for methods inside its app."),
        ),
        field("client_ip", Kind::Ip, ("付款人的 IP 地址。", "The payer's address.")),
    ],
    one_of: &[],
    answer: ("`pay_no`、`next`", "pay_no, next"),
};

pub static REQUEST_REFUND: Call = Call {
    path: "/api/v1/refunds",
    about: (
        "退款。商户退款单号和各参数均相同时，返回同一退款。",
        "Sends money back. The same number with the same values gives the same refund again.",
    ),
    fields: &[
        ORDER_NO,
        OUT_ORDER_NO,
        required("out_refund_no", Kind::OutNo, ("商户退款单号，同一应用内唯一。", "Your number of the refund, once per app.")),
        required("amount", Kind::Amount, ("退款金额，单位为分，不超过可退金额。", "Fen; at most what is left of the payment.")),
        field("reason", Kind::Text { max: 80 }, ("退款原因，付款人可能看到。", "The payer may read it.")),
        field(
            "notify_url",
            Kind::Address,
            ("此退款的通知地址；不填则使用订单的通知地址。", "Where webhooks of this refund go; absent: the order's address."),
        ),
    ],
    one_of: NUMBERS,
    answer: ("退款", "refund"),
};

pub static QUERY_REFUND: Call = Call {
    path: "/api/v1/refunds/query",
    about: ("查询一笔退款。", "One refund."),
    fields: &[
        field("refund_no", Kind::Lookup, ("退款单号。", "Our number of the refund.")),
        field("out_refund_no", Kind::Lookup, ("商户退款单号。", "Your number of the refund.")),
    ],
    one_of: &["refund_no", "out_refund_no"],
    answer: ("退款", "refund"),
};

/// All of them, for the router's test and the API reference.
pub static ALL: &[&Call] =
    &[&CREATE_ORDER, &QUERY_ORDER, &CLOSE_ORDER, &LIST_ORDERS, &START_PAYMENT, &REQUEST_REFUND, &QUERY_REFUND];
