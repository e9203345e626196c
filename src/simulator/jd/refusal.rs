//! Every way in which JD says no. The codes are this simulator's: JD publishes none.

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct No {
    pub code: &'static str,
    pub words: String,
}

impl No {
    pub fn new(code: &'static str, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }

    pub fn unreadable() -> Self {
        Self::new("100001", "报文格式错误")
    }

    pub fn merchant() -> Self {
        Self::new("100002", "商户不存在")
    }

    pub fn encryption() -> Self {
        Self::new("100003", "解密失败")
    }

    pub fn signature() -> Self {
        Self::new("100004", "签名验证失败")
    }

    pub fn field(name: &str) -> Self {
        Self::new("100005", format!("参数错误：{name}"))
    }

    pub fn repeated() -> Self {
        Self::new("100006", "交易号重复")
    }

    pub fn no_trade() -> Self {
        Self::new("100007", "交易不存在")
    }

    pub fn state() -> Self {
        Self::new("100008", "交易状态不允许此操作")
    }

    pub fn too_much() -> Self {
        Self::new("100009", "退款金额超过可退金额")
    }
}
