//! What an Alipay channel needs and can do.

use crate::model::{ChannelKind, Method};
use crate::pay::channel::{Capabilities, Declaration, Field, Input, Limits, MethodSpec};

/// Fen: the provider takes 0.01 to 100,000,000.00 yuan.
const MAX_FEN: i64 = 10_000_000_000;

const fn method(method: Method) -> MethodSpec {
    MethodSpec { method, min: 1, max: MAX_FEN, needs: &[] }
}

const fn pem(name: &'static str, label: (&'static str, &'static str), help: (&'static str, &'static str)) -> Field {
    Field { name, label, help, required: false, secret: false, input: Input::Pem }
}

pub static DECLARATION: Declaration = Declaration {
    kind: ChannelKind::Alipay,
    production_url: "https://openapi.alipay.com",
    fields: &[
        Field {
            name: "app_id",
            label: ("应用 APPID", "App ID"),
            help: (
                "支付宝开放平台 → 控制台 → 我的应用 → 应用详情页顶部的 APPID（16 位数字）",
                "Open platform console → My apps → the APPID at the top of the app's page (16 digits)",
            ),
            required: true,
            secret: false,
            input: Input::Text,
        },
        Field {
            name: "private_key_pem",
            label: ("应用私钥", "Application private key"),
            help: (
                "用密钥工具生成，与上传到「开发设置 → 接口加签方式」的应用公钥（或证书）成对；PKCS#8 或 PKCS#1，带不带 PEM 头均可",
                "Made with the key tool; the other half of the public key (or certificate) uploaded under Development \
                 settings → API signing. PKCS#8 or PKCS#1, with or without PEM lines",
            ),
            required: true,
            secret: true,
            input: Input::Pem,
        },
        pem(
            "alipay_public_key_pem",
            ("支付宝公钥（公钥模式）", "Alipay public key (public-key mode)"),
            (
                "开发设置 → 接口加签方式 → 公钥模式：上传应用公钥后显示的「支付宝公钥」，不是应用公钥。与三个证书二选一",
                "Development settings → API signing → public-key mode: the Alipay public key shown after your upload, not \
                 your own public key. Either this or the three certificates",
            ),
        ),
        pem(
            "app_cert_pem",
            ("应用公钥证书（证书模式）", "Application certificate (certificate mode)"),
            (
                "开发设置 → 接口加签方式 → 证书模式：下载的 appCertPublicKey_<APPID>.crt 的内容",
                "Development settings → API signing → certificate mode: the content of appCertPublicKey_<APPID>.crt",
            ),
        ),
        pem(
            "alipay_cert_pem",
            ("支付宝公钥证书（证书模式）", "Alipay certificate (certificate mode)"),
            (
                "同一页面下载的 alipayCertPublicKey_RSA2.crt 的完整内容（可含证书链）",
                "From the same page: the whole content of alipayCertPublicKey_RSA2.crt, chain included",
            ),
        ),
        pem(
            "alipay_root_cert_pem",
            ("支付宝根证书（证书模式）", "Alipay root certificates (certificate mode)"),
            (
                "同一页面下载的 alipayRootCert.crt 的完整内容（含多张证书）",
                "From the same page: the whole content of alipayRootCert.crt, all of its certificates",
            ),
        ),
        Field {
            name: "seller_id",
            label: ("商户 PID（选填）", "Merchant PID (optional)"),
            help: (
                "商家平台 → 账户中心 → 商户信息中的 2088 开头的 16 位 PID；填写后将核对通知中的 seller_id",
                "Merchant platform → account centre → the 16-digit PID beginning with 2088; if given, notices are compared \
                 with it",
            ),
            required: false,
            secret: false,
            input: Input::Text,
        },
        Field {
            name: "aes_key",
            label: ("接口内容加密密钥（选填）", "Content encryption key (optional)"),
            help: (
                "开发设置 → 接口内容加密方式 → AES 密钥（24 个字符）；未开启内容加密的应用留空",
                "Development settings → content encryption → the AES key (24 characters); empty for an app without content \
                 encryption",
            ),
            required: false,
            secret: true,
            input: Input::Text,
        },
    ],
    methods: &[
        method(Method::AlipayPage),
        method(Method::AlipayWap),
        method(Method::AlipayQr),
        method(Method::AlipayBar),
        // Any one of several facts will do: starting tells when none is there.
        method(Method::AlipayJsapi),
        method(Method::AlipayApp),
    ],
    capabilities: Capabilities { query: true, close: true, refund: true, refund_query: true, bill: false },
    limits: Limits {
        code_lifetime_s: super::start::CODE_LIFETIME_S,
        min_lifetime_s: super::start::MIN_LIFETIME_S,
        close_delay_s: 0,
    },
};
