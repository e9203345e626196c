//! Every sentence that the core, the server functions and the channels answer with has its text in both languages.

use super::*;
use crate::model::{MoneyError, UiError};
use crate::pay::Error;
use crate::pay::channel::ChannelError;
use crate::pay::store::StoreError;
use crate::ui::components::error_text;
use crate::ui::i18n::Lang;
use leptos::prelude::{Owner, provide_context};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the problems of credentials are worded: what these files answer with ends up beside a field.
const READERS: [&str; 6] =
    ["keys.rs", "legacy_keys.rs", "certificates.rs", "alipay/content.rs", "jd/vault.rs", "wechat_v3/sign.rs"];

fn source_dir(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

/// A file without comments and without the tests at its end.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    let lines: Vec<&str> = text.lines().collect();
    let begins = |n: usize| {
        let next = lines.get(n + 1).copied().unwrap_or_default();
        lines[n].starts_with("#[cfg(test)]") && next.contains("mod ") && next.ends_with('{')
    };
    let end = (0..lines.len()).find(|n| begins(*n)).unwrap_or(lines.len());
    let kept: Vec<&str> = lines[..end].iter().copied().filter(|line| !line.trim_start().starts_with("//")).collect();
    kept.join("\n")
}

/// All of a module but its tests.
fn collect(dir: &Path, into: &mut String) {
    for entry in fs::read_dir(dir).expect("a source folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if ["tests", "tests.rs", "states.rs"].contains(&name) {
            continue;
        }
        if path.is_dir() {
            collect(&path, into);
        } else if name.ends_with(".rs") {
            into.push_str(&code_of(&path));
            into.push('\n');
        }
    }
}

/// What follows each use of a name, as far as the name is not the end of a longer one.
fn after<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let whole = |at: usize| !source[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    source.match_indices(name).filter(|(at, _)| whole(*at)).map(|(at, _)| &source[at + name.len()..]).collect()
}

