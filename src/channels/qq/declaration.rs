//! What a QQ Wallet channel needs and can do.

use crate::model::{Amount, ChannelKind, Method};
use crate::pay::channel::{Capabilities, Declaration, Field, Input, Limits, MethodSpec};

const fn field(
    name: &'static str,
    label: (&'static str, &'static str),
    help: (&'static str, &'static str),
    (required, secret): (bool, bool),
    input: Input,
) -> Field {
    Field { name, label, help, required, secret, input }
}

const fn method(method: Method, needs: &'static [&'static str]) -> MethodSpec {
    MethodSpec { method, min: 1, max: Amount::MAX_ORDER, needs }
}

pub static DECLARATION: Declaration = Declaration {
    kind: ChannelKind::Qq,
    fields: FIELDS,
    methods: METHODS,
    production_url: super::PRODUCTION,
    capabilities: Capabilities { query: true, close: true, refund: true, refund_query: true, bill: true },
    limits: Limits { code_lifetime_s: 7200, min_lifetime_s: 60, close_delay_s: 0 },
};

const FIELDS: &[Field] = &[
    field(
        "mch_id",
        ("商户号（mch_id）", "Merchant number (mch_id)"),
        ("QQ 钱包商户平台“账户管理 → 商户信息”中的商户号", "In the QQ Wallet merchant console under 账户管理 → 商户信息"),
        (true, false),
        Input::Text,
    ),
    field(
        "key",
        ("API 密钥", "API key"),
        (
            "32 个字符，在商户平台“账户管理 → API 安全”中设置；不是开放平台的 APP KEY",
            "32 characters, set in the merchant console under 账户管理 → API安全; not the open platform's APP KEY",
        ),
        (true, true),
        Input::Text,
    ),
    field(
        "appid",
        ("应用 ID（appid）", "App ID (appid)"),
        (
            "QQ 互联或腾讯开放平台“应用管理”中审核通过的应用；在 QQ 内支付和 App 支付需要",
            "Of an approved app, on QQ Connect or the Tencent open platform under 应用管理; needed to pay inside QQ and from an app",
        ),
        (false, false),
        Input::Text,
    ),
    field(
        "app_key",
        ("应用密钥（APP KEY）", "App key (APP KEY)"),
        (
            "同一应用在开放平台“应用管理 → 应用信息”中的 APP KEY；仅用于 App 支付的签名",
            "APP KEY of the same app, on the open platform under 应用管理 → 应用信息; signs payments from an app, nothing else",
        ),
        (false, true),
        Input::Text,
    ),
    field(
        "op_user_id",
        ("操作员（op_user_id）", "Operator (op_user_id)"),
        (
            "商户平台“账户管理 → 操作员管理”中有退款权限的操作员；留空即商户号本身",
            "An operator with the right to refund, in the merchant console under 账户管理 → 操作员管理; empty: the merchant number itself",
        ),
        (false, false),
        Input::Text,
    ),
    field(
        "op_user_passwd",
        ("操作员密码", "Operator's password"),
        (
            "上述操作员的密码（商户号本身则为登录密码），或其 MD5 的 32 位十六进制；退款和撤销需要",
            "That operator's password (of the merchant number: the console's login password), or the 32 hex digits of its MD5; needed for refunds and reversals",
        ),
        (false, true),
        Input::Text,
    ),
    field(
        "client_cert_pem",
        ("商户 API 证书", "Merchant API certificate"),
        (
            "由商户平台“账户管理 → API 安全”下载的 apiclient_cert 转成 PEM；退款和撤销需要",
            "The certificate of apiclient_cert, downloaded in the merchant console under 账户管理 → API安全, as PEM; needed for refunds and reversals",
        ),
        (false, false),
        Input::Pem,
    ),
    field(
        "client_key_pem",
        ("商户 API 证书私钥", "Private key of the merchant API certificate"),
        (
            "与证书同在 apiclient_cert.p12 中（密码为商户号），转成 PEM；退款和撤销需要",
            "Comes with the certificate in apiclient_cert.p12, whose password is the merchant number; as PEM; needed for refunds and reversals",
        ),
        (false, true),
        Input::Pem,
    ),
];

const METHODS: &[MethodSpec] = &[
    method(Method::QqNative, &[]),
    method(Method::QqJsapi, &[]),
    method(Method::QqApp, &[]),
    method(Method::QqMicropay, &["auth_code"]),
];
