//! What a field may hold. One table per call says everything: validation, the API reference and the tests read the same.

use super::codes::Failure;
use crate::model::{Method, OrderStatus};
use crate::pay::signing::Fields;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One field of a call.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub required: bool,
    pub kind: Kind,
}

/// One call of the API.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub path: &'static str,
    pub fields: &'static [Field],
    /// One of these must be given.
    pub one_of: &'static [&'static str],
}

/// The rule of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The merchant's own number: 1 to 64 of `[A-Za-z0-9_.-]`.
    OutNo,
    /// A number to look for: any text that could be one.
    Lookup,
    /// Fen, 1 to 10^12.
    Amount,
    Integer {
        min: i64,
        max: i64,
    },
    /// Characters, without control and bidi-control ones.
    Text {
        max: usize,
    },
    /// http(s), absolute, at most 2048 characters, no user info.
    Address,
    Ip,
    /// One of these words.
    Word(&'static [&'static str]),
    OrderStatus,
    Method,
    MethodOrBar,
    /// Methods with commas between.
    Methods,
    /// A JSON array of `{type, refer_id}`.
    Refers,
    /// A JSON object of texts.
    Facts,
}

/// Fields that have passed the rules of their call.
#[derive(Debug)]
pub struct Checked<'a>(&'a Fields);

impl Call {
    /// `/api/v1/orders/query` → `orders-query`, for its texts and its place in the API reference.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.trim_start_matches("/api/v1/").replace('/', "-")
    }

    /// Checks the fields in the order of the table.
    ///
    /// # Errors
    /// The first field at fault with its rule.
    pub fn check<'a>(&self, fields: &'a Fields) -> Result<Checked<'a>, Failure> {
        let given = |name: &str| fields.get(name).map(String::as_str).filter(|v| !v.is_empty());
        if let Some(first) = self.one_of.first()
            && self.one_of.iter().all(|name| given(name).is_none())
        {
            return Err(Failure::missing(first));
        }
        for field in self.fields {
            match given(field.name) {
                Some(value) => field.kind.check(value).map_err(|rule| Failure::invalid(field.name, &rule))?,
                None if field.required => return Err(Failure::missing(field.name)),
                None => {}
            }
        }
        Ok(Checked(fields))
    }
}

impl Kind {
    /// # Errors
    /// The broken rule, to be read after the field's name.
    pub fn check(self, value: &str) -> Result<(), String> {
        match self {
            Self::OutNo if is_out_no(value) => Ok(()),
            Self::Lookup if value.chars().count() <= 64 => Ok(()),
            Self::Amount if integer(value).is_some_and(|n| crate::model::Amount::from_fen(n).is_ok()) => Ok(()),
            Self::Integer { min, max } if integer(value).is_some_and(|n| (min..=max).contains(&n)) => Ok(()),
            Self::Text { max } if value.chars().count() <= max && !value.chars().any(is_control) => Ok(()),
            Self::Address if crate::pay::is_web_address(value) => Ok(()),
            Self::Ip if value.parse::<IpAddr>().is_ok() => Ok(()),
            Self::Word(words) if words.contains(&value) => Ok(()),
            Self::OrderStatus if OrderStatus::parse(value).is_ok() => Ok(()),
            Self::Method if Method::parse(value).is_ok() => Ok(()),
            Self::MethodOrBar if value == BAR || Method::parse(value).is_ok() => Ok(()),
            Self::Methods if read_methods(value).is_some() => Ok(()),
            Self::Refers => read_refers(value).map(|_| ()),
            Self::Facts => read_facts(value).map(|_| ()),
            _ => Err(self.rule()),
        }
    }

    /// The rule in words, to be read after the field's name.
    #[must_use]
    pub fn rule(self) -> String {
        match self {
            Self::OutNo => "must be 1 to 64 characters of A-Z a-z 0-9 _ . -".to_owned(),
            Self::Lookup => "must be at most 64 characters".to_owned(),
            Self::Amount => "must be a whole number of fen from 1 to 1000000000000".to_owned(),
            Self::Integer { min, max } => format!("must be a whole number from {min} to {max}"),
            Self::Text { max } => format!("must be at most {max} characters without control or bidi-control characters"),
            Self::Address => "must be an absolute http or https address of at most 2048 characters without user name".to_owned(),
            Self::Ip => "must be an IP address".to_owned(),
            Self::Word(words) => format!("must be {}", words.join(" or ")),
            Self::OrderStatus => "must be created, paying, paid or closed".to_owned(),
            Self::Method => "must be a known method".to_owned(),
            Self::MethodOrBar => "must be a known method, or bar".to_owned(),
            Self::Methods => "must be known methods with commas between".to_owned(),
            Self::Refers => "must be a JSON array of objects with the texts type and refer_id".to_owned(),
            Self::Facts => "must be a JSON object of texts".to_owned(),
        }
    }
}

impl Kind {
    /// For the API reference.
    #[must_use]
    pub fn json_type(self) -> &'static str {
        if matches!(self, Self::Amount | Self::Integer { .. }) { "integer" } else { "string" }
    }
}

impl Checked<'_> {
    /// A field that is there.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|v| !v.is_empty()).cloned()
    }

    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(|v| integer(v))
    }

    /// Without repetition and in one order, so that a repeated call compares equal.
    #[must_use]
    pub fn methods(&self, name: &str) -> Vec<Method> {
        self.text(name).and_then(|v| read_methods(&v)).unwrap_or_default()
    }

    /// The JSON text with one spelling.
    #[must_use]
    pub fn refers(&self, name: &str) -> Option<String> {
        self.text(name).and_then(|v| read_refers(&v).ok())
    }

    #[must_use]
    pub fn facts(&self, name: &str) -> BTreeMap<String, String> {
        self.text(name).and_then(|v| read_facts(&v).ok()).unwrap_or_default()
    }
}