/// The last argument of a call whose opening bracket stands before `rest`.
fn last_argument(rest: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    let (mut from, mut last) = (0, "");
    for (at, c) in rest.char_indices() {
        if quoted {
            (quoted, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        if depth == 0 && (c == ',' || c == ')') {
            let argument = rest[from..at].trim();
            (from, last) = (at + 1, if argument.is_empty() { last } else { argument });
        }
        match c {
            ')' if depth == 0 => break,
            '"' => quoted = true,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    last
}

/// The text of an argument: a literal, the pattern of `format!`, or a constant.
fn text_of(argument: &str, source: &str) -> Option<String> {
    if let Some(literal) = argument.split('"').nth(1) {
        return Some(literal.to_owned());
    }
    let is_constant = !argument.is_empty() && argument.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let declared = after(source, &format!("const {argument}: &str = \"")).into_iter().next().filter(|_| is_constant)?;
    declared.split('"').next().map(str::to_owned)
}

/// The sentences of all calls of these functions.
fn worded_by(calls: &[&str], source: &str) -> BTreeSet<String> {
    let rests = calls.iter().flat_map(|call| after(source, call));
    rests.filter_map(|rest| text_of(last_argument(rest), source)).collect()
}

fn sentences() -> BTreeSet<String> {
    let mut all = String::new();
    for module in ["pay", "rpc", "channels"] {
        collect(&source_dir(module), &mut all);
    }
    let mut found = worded_by(&["invalid(", "wrong(", "Conflict("], &all);
    for rest in ["rule: ", "problem: ", "problem = "].into_iter().flat_map(|name| after(&all, name)) {
        let text = rest.trim_start_matches('&').trim_start_matches("format!(");
        found.extend(text.strip_prefix('"').and_then(|text| text.split('"').next()).map(str::to_owned));
    }
    for file in READERS {
        let source = code_of(&source_dir("channels").join(file));
        found.extend(worded_by(&["Err(", "ok_or(", "map_err("], &source));
    }
    let conflicts = [Error::AlreadyPaid, Error::Closed, Error::NotPaid, Error::Differs { fields: vec!["amount", "subject"] }];
    found.extend(conflicts.map(|error| error.to_string()));
    found.extend([MoneyError::Format, MoneyError::Range].map(|error| error.to_string()));
    found
}

/// The sentence with something in the place of each of its values.
fn filled(pattern: &str) -> String {
    let mut parts = pattern.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push('x');
        text.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    text
}

fn in_language<T>(lang: Lang, look: impl FnOnce() -> T) -> T {
    Owner::new().with(|| {
        provide_context(lang);
        look()
    })
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Two words in a row that only an English sentence has: names begin with capitals or stand alone.
fn has_english(text: &str) -> bool {
    let is_word = |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    text.split(|c: char| !c.is_ascii_alphabetic() && c != ' ').any(|run| run.split(' ').filter(is_word).count() > 1)
}

#[test]
fn every_sentence_has_its_text_in_both_languages() {
    let all = sentences();
    assert!(all.len() > 100 && all.contains("is missing") && all.contains("belongs to a channel of kind {}"), "{all:#?}");
    for pattern in &all {
        let words = filled(pattern);
        for lang in Lang::ALL {
            let text = in_language(lang, || known(&words));
            let text = text.unwrap_or_else(|| panic!("{words:?} has no text; its key would be panel-rule-{}", slug(&words)));
            assert_eq!(is_chinese(&text), lang == Lang::Zh, "{words:?} is {text:?}");
            assert!(lang == Lang::En || !has_english(&text), "{words:?} is {text:?}");
        }
    }
}

/// One of each kind, since the compiler asks for a new one here.
fn every_error() -> Vec<Error> {
    let _ = |error: Error| match error {
        Error::Missing { .. } | Error::Invalid { .. } | Error::NotFound { .. } | Error::Differs { .. } => {}
        Error::AlreadyPaid | Error::Closed | Error::MethodUnavailable | Error::AmountLimits { .. } => {}
        Error::RefundTooMuch { .. } | Error::NotPaid | Error::ProviderRefused { .. } | Error::ProviderUnclear => {}
        Error::Denied | Error::Conflict(_) | Error::TooMany { .. } => {}
        Error::Store(_) | Error::Channel(_) | Error::Internal(_) => {}
    };
    let credentials = ChannelError::Credentials { field: "key", problem: "is missing".to_owned() };
    vec![
        Error::missing("id_no"),
        Error::invalid("name", "belongs to a channel of kind alipay"),
        Error::NotFound { what: "order" },
        Error::Differs { fields: vec!["amount", "subject"] },
        Error::AlreadyPaid,
        Error::Closed,
        Error::MethodUnavailable,
        Error::AmountLimits { min: 100, max: 500_000 },
        Error::RefundTooMuch { left: 1234 },
        Error::NotPaid,
        Error::ProviderRefused { code: "NOTENOUGH".to_owned(), message: "余额不足".to_owned() },
        Error::ProviderUnclear,
        Error::Denied,
        Error::Conflict("the case is answered already".to_owned()),
        Error::TooMany { retry_after_s: 7 },
        Error::Store(StoreError::Unavailable("disk full".to_owned())),
        Error::Store(StoreError::Stale),
        Error::Channel(credentials),
        Error::Internal("a secret cause".to_owned()),
    ]
}

#[test]
fn no_error_of_the_core_is_english_on_a_chinese_page() {
    for error in every_error() {
        let words = error.to_string();
        let told = UiError::from(error);
        let chinese = in_language(Lang::Zh, || error_text(&told));
        assert!(is_chinese(&chinese) && !has_english(&chinese), "{words:?} is {chinese:?}");
        assert!(!chinese.contains("error-") && !chinese.contains("panel-"), "{chinese}");
        let english = in_language(Lang::En, || error_text(&told));
        assert!(!english.contains("error-") && !english.contains("panel-"), "{english}");
    }
}

#[test]
fn what_people_read_stands_in_the_text_files() {
    let mut all = String::new();
    for module in ["ui", "rpc", "web"] {
        collect(&source_dir(module), &mut all);
    }
    // Each language names itself in the switch.
    let chinese: Vec<&str> = all.lines().filter(|line| is_chinese(line) && !line.contains("\"中文\"")).collect();
    assert!(chinese.is_empty(), "{chinese:#?}");
}

#[test]
fn payers_read_yuan() {
    let told = UiError::from(Error::AmountLimits { min: 100, max: 500_000 });
    for lang in Lang::ALL {
        let text = in_language(lang, || error_text(&told));
        assert!(text.contains("¥1.00") && text.contains("¥5,000.00") && !text.contains("fen"), "{text}");
    }
}

#[test]
fn values_go_by_the_names_that_staff_know() {
    let text = in_language(Lang::Zh, || sentence("cannot have alipay_qr in a channel of kind wechat_v3"));
    assert!(!text.contains("alipay_qr") && !text.contains("wechat_v3"), "{text}");
    let text = in_language(Lang::Zh, || sentence("belongs to a channel of kind <b>"));
    assert!(text.contains("<b>"), "what is no kind stays as it came: {text}");
    assert_eq!(in_language(Lang::Zh, || field_label("credentials[mch_id]")), "mch_id");
}

#[test]
fn sentences_become_keys() {
    assert_eq!(slug("must be 1 to 64 characters, no more."), "must-be-1-to-64-characters-no-more");
    assert_eq!(slug("…"), "");
}

#[test]
fn values_stand_between_the_words() {
    assert_eq!(values_of("no {a} in {b}", "no tea in Chad"), Some(vec![("a", "tea"), ("b", "Chad")]));
    assert_eq!(values_of("{a} only", "tea only"), Some(vec![("a", "tea")]));
    assert_eq!(values_of("no {a} in {b}", "no tea at all"), None);
    assert_eq!(values_of("no {a} in here", "no tea in here or there"), None);
}
