//! Proof that the texts are complete: the same keys and values in both languages, every key that the code asks for exists,
//! and no text is left that nobody asks for.

use super::{Lang, bundles};
use fluent_bundle::FluentResource;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Key → the values it wants.
fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for (file, text) in bundles::sources(lang) {
        FluentResource::try_new(text.to_owned()).map_err(|(_, e)| panic!("{file}: {e:?}")).ok();
        let mut current = String::new();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            if let Some((key, _)) = line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic())) {
                current = key.trim().to_owned();
                let before = keys.insert(current.clone(), BTreeSet::new());
                assert!(before.is_none(), "{file}: {current} stands twice");
            }
            for part in line.split('$').skip(1) {
                let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
                keys.entry(current.clone()).or_default().insert(name);
            }
        }
    }
    keys
}

fn rust_sources(dir: &Path, into: &mut String) {
    for entry in fs::read_dir(dir).expect("a source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("i18n/coverage.rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            // Comments may show calls as examples.
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                into.push_str(line);
                into.push('\n');
            }
        }
    }
}

fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = String::new();
    for module in ["ui", "rpc", "web"] {
        rust_sources(&root.join(module), &mut all);
    }
    all
}

/// The first string literal after each occurrence of a call.
fn literals<'a>(source: &'a str, call: &str) -> BTreeSet<&'a str> {
    let calls = source.match_indices(call).filter(|(at, _)| {
        let before = source[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    });
    calls
        .filter_map(|(at, _)| {
            let rest = source[at + call.len()..].trim_start();
            rest.strip_prefix('"')?.split('"').next()
        })
        .collect()
}

/// Families whose members are asked for by a value. A language that is handed over has to be called `lang`.
fn families(source: &str) -> BTreeSet<&str> {
    ["t_of(", "t_of_with(", "known_of(", "t_of_in(lang, "].into_iter().flat_map(|call| literals(source, call)).collect()
}

/// The texts of the pages that stand alone.
fn lone_pages(source: &str) -> BTreeSet<String> {
    literals(source, "told(").iter().flat_map(|word| [format!("{word}-title"), format!("{word}-text")]).collect()
}

#[test]
fn both_languages_have_the_same_keys_and_values() {
    let (zh, en) = (keys(Lang::Zh), keys(Lang::En));
    for (key, values) in &zh {
        assert_eq!(en.get(key), Some(values), "{key} differs in English");
    }
    for key in en.keys() {
        assert!(zh.contains_key(key), "{key} is missing in Chinese");
    }
}

#[test]
fn every_key_asked_for_exists() {
    let (zh, source) = (keys(Lang::Zh), sources());
    for call in ["t(", "t_with(", "t_around("] {
        for key in literals(&source, call) {
            assert!(zh.contains_key(key), "{call}\"{key}\") has no text");
        }
    }
    for key in lone_pages(&source) {
        assert!(zh.contains_key(&key), "{key} has no text");
    }
    for family in families(&source) {
        assert!(zh.keys().any(|key| key.starts_with(&format!("{family}-"))), "the family {family} has no texts");
    }
}

#[test]
fn no_text_is_left_over() {
    let source = sources();
    let (families, lone) = (families(&source), lone_pages(&source));
    for key in keys(Lang::Zh).keys() {
        let member = families.iter().any(|family| key.strip_prefix(family).is_some_and(|rest| rest.starts_with('-')));
        assert!(member || lone.contains(key) || source.contains(&format!("\"{key}\"")), "nobody asks for {key}");
    }
}

#[test]
fn every_word_of_the_model_has_its_text() {
    use crate::model as m;
    let zh = keys(Lang::Zh);
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    wanted.extend(m::Method::ALL.iter().map(|v| ("method", v.as_str())));
    wanted.extend(m::routing::Obstacle::ALL.iter().map(|v| ("obstacle", v.as_str())));
    wanted.extend(m::views::checkout::MoneyOutcome::ALL.iter().map(|v| ("outcome", v.as_str())));
    wanted.extend(m::CaseKind::ALL.iter().filter(|k| **k != m::CaseKind::UnknownOrder).map(|v| ("unexpected", v.as_str())));
    wanted.extend(m::ChannelKind::ALL.iter().map(|v| ("panel-kind", v.as_str())));
    wanted.extend(m::Brand::ALL.iter().map(|v| ("brand", v.as_str())));
    for (family, member) in wanted {
        let key = format!("{family}-{}", member.replace('.', "_"));
        assert!(zh.contains_key(&key), "{key} has no text");
    }
}
