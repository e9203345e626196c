//! What is to be said of the calls, for the reference: texts of `ui/locales/*/api.ftl`, by the names of what they are about.

use super::codes::Code;
use super::{Call, Field, Kind};
use crate::ui::i18n::{Arg, Lang, t_in, t_of_in};

/// What a call does.
#[must_use]
pub fn call(lang: Lang, call: &Call) -> String {
    t_of_in(lang, "api-call", &call.name(), &[])
}

/// What `data` of its answer holds.
#[must_use]
pub fn answer(lang: Lang, call: &Call) -> String {
    t_of_in(lang, "api-answer", &call.name(), &[])
}

/// What one of its own fields is.
#[must_use]
pub fn field(lang: Lang, call: &Call, field: &Field) -> String {
    t_of_in(lang, "api-field", &format!("{}-{}", call.name(), field.name), &[])
}

/// What a field of every call is.
#[must_use]
pub fn common(lang: Lang, name: &str) -> String {
    t_of_in(lang, "api-common", name, &[])
}

/// When a code is the answer.
#[must_use]
pub fn code(lang: Lang, code: Code) -> String {
    t_of_in(lang, "api-code", code.as_str(), &[])
}

/// What a field may hold; in English the words of [`Kind::rule`]. Numbers go as texts, since Fluent's are not exact.
#[must_use]
pub fn rule(lang: Lang, kind: Kind) -> String {
    let rule = |member: &str, args: &[(&'static str, Arg)]| t_of_in(lang, "api-rule", member, args);
    match kind {
        Kind::OutNo => rule("out-no", &[]),
        Kind::Lookup => rule("lookup", &[]),
        Kind::Amount => rule("amount", &[]),
        Kind::Integer { min, max: i64::MAX } => rule("integer-from", &[("min", min.to_string().into())]),
        Kind::Integer { min, max } => rule("integer", &[("min", min.to_string().into()), ("max", max.to_string().into())]),
        Kind::Text { max } => rule("text", &[("max", max.to_string().into())]),
        Kind::Address => rule("address", &[]),
        Kind::Ip => rule("ip", &[]),
        Kind::Word(words) => {
            let or = format!(" {} ", t_in(lang, "api-or", &[]));
            rule("word", &[("words", words.join(or.as_str()).into())])
        }
        Kind::OrderStatus => rule("order-status", &[]),
        Kind::Method => rule("method", &[]),
        Kind::MethodOrBar => rule("method-or-bar", &[]),
        Kind::Methods => rule("methods", &[]),
        Kind::Refers => rule("refers", &[]),
        Kind::Facts => rule("facts", &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::api::calls;

    #[test]
    fn the_english_rules_are_those_that_answers_contain() {
        let kinds = calls::ALL.iter().flat_map(|call| call.fields).map(|field| field.kind);
        for kind in kinds.chain([Kind::Word(&["tea", "coffee"])]) {
            assert_eq!(rule(Lang::En, kind), kind.rule());
        }
    }
}
