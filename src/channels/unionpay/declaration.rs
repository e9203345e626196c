//! What a UnionPay channel needs and can do.

use crate::model::{ChannelKind, Method};
use crate::pay::channel::{Capabilities, Declaration, Field, Input, Limits, MethodSpec};

/// Fen: the amount has at most twelve digits.
const MAX_FEN: i64 = 999_999_999_999;
/// How long a payment can be paid. Nothing over there can be closed before its time, so the time is kept short; a payer who
/// needs longer gets a new payment.
pub const CODE_LIFETIME_S: i64 = 15 * 60;

const fn method(method: Method) -> MethodSpec {
    MethodSpec { method, min: 1, max: MAX_FEN, needs: &[] }
}

const fn field(
    name: &'static str,
    label: (&'static str, &'static str),
    help: (&'static str, &'static str),
    (required, secret): (bool, bool),
    input: Input,
) -> Field {
    Field { name, label, help, required, secret, input }
}

pub static DECLARATION: Declaration = Declaration {
    kind: ChannelKind::Unionpay,
    production_url: super::exchange::GATEWAY,
    fields: &[
        field(
            "mer_id",
            ("商户号（merId）", "Merchant number (merId)"),
            (
                "15 位，见银联商户服务平台（merchant.unionpay.com）“商户信息”或入网通知书",
                "15 characters, in UnionPay's merchant platform (merchant.unionpay.com) under 商户信息, or in the letter that confirms the account",
            ),
            (true, false),
            Input::Text,
        ),
        field(
            "sign_pfx",
            ("商户私钥证书（.pfx）", "Merchant's signing certificate (.pfx)"),
            (
                "在 CFCA 证书下载网站（cs.cfca.com.cn）凭参考号和授权码下载后导出的 .pfx 文件，以 base64 保存",
                "The .pfx file exported after the download at CFCA (cs.cfca.com.cn) with the reference and authorisation numbers; stored as base64",
            ),
            (true, true),
            Input::File,
        ),
        field(
            "sign_pfx_password",
            ("私钥证书密码", "Password of that file"),
            (
                "导出 .pfx 文件时设置的密码；测试环境的证书为 000000",
                "Chosen when the file was exported; 000000 for the shared certificate of the test environment",
            ),
            (true, true),
            Input::Text,
        ),
        field(
            "middle_cert_pem",
            ("中级证书", "Middle certificate"),
            (
                "商户服务平台“产品服务 → 证书下载”或开放平台开发包中的 acp_prod_middle.cer（测试：acp_test_middle.cer）",
                "acp_prod_middle.cer (testing: acp_test_middle.cer) from the merchant platform under 产品服务 → 证书下载, or from the development kit",
            ),
            (true, false),
            Input::Pem,
        ),
        field(
            "root_cert_pem",
            ("根证书", "Root certificate"),
            (
                "同一处的 acp_prod_root.cer（测试：acp_test_root.cer）",
                "acp_prod_root.cer (testing: acp_test_root.cer) from the same place",
            ),
            (true, false),
            Input::Pem,
        ),
        field(
            "encrypt_cert_pem",
            ("敏感信息加密证书（选填）", "Encryption certificate (optional)"),
            (
                "acp_prod_enc.cer；仅在由商户传送卡号时需要，本收银台不经手卡号",
                "acp_prod_enc.cer; only for merchants that send card numbers themselves, which this cashier never does",
            ),
            (false, false),
            Input::Pem,
        ),
    ],
    methods: &[method(Method::UnionpayWeb), method(Method::UnionpayWap), method(Method::UnionpayApp), method(Method::UnionpayQr)],
    capabilities: Capabilities { query: true, close: false, refund: true, refund_query: true, bill: true },
    limits: Limits { code_lifetime_s: CODE_LIFETIME_S, min_lifetime_s: 60, close_delay_s: 0 },
};
