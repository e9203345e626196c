//! The table of codes that merchants rely on, and that every code of it is reached by some test over HTTP.

use crate::web::api::codes::Code;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Code and HTTP status, as promised. `280900` is also 503 where the database is not there.
const PROMISED: [(&str, u16); 20] = [
    ("000000", 200),
    ("280001", 400),
    ("280002", 400),
    ("280101", 401),
    ("280102", 401),
    ("280103", 401),
    ("280104", 401),
    ("280201", 404),
    ("280202", 409),
    ("280203", 409),
    ("280204", 409),
    ("280301", 422),
    ("280302", 422),
    ("280401", 422),
    ("280402", 404),
    ("280403", 409),
    ("280501", 422),
    ("280502", 502),
    ("280601", 429),
    ("280900", 500),
];

#[test]
fn codes_and_statuses_are_those_promised() {
    let ours: Vec<(&str, u16)> = Code::ALL.iter().map(|code| (code.as_str(), code.status().as_u16())).collect();
    assert_eq!(ours, PROMISED);
}

#[test]
fn every_code_is_reached_by_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests");
    let mut named = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("tests") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|e| e != "rs") || path.ends_with("codes.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        // What is asserted of an answer, not what a test waits for to go away.
        for (at, _) in text.match_indices("refused").chain(text.match_indices("assert_eq!")) {
            let near: String = text[at..].chars().take(200).collect();
            named.extend(PROMISED.iter().map(|(code, _)| *code).filter(|code| near.contains(&format!("\"{code}\""))));
        }
    }
    let missing: Vec<&str> = PROMISED.iter().map(|(code, _)| *code).filter(|code| !named.contains(code)).collect();
    assert!(missing.is_empty(), "no test reaches {missing:?}");
}
