//! What a WeChat Pay v3 channel needs and can do.

use super::exchange::PRODUCTION;
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
    kind: ChannelKind::WechatV3,
    fields: FIELDS,
    methods: METHODS,
    production_url: PRODUCTION,
    capabilities: Capabilities { query: true, close: true, refund: true, refund_query: true, bill: true },
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
        "mchid",
        ("商户号（mchid）", "Merchant number (mchid)"),
        (
            "微信支付商户平台“账户中心 → 商户信息”中的微信支付商户号",
            "In the WeChat Pay merchant console under 账户中心 → 商户信息",
        ),
        (true, false),
        Input::Text,
    ),
    field(
        "serial_no",
        ("商户 API 证书序列号", "Serial number of the merchant API certificate"),
        (
            "40 位十六进制，在商户平台“账户中心 → API 安全 → 商户 API 证书 → 管理证书”中查看；不是微信支付公钥 ID",
            "40 hex digits, in the merchant console under 账户中心 → API安全 → 商户API证书 → 管理证书; not the ID of WeChat's public key",
        ),
        (true, false),
        Input::Text,
    ),
    field(
        "private_key_pem",
        ("商户 API 证书私钥", "Private key of the merchant API certificate"),
        (
            "apiclient_key.pem 的内容，申请商户 API 证书时由证书工具生成",
            "Content of apiclient_key.pem, made by the certificate tool when the merchant API certificate was requested",
        ),
        (true, true),
        Input::Pem,
    ),
    field(
        "api_v3_key",
        ("APIv3 密钥", "APIv3 key"),
        (
            "32 个字符，在商户平台“账户中心 → API 安全 → APIv3 密钥”中设置；未设置时微信支付不会发送通知；不是 APIv2 密钥",
            "32 characters, set in the merchant console under 账户中心 → API安全 → APIv3密钥; without it WeChat Pay sends no notices; not the APIv2 key",
        ),
        (true, true),
        Input::Text,
    ),
    field(
        "public_key_id",
        ("微信支付公钥 ID", "ID of the WeChat Pay public key"),
        (
            "以 PUB_KEY_ID_ 开头，在商户平台“账户中心 → API 安全 → 微信支付公钥”中查看；仍使用平台证书的商户留空",
            "Begins with PUB_KEY_ID_, in the merchant console under 账户中心 → API安全 → 微信支付公钥; leave empty while the merchant uses platform certificates",
        ),
        (false, false),
        Input::Text,
    ),
    field(
        "public_key_pem",
        ("微信支付公钥", "WeChat Pay public key"),
        (
            "pub_key.pem 的内容，与公钥 ID 在同一页面下载；两者须同时填写。切换期间平台证书会自动下载，两种方式同时有效",
            "Content of pub_key.pem, downloaded on the same page as its ID; both or neither. Platform certificates are downloaded by themselves, so both kinds work while a merchant switches over",
        ),
        (false, false),
        Input::Pem,
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
        "sub_mchid",
        ("子商户号（sub_mchid）", "Sub-merchant number (sub_mchid)"),
        (
            "仅服务商模式：特约商户号，在服务商平台“特约商户管理”中查看；其余字段则属于服务商",
            "Service providers only: the sub-merchant's number, in the partner console under 特约商户管理; all other fields are then the service provider's",
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
];
