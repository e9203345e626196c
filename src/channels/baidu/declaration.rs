//! What a channel of Baidu's cashier needs and can do.

use crate::model::{ChannelKind, Method};
use crate::pay::channel::{Capabilities, Declaration, Field, Input, Limits, MethodSpec};

/// Fen. No document names a highest amount; a trial service (体验版) takes 10 yuan at the most.
const MAX_FEN: i64 = 10_000_000_000;
/// No document limits an order's life and nothing can be sent that does: the order's own time counts.
const LIFETIME_S: i64 = 7 * 24 * 60 * 60;

const fn text(name: &'static str, label: (&'static str, &'static str), help: (&'static str, &'static str)) -> Field {
    Field { name, label, help, required: true, secret: false, input: Input::Text }
}

const fn optional(field: Field) -> Field {
    Field { required: false, ..field }
}

pub static DECLARATION: Declaration = Declaration {
    kind: ChannelKind::Baidu,
    production_url: "https://openapi.baidu.com",
    fields: &[
        text(
            "deal_id",
            ("dealId（结算凭证）", "dealId (settlement voucher)"),
            (
                "智能小程序开发者平台 → 支付管理 → 我的服务 → 服务详情中的 dealId（纯数字）",
                "Smart mini program console → Payment → My services → the numeric dealId on the service's page",
            ),
        ),
        text(
            "app_key",
            ("支付 appKey", "Payment appKey"),
            (
                "同一页面的 appKey，形如 MMMabc；不是小程序的 App Key",
                "On the same page, such as MMMabc; the mini program's own App Key is another one",
            ),
        ),
        text(
            "app_id",
            ("支付 appId", "Payment appId"),
            ("同一页面的 appId（纯数字），形如 10026", "On the same page: the numeric appId, such as 10026"),
        ),
        Field {
            name: "private_key_pem",
            label: ("开发者私钥", "Developer's private key"),
            help: (
                "与上传到「支付管理 → 开发设置 → 开发者公钥」的公钥成对，RSA 1024 位；PKCS#8 或 PKCS#1，带不带 PEM 头均可",
                "The other half of the public key uploaded under Payment → Development settings; RSA, 1024 bits. PKCS#8 or \
                 PKCS#1, with or without PEM lines",
            ),
            required: true,
            secret: true,
            input: Input::Pem,
        },
        Field {
            name: "platform_public_key_pem",
            label: ("平台公钥", "Platform public key"),
            help: (
                "「支付管理 → 开发设置 → 平台公钥」中的一行 base64，原样粘贴；用于验证三种回调",
                "Payment → Development settings → platform public key: one line of base64, pasted as it is. It verifies all \
                 three callbacks",
            ),
            required: true,
            secret: false,
            input: Input::Pem,
        },
        optional(text(
            "client_id",
            ("小程序 App Key（选填）", "Mini program App Key (optional)"),
            (
                "智能小程序开发者平台 → 设置 → 开发设置 → App Key；与 App Secret 一起填写后，可按商户单号查询、关单、查询退款",
                "Console → Settings → Development settings → App Key. With the App Secret, orders are found by our number, \
                 closed, and refunds asked about",
            ),
        )),
        Field {
            name: "client_secret",
            label: ("小程序 App Secret（选填）", "Mini program App Secret (optional)"),
            help: ("同一页面的 App Secret", "On the same page: the App Secret"),
            required: false,
            secret: true,
            input: Input::Text,
        },
    ],
    methods: &[MethodSpec { method: Method::BaiduMini, min: 1, max: MAX_FEN, needs: &[] }],
    capabilities: Capabilities { query: true, close: true, refund: true, refund_query: true, bill: false },
    limits: Limits { code_lifetime_s: LIFETIME_S, min_lifetime_s: 0, close_delay_s: 0 },
};
