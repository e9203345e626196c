//! Every way in which the gateway says no: code, sub code, and a sentence for the developer's log.
//!
//! Provider's documents: 公共错误码 (40001, 40002, …) and the error tables of the single calls (40004).

/// A refused call. `unsigned` ones are answered before the caller's identity is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub sub_code: String,
    pub sub_msg: String,
}

impl Refusal {
    fn new(code: &'static str, sub_code: &str, sub_msg: impl Into<String>) -> Self {
        Self { code, sub_code: sub_code.to_owned(), sub_msg: sub_msg.into() }
    }

    /// A system parameter is absent: `isv.missing-<what>`.
    #[must_use]
    pub fn missing(what: &str) -> Self {
        Self::new("40001", &format!("isv.missing-{what}"), format!("缺少参数：{what}"))
    }

    /// A system parameter is there but wrong: `isv.invalid-<what>`.
    #[must_use]
    pub fn invalid(what: &str, why: impl Into<String>) -> Self {
        Self::new("40002", &format!("isv.invalid-{what}"), why)
    }

    /// The caller mixes public-key and certificate mode.
    #[must_use]
    pub fn signature_config(why: impl Into<String>) -> Self {
        Self::new("40002", "isv.missing-signature-config", why)
    }

    /// An OAuth code that was used, has run out, or never existed.
    #[must_use]
    pub fn code_invalid() -> Self {
        Self::new("40002", "isv.code-invalid", "授权码无效、已使用或已过期")
    }

    /// Encrypted content that the app's key does not open.
    #[must_use]
    pub fn not_decrypted() -> Self {
        Self::new("40002", "isv.decryption-error-unknown", "解密出错，请检查内容加密密钥")
    }

    /// The gateway does not know what happened.
    #[must_use]
    pub fn unknown() -> Self {
        Self::new("20000", "isp.unknow-error", "系统繁忙，结果未知")
    }

    /// A business answer: `ACQ.<name>`.
    #[must_use]
    pub fn acq(name: &str, why: impl Into<String>) -> Self {
        Self::new("40004", &format!("ACQ.{name}"), why)
    }

    /// A business answer outside the acquiring family, spelled in full.
    #[must_use]
    pub fn business(sub_code: &str, why: impl Into<String>) -> Self {
        Self::new("40004", sub_code, why)
    }

    /// A field of `biz_content` breaks its rule.
    #[must_use]
    pub fn field(name: &str, rule: &str) -> Self {
        Self::acq("INVALID_PARAMETER", format!("参数无效：{name} {rule}"))
    }

    #[must_use]
    pub fn no_trade() -> Self {
        Self::acq("TRADE_NOT_EXIST", "交易不存在")
    }

    /// The text that always goes with a code.
    #[must_use]
    pub fn msg(&self) -> &'static str {
        match self.code {
            "20000" => "Service Currently Unavailable",
            "20001" => "Insufficient Token Permissions",
            "40001" => "Missing Required Arguments",
            "40002" => "Invalid Arguments",
            "40006" => "Insufficient Permissions",
            _ => "Business Failed",
        }
    }
}
