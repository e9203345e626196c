//! Answer codes with the gateway's words for them.

/// A code and what went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// 10: a field of the wrong form.
    #[must_use]
    pub fn format(field: &str) -> Self {
        Self::new("10", format!("报文格式错误[{field}]"))
    }

    /// 13: a field that must be there.
    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::new("13", format!("报文交易要素缺失[{field}]"))
    }

    #[must_use]
    pub fn signature() -> Self {
        Self::new("11", "验证签名失败[9100004]")
    }

    #[must_use]
    pub fn duplicate() -> Self {
        Self::new("12", "重复交易[2040003]")
    }

    #[must_use]
    pub fn absent() -> Self {
        Self::new("34", "查无此交易[2600000]")
    }

    #[must_use]
    pub fn not_permitted() -> Self {
        Self::new("32", "无此交易权限[2000001]")
    }
}

/// The words of success in synchronous answers.
pub const SUCCESS: &str = "成功[0000000]";
