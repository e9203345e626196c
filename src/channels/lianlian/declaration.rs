//! What a LianLian channel needs and can do.

use crate::model::{ChannelKind, Method};
use crate::pay::channel::{Capabilities, Declaration, Field, Input, Limits, MethodSpec};

/// Fen: the provider takes 0.01 to 100,000,000.00 yuan.
const MAX_FEN: i64 = 10_000_000_000;

/// Verified payment (认证支付) is done in the name of a person: who it is at the merchant, the name, the ID number.
const NEEDS: &[&str] = &["user_id", "user_name", "id_no"];

const fn method(method: Method) -> MethodSpec {
    MethodSpec { method, min: 1, max: MAX_FEN, needs: NEEDS }
}

pub static DECLARATION: Declaration = Declaration {
    kind: ChannelKind::Lianlian,
    production_url: "https://cashier.lianlianpay.com",
    fields: &[
        Field {
            name: "oid_partner",
            label: ("商户号", "Merchant number"),
            help: (
                "连连商户站 → 商户信息中的商户编号（18 位数字，oid_partner）",
                "LianLian merchant site → merchant information: the merchant number (18 digits, oid_partner)",
            ),
            required: true,
            secret: false,
            input: Input::Text,
        },
        Field {
            name: "sign_type",
            label: ("签名方式", "Signature"),
            help: (
                "与连连约定的方式：MD5 或 RSA（MD5withRSA）。通知也按此方式验签",
                "As agreed with LianLian: MD5, or RSA (MD5withRSA). Notices are verified the same way",
            ),
            required: true,
            secret: false,
            input: Input::Choice(super::sign::SIGN_TYPES),
        },
        Field {
            name: "md5_key",
            label: ("MD5 密钥", "MD5 key"),
            help: (
                "连连商户站 → 安全中心 → 密钥管理 → MD5 密钥。签名方式为 MD5 时必填",
                "LianLian merchant site → security → keys → MD5 key. Required when the signature is MD5",
            ),
            required: false,
            secret: true,
            input: Input::Text,
        },
        Field {
            name: "private_key_pem",
            label: ("商户 RSA 私钥", "Merchant's RSA private key"),
            help: (
                "自行生成（1024 位或以上，PKCS#8 或 PKCS#1），公钥上传到 商户站 → 安全中心 → 密钥管理。签名方式为 RSA 时必填",
                "Made by you (1024 bits or more, PKCS#8 or PKCS#1); its public half is uploaded under merchant site → \
                 security → keys. Required when the signature is RSA",
            ),
            required: false,
            secret: true,
            input: Input::Pem,
        },
        Field {
            name: "platform_public_key_pem",
            label: ("连连公钥（选填）", "LianLian's public key (optional)"),
            help: (
                "签名方式为 RSA 时用于验签。留空则使用连连公布的生产环境公钥；不是商户自己的公钥",
                "Verifies LianLian's messages when the signature is RSA. Empty: the production key that LianLian has \
                 published. Not your own public key",
            ),
            required: false,
            secret: false,
            input: Input::Pem,
        },
    ],
    methods: &[method(Method::LianlianWeb), method(Method::LianlianWap)],
    capabilities: Capabilities { query: true, close: false, refund: true, refund_query: true, bill: false },
    limits: Limits { code_lifetime_s: super::order::LIFETIME_S, min_lifetime_s: super::order::MIN_LIFETIME_S, close_delay_s: 0 },
};
