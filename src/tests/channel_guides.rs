//! Holds `docs/channels` to the declarations: every kind that is built in has a guide, its tables are the generated ones, and
//! every method is spoken of in its Support section and in the matrix. `make guides` rewrites what is generated.

use crate::channels::Registry;
use crate::cli::guide::markdown;
use crate::model::ChannelKind;
use crate::pay::World;
use crate::pay::channel::{ChannelFactory, Declaration};
use std::fs;
use std::path::PathBuf;

/// Set to anything, the tests write what they would otherwise compare.
const REWRITE: &str = "REWRITE_GUIDES";

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/channels").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("docs/channels/{name}: {e}"))
}

fn declarations() -> Vec<&'static Declaration> {
    let registry = Registry::new(World::system());
    let declared = |kind: &ChannelKind| registry.declaration(*kind).unwrap_or_else(|| panic!("{kind} is not built in"));
    ChannelKind::ALL.iter().map(declared).collect()
}

fn guide(declaration: &Declaration) -> (String, String) {
    let name = format!("{}.md", declaration.kind);
    let text = read(&name);
    (name, text)
}

/// What stands between the lines `<!-- mark -->` and `<!-- /mark -->`, or puts something else there.
fn between<'a>(name: &str, text: &'a str, mark: &str) -> [&'a str; 3] {
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let lacks = |line: &str| panic!("docs/channels/{name} has no line {line}");
    let from = text.find(&begin).map_or_else(|| lacks(begin.trim()), |at| at + begin.len());
    let to = text[from..].find(&end).map_or_else(|| lacks(&end), |at| from + at);
    [&text[..from], &text[from..to], &text[to..]]
}

/// Compares a generated part, or writes it.
fn hold(name: &str, mark: &str, generated: &str) {
    let text = read(name);
    let [before, found, after] = between(name, &text, mark);
    if std::env::var_os(REWRITE).is_some() {
        fs::write(path(name), format!("{before}{generated}{after}")).unwrap();
        return;
    }
    assert!(found == generated, "docs/channels/{name} is out of step with the declarations; `make guides` rewrites it");
}

/// The section whose heading ends in `Support`.
fn support<'a>(name: &str, text: &'a str) -> &'a str {
    let is_heading = |line: &str| line.starts_with("## ");
    let mut at = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        match found {
            None if is_heading(line) && line.trim_end().ends_with("Support") => found = Some(at),
            Some(begin) if is_heading(line) => return &text[begin..at],
            _ => {}
        }
        at += line.len();
    }
    found.map_or_else(|| panic!("docs/channels/{name} has no section Support"), |begin| &text[begin..])
}

/// A method's row of the support table: simulator, vectors, what remains unverified.
fn row<'a>(name: &str, support: &'a str, method: &str) -> [&'a str; 3] {
    let start = format!("| `{method}` |");
    let line = support.lines().find(|line| line.starts_with(&start));
    let line = line.unwrap_or_else(|| panic!("docs/channels/{name} has no row for {method} in its Support section"));
    let cells: Vec<&str> = line.trim_end().trim_end_matches('|').split(" | ").skip(1).map(str::trim).collect();
    cells.try_into().unwrap_or_else(|cells| panic!("docs/channels/{name}: {method} has these cells: {cells:?}, not three"))
}

#[test]
fn every_provider_has_a_guide_with_the_tables_of_its_declaration() {
    for declaration in declarations() {
        hold(&format!("{}.md", declaration.kind), "fields", &markdown(declaration));
    }
}

#[test]
fn every_method_is_spoken_of_under_support_and_in_the_matrix() {
    let mut lines = vec![
        "| channel | method | simulator-proven | vectors from the provider's documents | unverified facts that remain |"
            .to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    for declaration in declarations() {
        let (name, text) = guide(declaration);
        let support = support(&name, &text);
        for spec in declaration.methods {
            let [simulator, vectors, unverified] = row(&name, support, spec.method.as_str());
            let dash = |cell: &'_ str| if cell.is_empty() { "–".to_owned() } else { cell.to_owned() };
            lines.push(format!(
                "| [`{kind}`]({name}) | `{}` | {} | {} | {} |",
                spec.method,
                dash(simulator),
                dash(vectors),
                dash(unverified),
                kind = declaration.kind,
            ));
        }
    }
    hold("README.md", "matrix", &(lines.join("\n") + "\n"));
}

#[test]
fn the_guides_are_found_from_the_readme() {
    let readme = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains("](docs/channels/README.md)"), "README.md does not link docs/channels/README.md");
    let index = read("README.md");
    for declaration in declarations() {
        assert!(
            index.contains(&format!("]({}.md)", declaration.kind)),
            "docs/channels/README.md does not link {}",
            declaration.kind
        );
    }
}
