//! What a WeChat Pay v2 channel needs and can do.

use super::sign::SignType;
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
    kind: ChannelKind::WechatV2,
    fields: FIELDS,
    methods: METHODS,
    production_url: super::PRODUCTION,
    capabilities: Capabilities { query: true, close: true, refund: true, refund_query: true, bill: false },
    limits: Limits { code_lifetime_s: 7200, min_lifetime_s: 60, close_delay_s: 0 },
};

const FIELDS: &[Field] = &[
    field(
        "appid",
        ("应用 ID（appid）", "App ID (appid)"),
        (
            "公众号、小程序或移动应用的 appid，须在商户平台“产品中心 → AppID 账号管理”中与商户号绑定",
            "Of the official account, mini program or mobile app; must be bound to the merchant number in the merchant console under 产品中心 → AppID账号管理",
        ),
        (true, false),
        Input::Text,
    ),
    field(
        "mch_id",
        ("商户号（mch_id）", "Merchant number (mch_id)"),
        (
            "微信支付商户平台“账户中心 → 商户信息”中的微信支付商户号",
            "In the WeChat Pay merchant console under 账户中心 → 商户信息",
        ),
        (true, false),
        Input::Text,
    ),
    field(
        "key",
        ("APIv2 密钥", "APIv2 key"),
        (
            "32 个字符，在商户平台“账户中心 → API 安全 → APIv2 密钥”中设置；不是 APIv3 密钥，也不是 AppSecret",
            "32 characters, set in the merchant console under 账户中心 → API安全 → APIv2密钥; neither the APIv3 key nor the AppSecret",
        ),
        (true, true),
        Input::Text,
    ),
    field(
        "sign_type",
        ("签名方式", "Signature algorithm"),
        (
            "新商户建议使用 HMAC-SHA256；通知和回复须使用同一种方式",
            "HMAC-SHA256 is better; notices and replies must use the same one",
        ),
        (true, false),
        Input::Choice(&[SignType::MD5, SignType::HMAC_SHA256]),
    ),
    field(
        "app_secret",
        ("AppSecret", "AppSecret"),
        (
            "公众平台“设置与开发 → 基本配置 → 开发者密码”，仅用于获取付款人的 openid",
            "In the official accounts platform under 设置与开发 → 基本配置 → 开发者密码; only for learning a payer's openid",
        ),
        (false, true),
        Input::Text,
    ),
    field(
        "client_cert_pem",
        ("商户 API 证书", "Merchant API certificate"),
        (
            "apiclient_cert.pem 的内容，在商户平台“账户中心 → API 安全 → 商户 API 证书”中申请；退款和撤销需要",
            "Content of apiclient_cert.pem, requested in the merchant console under 账户中心 → API安全 → 商户API证书; needed for refunds and reversals",
        ),
        (false, false),
        Input::Pem,
    ),
    field(
        "client_key_pem",
        ("商户 API 证书私钥", "Private key of the merchant API certificate"),
        (
            "apiclient_key.pem 的内容，与证书一起下载；退款和撤销需要",
            "Content of apiclient_key.pem, downloaded together with the certificate; needed for refunds and reversals",
        ),
        (false, true),
        Input::Pem,
    ),
    field(
        "sub_appid",
        ("子商户应用 ID（sub_appid）", "Sub-merchant's app ID (sub_appid)"),
        (
            "仅服务商模式：特约商户的 appid，在服务商平台“特约商户管理”中绑定",
            "Service providers only: the sub-merchant's appid, bound in the partner console under 特约商户管理",
        ),
        (false, false),
        Input::Text,
    ),
    field(
        "sub_mch_id",
        ("子商户号（sub_mch_id）", "Sub-merchant number (sub_mch_id)"),
        (
            "仅服务商模式：特约商户号，在服务商平台“特约商户管理”中查看",
            "Service providers only: the sub-merchant's number, in the partner console under 特约商户管理",
        ),
        (false, false),
        Input::Text,
    ),
];

const METHODS: &[MethodSpec] = &[
    method(Method::WechatNative, &[]),
    method(Method::WechatH5, &[]),
    method(Method::WechatJsapi, &["openid"]),
    method(Method::WechatMini, &["openid"]),
    method(Method::WechatApp, &[]),
    method(Method::WechatMicropay, &["auth_code"]),
];
