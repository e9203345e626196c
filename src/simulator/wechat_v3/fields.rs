//! Strict reading of a request's JSON: fields nobody has defined, `null`, wrong types and wrong lengths are refused, as the
//! provider's gateway does before anybody looks at the business.

use super::reply::Fault;
use crate::model::Amount;
use serde_json::{Map, Value};

/// One object of a body.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// The provider's fault for a field that is not in `known`, or is `null`.
    pub fn new(map: &'a Map<String, Value>, path: &str, known: &[&str]) -> Result<Self, Fault> {
        let fields = Self { map, path: path.to_owned() };
        for (name, value) in map {
            if !known.contains(&name.as_str()) {
                let text = format!("输入源“{}”未定义", fields.pointer(name));
                return Err(Fault { sub_code: 270_924_358, ..Fault::new(400, "PARAM_ERROR", text, 0) });
            }
            if value.is_null() {
                return Err(Fault::wrong(&fields.pointer(name), "不能为空"));
            }
        }
        Ok(fields)
    }

    pub fn pointer(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    pub fn wrong(&self, name: &str, issue: &str) -> Fault {
        Fault::wrong(&self.pointer(name), issue)
    }

    /// A text of 1 to `max` characters, if it is there.
    pub fn text(&self, name: &str, max: usize) -> Result<Option<&'a str>, Fault> {
        let Some(value) = self.map.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.wrong(name, "类型不正确，应为字符串"))?;
        let length = text.chars().count();
        if length == 0 || length > max {
            return Err(self.wrong(name, &format!("长度不正确，应为1到{max}个字符")));
        }
        if text.chars().any(|c| u32::from(c) > 0xFFFF) {
            return Err(self.wrong(name, "含有不支持的字符"));
        }
        Ok(Some(text))
    }

    pub fn need_text(&self, name: &str, max: usize) -> Result<&'a str, Fault> {
        self.text(name, max)?.ok_or_else(|| self.wrong(name, "缺少必填字段"))
    }

    /// A whole number, not as text and not with decimals.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Fault> {
        let Some(value) = self.map.get(name) else { return Ok(None) };
        value.as_i64().map(Some).ok_or_else(|| self.wrong(name, "类型不正确，应为整数"))
    }

    /// An amount in fen, at least 1.
    pub fn amount(&self, name: &str) -> Result<Amount, Fault> {
        let fen = self.integer(name)?.ok_or_else(|| self.wrong(name, "缺少必填字段"))?;
        Amount::from_fen(fen).map_err(|_| self.wrong(name, "的值超出范围"))
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(value) = self.map.get(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.wrong(name, "类型不正确，应为布尔值"))
    }

    pub fn object(&self, name: &str, known: &[&str]) -> Result<Option<Fields<'a>>, Fault> {
        let Some(value) = self.map.get(name) else { return Ok(None) };
        let map = value.as_object().ok_or_else(|| self.wrong(name, "类型不正确，应为对象"))?;
        Fields::new(map, &self.pointer(name), known).map(Some)
    }

    pub fn need_object(&self, name: &str, known: &[&str]) -> Result<Fields<'a>, Fault> {
        self.object(name, known)?.ok_or_else(|| self.wrong(name, "缺少必填字段"))
    }

    pub fn list(&self, name: &str) -> Result<&'a [Value], Fault> {
        let Some(value) = self.map.get(name) else { return Ok(&[]) };
        value.as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(name, "类型不正确，应为数组"))
    }

    /// The only currency.
    pub fn currency(&self) -> Result<(), Fault> {
        match self.text("currency", 16)? {
            None | Some("CNY") => Ok(()),
            Some(_) => Err(self.wrong("currency", "的值不正确")),
        }
    }

    /// A merchant's number out of letters, digits and `signs`.
    pub fn number(&self, name: &str, length: std::ops::RangeInclusive<usize>, signs: &[u8]) -> Result<&'a str, Fault> {
        let text = self.need_text(name, *length.end())?;
        if text.len() < *length.start() || !text.bytes().all(|b| b.is_ascii_alphanumeric() || signs.contains(&b)) {
            return Err(self.wrong(name, "格式不正确"));
        }
        Ok(text)
    }

    /// A place for notices: absolute, no query, no fragment, HTTPS where `https_only`.
    pub fn notify_url(&self, max: usize, https_only: bool) -> Result<Option<&'a str>, Fault> {
        let Some(text) = self.text("notify_url", max)? else { return Ok(None) };
        let schemes: &[&str] = if https_only { &["https"] } else { &["https", "http"] };
        let valid = !text.contains(['?', '#'])
            && url::Url::parse(text).is_ok_and(|u| schemes.contains(&u.scheme()) && u.has_host() && u.username().is_empty());
        if valid { Ok(Some(text)) } else { Err(self.wrong("notify_url", "格式不正确，须为不带参数的https地址")) }
    }
}
