//! The core's English sentences in the page's language: rules of fields, reasons of conflicts, names of fields.
//!
//! A sentence is its own key: the text of `is taken` is `panel-rule-is-taken`. Those that hold a value are listed here. What
//! has no text is shown as it came: it may stand in an address, where anybody can write it.

use crate::ui::i18n::{Arg, t_of, t_of_with};

#[cfg(all(test, feature = "ssr"))]
mod tests;

/// Sentences with values, and the members of the family `panel-rulewith` that hold their texts.
const WITH_VALUES: [(&str, &str); 9] = [
    ("must be at most {most}", "most"),
    ("must be one of {words}", "words"),
    ("belongs to a channel of kind {kind}", "other-kind"),
    ("is no field of {kind}", "no-field"),
    ("cannot have {method} in a channel of kind {kind}", "foreign-method"),
    ("the number is in use with other values of {fields}", "differs"),
    ("the order is {status}", "order-status"),
    ("cannot set up TLS: {problem}", "tls"),
    ("Baidu gives no token: {problem}", "baidu-token"),
];

/// A sentence in the page's language.
#[must_use]
pub fn sentence(words: &str) -> String {
    known(words).unwrap_or_else(|| words.to_owned())
}

/// The name of a form's field, as staff or payers know it.
#[must_use]
pub fn field_label(field: &str) -> String {
    let name = field.trim_start_matches("credentials[").trim_end_matches(']');
    known_of("panel-field", name).or_else(|| known_of("fact", name)).unwrap_or_else(|| name.to_owned())
}

fn known(words: &str) -> Option<String> {
    let listed = || WITH_VALUES.into_iter().find_map(|(pattern, member)| with_values(pattern, member, words));
    known_of("panel-rule", &slug(words)).or_else(listed)
}

fn with_values(pattern: &'static str, member: &str, words: &str) -> Option<String> {
    let values = values_of(pattern, words)?.into_iter().map(|(name, value)| (name, Arg::Text(named(name, value))));
    Some(t_of_with("panel-rulewith", member, &values.collect::<Vec<_>>()))
}

/// A value under the name that people know it by.
fn named(what: &str, value: &str) -> String {
    let name = match what {
        "kind" => known_of("panel-kind", value),
        "method" => known_of("method", value),
        "status" => known_of("panel-order", value),
        "fields" => Some(value.split(", ").map(field_label).collect::<Vec<_>>().join(", ")),
        _ => None,
    };
    name.unwrap_or_else(|| value.to_owned())
}

/// A member of a family, where the family has it.
fn known_of(family: &'static str, member: &str) -> Option<String> {
    let text = t_of(family, member);
    (text != format!("{family}-{}", member.replace('.', "_"))).then_some(text)
}

/// `must be 1 to 64 characters` → `must-be-1-to-64-characters`
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// `no {a} in {b}` and `no tea in Chad` → `a` is `tea`, `b` is `Chad`
fn values_of<'a>(pattern: &'static str, words: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let (before, mut pattern) = pattern.split_once('{')?;
    let mut rest = words.strip_prefix(before)?;
    let mut values = Vec::new();
    loop {
        let (name, after) = pattern.split_once('}')?;
        let Some((between, next)) = after.split_once('{') else {
            values.push((name, rest.strip_suffix(after)?));
            return Some(values);
        };
        let (value, left) = rest.split_once(between)?;
        values.push((name, value));
        (pattern, rest) = (next, left);
    }
}
