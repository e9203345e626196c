//! Who may use whom: the table of the map in `lib.rs`, checked against every file. The compiler does not enforce it inside
//! one crate.

use std::path::{Path, PathBuf};

/// A module and the words that must not appear in its files.
const RULES: &[(&str, &[&str])] = &[
    (
        "model",
        &[
            "crate::pay",
            "crate::channels",
            "crate::storage",
            "crate::web",
            "crate::ui",
            "crate::rpc",
            "axum",
            "sqlx",
            "reqwest",
            "tokio",
        ],
    ),
    (
        "pay",
        &[
            "crate::channels",
            "crate::storage",
            "crate::web",
            "crate::ui",
            "crate::rpc",
            "crate::outbound",
            "leptos",
            "axum",
            "sqlx",
            "reqwest",
        ],
    ),
    ("channels", &["crate::storage", "crate::web", "crate::ui", "crate::rpc", "crate::simulator", "sqlx", "leptos"]),
    ("storage", &["crate::channels", "crate::web", "crate::ui", "crate::rpc", "crate::outbound", "axum", "reqwest", "leptos"]),
    ("outbound", &["crate::storage", "crate::channels", "crate::web", "crate::ui", "crate::rpc", "axum", "sqlx"]),
    (
        "web",
        &[
            "crate::storage",
            "crate::channels",
            "crate::outbound",
            "crate::simulator",
            "crate::cli",
            "crate::config",
            "sqlx",
            "reqwest",
        ],
    ),
    ("rpc", &["crate::channels", "crate::storage", "sqlx", "reqwest"]),
    ("ui", &["crate::channels", "crate::storage", "crate::web", "sqlx", "reqwest"]),
    ("simulator", &["crate::pay", "crate::channels", "crate::storage", "crate::web", "crate::ui", "crate::rpc", "sqlx"]),
    ("demo", &["crate::pay", "crate::channels", "crate::storage", "crate::rpc", "sqlx"]),
];

#[test]
fn no_module_knows_what_it_must_not_know() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut broken = Vec::new();
    for (module, forbidden) in RULES {
        for file in files(&root.join(module)) {
            let text = std::fs::read_to_string(&file).expect("readable");
            for line in product_code(&text) {
                for word in *forbidden {
                    if uses(line, word) {
                        broken.push(format!("{}: {}", file.strip_prefix(&root).expect("inside").display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Lines that are neither comments nor part of the file's tests, which stand at its end.
fn product_code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.contains("cfg(test)") && !line.contains("cfg(all(test"))
        .filter(|line| !line.trim_start().starts_with("//"))
}

/// A path of ours anywhere, a crate's name only where a path begins with it.
fn uses(line: &str, word: &str) -> bool {
    if word.starts_with("crate::") {
        return line
            .match_indices(word)
            .any(|(at, _)| !line[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'));
    }
    line.match_indices(&format!("{word}::")).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'))
    })
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(dir) else { return found };
    for entry in entries {
        let path = entry.expect("entry").path();
        if path.file_stem().is_some_and(|name| name == "tests" || name == "testing") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}