/// Stands for whichever bar-code method the `auth_code` belongs to.
pub const BAR: &str = "bar";

/// Plain decimal text: digits, perhaps a minus, no plus, no leading zero, no space.
#[must_use]
pub fn integer(text: &str) -> Option<i64> {
    let n: i64 = text.parse().ok()?;
    (n.to_string() == text).then_some(n)
}

fn is_out_no(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// Control characters, and the ones that change the direction of the text around them.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn read_methods(text: &str) -> Option<Vec<Method>> {
    let mut methods = Vec::new();
    for name in text.split(',') {
        if name == BAR {
            methods.extend(Method::ALL.iter().copied().filter(|m| m.is_bar()));
        } else {
            methods.push(Method::parse(name).ok()?);
        }
    }
    methods.sort_unstable();
    methods.dedup();
    Some(methods)
}

fn read_refers(text: &str) -> Result<String, String> {
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Refer {
        r#type: String,
        refer_id: String,
    }
    let refers: Vec<Refer> = serde_json::from_str(text).map_err(|_| Kind::Refers.rule())?;
    let bad = |t: &str| t.is_empty() || t.chars().count() > 128 || t.chars().any(is_control);
    if refers.iter().any(|r| bad(&r.r#type) || bad(&r.refer_id)) {
        return Err(Kind::Refers.rule());
    }
    serde_json::to_string(&refers).map_err(|e| e.to_string())
}

/// Longest value of `extra`: room for LianLian's risk facts, which are a document of their own.
const FACT_CHARS: usize = 4096;

fn read_facts(text: &str) -> Result<BTreeMap<String, String>, String> {
    let facts = super::body::read_json(text.as_bytes()).map_err(|_| Kind::Facts.rule())?;
    let bad = |(name, value): (&String, &String)| {
        name.is_empty() || name.chars().count() > 64 || value.chars().count() > FACT_CHARS || value.chars().any(is_control)
    };
    if facts.iter().any(bad) {
        return Err(format!("must be a JSON object of texts of at most {FACT_CHARS} characters without control characters"));
    }
    Ok(facts.into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(kind: Kind, value: &str) -> bool {
        kind.check(value).is_ok()
    }

    #[test]
    fn integers_have_one_spelling() {
        for good in ["0", "1", "1000000000000", "-5"] {
            assert!(integer(good).is_some(), "{good}");
        }
        for bad in ["", "01", "+1", " 1", "1 ", "1.0", "1e3", "１", "0x1", "99999999999999999999", "-0"] {
            assert!(integer(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn amounts_have_both_ends() {
        assert!(ok(Kind::Amount, "1") && ok(Kind::Amount, "1000000000000"));
        assert!(
            !ok(Kind::Amount, "0") && !ok(Kind::Amount, "1000000000001") && !ok(Kind::Amount, "-1") && !ok(Kind::Amount, "1.00")
        );
    }

    #[test]
    fn lengths_count_characters_and_emoji_are_fine() {
        let kind = Kind::Text { max: 4 };
        assert!(ok(kind, "茶壶🫖🫖"));
        assert!(!ok(kind, "茶壶🫖🫖x"));
        assert!(ok(Kind::Text { max: 64 }, "👩‍👩‍👧")); // joined with U+200D
        for bad in ["a\u{0}b", "a\nb", "a\tb", "a\u{7f}b", "a\u{85}b", "a\u{202e}b", "a\u{2066}b", "a\u{200f}b", "a\u{61c}b"] {
            assert!(!ok(Kind::Text { max: 64 }, bad), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_absolute_and_without_user_info() {
        for good in ["https://shop.example/ok?a=1#x", "http://127.0.0.1:9000/hook", "https://例子.测试/路径"] {
            assert!(ok(Kind::Address, good), "{good}");
        }
        let long = format!("https://a.example/{}", "x".repeat(2048));
        for bad in [
            "/relative",
            "shop.example",
            "javascript:alert(1)",
            "ftp://a.example/",
            "https://u:p@a.example/",
            "https://a.example/\nx",
            "https:// a.example",
            "data:text/html,x",
            &long,
        ] {
            assert!(!ok(Kind::Address, bad), "{bad}");
        }
    }

    #[test]
    fn nested_texts_get_one_spelling() {
        assert_eq!(
            read_refers(r#" [ {"refer_id":"7", "type":"course"} ] "#).as_deref(),
            Ok(r#"[{"type":"course","refer_id":"7"}]"#)
        );
        for bad in ["{}", "[1]", r#"[{"type":"x"}]"#, r#"[{"type":"x","refer_id":7}]"#, r#"[{"type":"","refer_id":"7"}]"#, "x"] {
            assert!(read_refers(bad).is_err(), "{bad}");
        }
        assert_eq!(read_facts(r#"{"openid":"o1","age":3,"none":null}"#).expect("reads").len(), 2);
        for bad in ["[]", r#"{"a":{}}"#, r#"{"a":"1","a":"2"}"#, "x", r#"{"a":"\u0000"}"#] {
            assert!(read_facts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bar_stands_for_every_bar_method() {
        assert_eq!(read_methods("bar,alipay_bar").map(|m| m.len()), Some(3));
        assert_eq!(read_methods("alipay_qr,wechat_native"), read_methods("wechat_native,alipay_qr,wechat_native"));
        assert!(read_methods("alipay_qr,").is_none() && read_methods("paypal").is_none());
    }
}
