//! Readers for the fields of `biz_content`: lengths, alphabets, amounts.

use super::refusal::Refusal;
use super::yuan;
use serde_json::{Map, Value};

/// The business fields of one call.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Parses `biz_content`.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let Some(text) = text else { return Err(Refusal::invalid("parameter", "缺少 biz_content")) };
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            _ => Err(Refusal::invalid("parameter", "biz_content 不是 JSON 对象")),
        }
    }

    /// A text of at most `max` characters; empty counts as absent. Numbers are tolerated as the text they print.
    ///
    /// # Errors
    /// When it is too long or of another type.
    pub fn optional(&self, name: &str, max: usize) -> Result<Option<String>, Refusal> {
        let text = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(Refusal::field(name, "类型错误")),
        };
        if text.chars().count() > max {
            return Err(Refusal::field(name, "超过最大长度"));
        }
        Ok(Some(text))
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// When it is absent, empty or too long.
    pub fn required(&self, name: &str, max: usize) -> Result<String, Refusal> {
        self.optional(name, max)?.ok_or_else(|| Refusal::field(name, "不能为空"))
    }

    /// A merchant's own number: letters, digits and `_`.
    ///
    /// # Errors
    /// When it is absent, too long, or has other characters.
    pub fn merchant_number(&self, name: &str, max: usize) -> Result<String, Refusal> {
        let value = self.required(name, max)?;
        check_number(name, &value)?;
        Ok(value)
    }

    /// The same, when it may be absent.
    ///
    /// # Errors
    /// When it is too long or has other characters.
    pub fn optional_number(&self, name: &str, max: usize) -> Result<Option<String>, Refusal> {
        let value = self.optional(name, max)?;
        if let Some(value) = &value {
            check_number(name, value)?;
        }
        Ok(value)
    }

    /// An amount from 0.01 to 100000000.00 yuan, in fen.
    ///
    /// # Errors
    /// When it is absent, not plain decimal text, or out of range.
    pub fn charge(&self, name: &str) -> Result<i64, Refusal> {
        let text = self.required(name, 12)?;
        yuan::read_charge(&text).ok_or_else(|| Refusal::field(name, "应为 0.01～100000000.00，最多两位小数"))
    }

    /// Whether a list of `query_options` holds a name.
    #[must_use]
    pub fn asks_for(&self, option: &str) -> bool {
        self.0.get("query_options").and_then(Value::as_array).is_some_and(|all| all.iter().any(|v| v.as_str() == Some(option)))
    }

    /// Checks the rows of `goods_detail`.
    ///
    /// # Errors
    /// When a row lacks a field or a field breaks its rule.
    pub fn goods_detail(&self) -> Result<(), Refusal> {
        let rows = match self.0.get("goods_detail") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(rows)) => rows,
            Some(_) => return Err(Refusal::field("goods_detail", "应为数组")),
        };
        for row in rows {
            let Value::Object(row) = row else { return Err(Refusal::field("goods_detail", "元素应为对象")) };
            let row = Self(row.clone());
            row.required("goods_id", 64)?;
            row.required("goods_name", 256)?;
            if row.required("quantity", 10)?.parse::<u64>().is_err() {
                return Err(Refusal::field("quantity", "应为整数"));
            }
            if yuan::read(&row.required("price", 12)?).is_none() {
                return Err(Refusal::field("price", "应为元，最多两位小数"));
            }
        }
        Ok(())
    }
}

fn check_number(name: &str, value: &str) -> Result<(), Refusal> {
    if value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        Ok(())
    } else {
        Err(Refusal::field(name, "只能包含字母、数字、下划线"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Fields {
        Fields::parse(Some(json)).expect("an object")
    }

    #[test]
    fn only_an_object_is_business_content() {
        for bad in [None, Some(""), Some("[]"), Some("{"), Some("out_trade_no=1")] {
            assert_eq!(Fields::parse(bad).err().map(|r| r.sub_code).as_deref(), Some("isv.invalid-parameter"));
        }
    }

    #[test]
    fn amounts_that_a_float_printed_are_refused() {
        assert_eq!(of(r#"{"a":88.88}"#).charge("a"), Ok(8888));
        for bad in [r#"{"a":88.88000000000001}"#, r#"{"a":"1e2"}"#, r#"{"a":"-1.00"}"#, r#"{"a":"0.00"}"#, r#"{"a":true}"#, "{}"]
        {
            assert!(of(bad).charge("a").is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_have_a_small_alphabet() {
        assert_eq!(of(r#"{"n":"Ab_1"}"#).merchant_number("n", 64), Ok("Ab_1".to_owned()));
        for bad in ["a-b", "a b", "单", "", &"x".repeat(65)] {
            assert!(of(&serde_json::json!({ "n": bad }).to_string()).merchant_number("n", 64).is_err(), "{bad}");
        }
    }

    #[test]
    fn goods_need_id_name_quantity_and_price() {
        assert!(of(r#"{"goods_detail":[{"goods_id":"1","goods_name":"n","quantity":1,"price":"1.00"}]}"#).goods_detail().is_ok());
        assert!(of(r#"{"goods_detail":[{"goods_id":"1","goods_name":"n","quantity":1}]}"#).goods_detail().is_err());
        assert!(of(r#"{"goods_detail":{}}"#).goods_detail().is_err());
    }
}
