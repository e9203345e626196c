//! Every way in which LianLian says no: its codes with their sentences (provider's document: 返回码说明).

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

    /// A parameter is missing or wrong; the sentence names it in brackets.
    pub fn parameter(name: &str) -> Self {
        Self::new("1004", format!("商户请求参数校验错误[{name}]"))
    }

    pub fn signature() -> Self {
        Self::new("1001", "商户请求签名错误")
    }

    pub fn unreadable() -> Self {
        Self::new("1012", "请求报文解析失败")
    }

    pub fn merchant() -> Self {
        Self::new("3001", "非法的商户")
    }

    pub fn repeated() -> Self {
        Self::new("1002", "商户订单号重复")
    }

    pub fn no_record() -> Self {
        Self::new("8901", "没有记录")
    }
}
