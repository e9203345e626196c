//! Rules of fields for Chinese readers of the reference. The API itself words them in English.

use crate::web::api::Kind;

/// What [`Kind::rule`] says.
pub fn rule(kind: Kind) -> String {
    match kind {
        Kind::OutNo => "1 至 64 个字符，限 A-Z a-z 0-9 _ . -".to_owned(),
        Kind::Lookup => "不超过 64 个字符".to_owned(),
        Kind::Amount => "整数，单位为分，1 至 1000000000000".to_owned(),
        Kind::Integer { min, max: i64::MAX } => format!("整数，不小于 {min}"),
        Kind::Integer { min, max } => format!("整数，{min} 至 {max}"),
        Kind::Text { max } => format!("不超过 {max} 个字符，不含控制字符和双向控制字符"),
        Kind::Address => "完整的 http 或 https 地址，不超过 2048 个字符，不含用户名".to_owned(),
        Kind::Ip => "IP 地址".to_owned(),
        Kind::Word(words) => format!("只能是 {}", words.join(" 或 ")),
        Kind::OrderStatus => "created、paying、paid 或 closed".to_owned(),
        Kind::Method => "支付方式的代码".to_owned(),
        Kind::MethodOrBar => "支付方式的代码，或 bar".to_owned(),
        Kind::Methods => "支付方式的代码，以英文逗号分隔".to_owned(),
        Kind::Refers => "JSON 数组，元素为含 type 和 refer_id 两个文本的对象".to_owned(),
        Kind::Facts => "JSON 对象，值均为文本".to_owned(),
    }
}
