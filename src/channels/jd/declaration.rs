//! What a JD Pay channel needs and can do.

use crate::model::{ChannelKind, Method};
use crate::pay::channel::{Capabilities, Declaration, Field, Input, Limits, MethodSpec};

/// Fen. The provider publishes no limit; this is far above any single payment.
const MAX_FEN: i64 = 10_000_000_000;

const fn method(method: Method) -> MethodSpec {
    MethodSpec { method, min: 1, max: MAX_FEN, needs: &[] }
}

pub static DECLARATION: Declaration = Declaration {
    kind: ChannelKind::Jd,
    production_url: "https://paygate.jd.com",
    fields: &[
        Field {
            name: "merchant",
            label: ("商户号", "Merchant number"),
            help: (
                "京东支付商户后台 → 商户信息中的商户号（8 至 12 位数字）",
                "JD Pay merchant console → merchant information: the merchant number (8 to 12 digits)",
            ),
            required: true,
            secret: false,
            input: Input::Text,
        },
        Field {
            name: "des_key",
            label: ("DES 密钥", "DES key"),
            help: (
                "商户后台 → 安全中心 → 密钥设置 → DES 密钥（24 字节的 base64，32 个字符）",
                "Merchant console → security → keys → DES key (base64 of 24 bytes, 32 characters)",
            ),
            required: true,
            secret: true,
            input: Input::Text,
        },
        Field {
            name: "private_key_pem",
            label: ("商户 RSA 私钥", "Merchant's RSA private key"),
            help: (
                "自行生成（1024 位，PKCS#8 或 PKCS#1），公钥或证书上传到 商户后台 → 安全中心 → 密钥设置",
                "Made by you (1024 bits, PKCS#8 or PKCS#1); its public half or certificate is uploaded under merchant console → \
                 security → keys",
            ),
            required: true,
            secret: true,
            input: Input::Pem,
        },
        Field {
            name: "jd_public_key_pem",
            label: ("京东公钥", "JD's public key"),
            help: (
                "接入包或商户后台 → 安全中心提供的京东支付 RSA 公钥（wy_rsa_public_key），不是商户自己的公钥",
                "JD Pay's RSA public key from the integration package or under security (wy_rsa_public_key); not your own",
            ),
            required: true,
            secret: false,
            input: Input::Pem,
        },
    ],
    methods: &[method(Method::JdWeb), method(Method::JdH5), method(Method::JdQr)],
    capabilities: Capabilities { query: true, close: false, refund: true, refund_query: true, bill: false },
    limits: Limits { code_lifetime_s: super::start::LIFETIME_S, min_lifetime_s: super::start::MIN_LIFETIME_S, close_delay_s: 0 },
};
