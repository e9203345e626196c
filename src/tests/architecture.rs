//! Holds the source to the map in `lib.rs`: which module may name which, and which crates. In one crate the compiler does
//! not, so this reads the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a module may name. Tests are free.
struct Rule {
    module: &'static str,
    may_use: &'static [&'static str],
    crates: Crates,
}

enum Crates {
    Only(&'static [&'static str]),
    /// Groups of crates.
    Not(&'static [&'static [&'static str]]),
}

const PAGES: &[&str] = &["leptos", "leptos_axum", "leptos_meta", "leptos_router"];
const SERVER: &[&str] = &["axum", "tower", "tower_http"];
const DATABASES: &[&str] = &["sqlx"];

/// One line per module of `lib.rs`.
const RULES: &[Rule] = &[
    Rule { module: "model", may_use: &[], crates: Crates::Only(&["serde", "thiserror"]) },
    Rule { module: "pay", may_use: &["model"], crates: Crates::Not(&[PAGES, SERVER, DATABASES, &["http", "hyper", "reqwest"]]) },
    Rule { module: "channels", may_use: &["pay", "model"], crates: Crates::Not(&[PAGES, SERVER, DATABASES]) },
    Rule { module: "storage", may_use: &["pay", "model"], crates: Crates::Not(&[PAGES, &["axum", "http", "reqwest"]]) },
    Rule { module: "outbound", may_use: &["pay", "model"], crates: Crates::Not(&[PAGES, DATABASES, &["axum"]]) },
    // It mounts the pages and their server functions, and shares their sessions and filters.
    Rule { module: "web", may_use: &["pay", "model", "ui", "rpc"], crates: Crates::Not(&[DATABASES, &["reqwest"]]) },
    // Handlers are `web`'s, so no `axum` either.
    Rule { module: "rpc", may_use: &["model", "pay"], crates: Crates::Not(&[DATABASES, SERVER, &["reqwest"]]) },
    Rule {
        module: "ui",
        may_use: &["model", "rpc"],
        crates: Crates::Not(&[DATABASES, &["reqwest", "aws_lc_rs", "rsa", "hmac", "hyper", "tower", "tower_http"]]),
    },
    Rule { module: "simulator", may_use: &["model"], crates: Crates::Not(&[DATABASES, &["leptos", "leptos_axum"]]) },
    // Its shop is a few pages of its own.
    Rule { module: "demo", may_use: &["model"], crates: Crates::Not(&[DATABASES, &["leptos_axum", "leptos_router"]]) },
    // The settings' types belong to those who use them.
    Rule { module: "config", may_use: &["pay", "web"], crates: Crates::Not(&[DATABASES, &["reqwest", "axum", "leptos"]]) },
    // `web` for the sign of life in `/readyz`.
    Rule { module: "worker", may_use: &["pay", "web"], crates: Crates::Not(&[DATABASES, &["reqwest", "axum", "leptos"]]) },
];

/// Wires everything, so it may name everything.
const WIRING: &[&str] = &["cli"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// All `.rs` files of a module that are not tests.
fn files_of(module: &str) -> Vec<PathBuf> {
    let (mut found, mut exempt) = (Vec::new(), BTreeSet::new());
    let single = root().join("src").join(format!("{module}.rs"));
    if single.is_file() {
        found.push(single);
    }
    walk(&root().join("src").join(module), &mut found);
    for path in &found {
        for name in test_modules(&read(path)) {
            let dir = module_dir(path);
            exempt.insert(dir.join(format!("{name}.rs")));
            exempt.insert(dir.join(&name));
        }
    }
    found.retain(|path| !exempt.iter().any(|e| path.starts_with(e)));
    assert!(!found.is_empty(), "module {module} has no files; is the map out of date?");
    found
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Where the children of a file's module live.
fn module_dir(path: &Path) -> PathBuf {
    let dir = path.parent().expect("a folder");
    match path.file_stem().and_then(|s| s.to_str()) {
        Some("mod" | "lib") | None => dir.to_owned(),
        Some(stem) => dir.join(stem),
    }
}

/// Modules that are declared for tests only.
fn test_modules(source: &str) -> Vec<String> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let for_tests = |line: &str| line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test");
    let mut names = Vec::new();
    for (n, line) in lines.iter().enumerate().filter(|(_, line)| for_tests(line)) {
        let declared = lines[n..].iter().find(|l| !l.starts_with("#[")).unwrap_or(line);
        let declared = declared.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ").trim_start_matches("pub ");
        if let Some(name) = declared.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The code alone: no comments, no tests at the end of the file, no texts.
fn code(source: &str) -> String {
    let mut code = String::new();
    let lines: Vec<&str> = source.lines().collect();
    for (n, line) in lines.iter().enumerate() {
        let next = lines.get(n + 1).map_or("", |l| l.trim_start());
        if line.starts_with("#[cfg(test)]") && next.contains("mod ") && next.ends_with('{') {
            break;
        }
        if line.trim_start().starts_with("//") {
            continue;
        }
        let mut in_text = false;
        for (n, part) in line.split('"').enumerate() {
            if n > 0 && !line[..offset(line, n)].ends_with('\\') {
                in_text = !in_text;
            }
            if !in_text {
                code.push_str(part.split(" // ").next().unwrap_or(part));
            }
        }
        code.push('\n');
    }
    code
}

/// Where the `n`th quote of a line stands.
fn offset(line: &str, n: usize) -> usize {
    line.match_indices('"').nth(n - 1).map_or(line.len(), |(at, _)| at)
}

/// Every first name of a path: `a` of `a::b`, but not `b`.
fn first_names(code: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("::") {
        let head = &code[..at];
        let start = head
            .rfind(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(0, |i| i + head[i..].chars().next().map_or(1, char::len_utf8));
        if start < at && !head[..start].ends_with("::") {
            names.insert(&head[start..]);
        }
    }
    names
}

/// The modules of ours that a text names, also in `crate::{a::x, b::y}`.
fn own_modules(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut item) = (0, String::new());
            for c in group.chars() {
                match c {
                    '}' if depth == 0 => break,
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        names.insert(leading_name(item.trim()));
                        item.clear();
                        continue;
                    }
                    _ => {}
                }
                item.push(c);
            }
            names.insert(leading_name(item.trim()));
        } else {
            names.insert(leading_name(rest));
        }
    }
    names
}

fn leading_name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Every module that `lib.rs` declares, but the tests.
fn modules() -> BTreeSet<String> {
    let source = read(&root().join("src/lib.rs"));
    let declared = source.lines().filter_map(|l| l.trim().strip_prefix("pub mod ")?.strip_suffix(';'));
    declared.map(str::to_owned).collect()
}

/// Names of the dependencies as code spells them.
fn dependencies() -> BTreeMap<String, String> {
    let manifest = read(&root().join("Cargo.toml"));
    let mut section = String::new();
    let mut found = BTreeMap::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            line.clone_into(&mut section);
        } else if section.contains("dependencies]")
            && let Some((name, rest)) = line.split_once('=')
            && !line.starts_with('#')
        {
            found.insert(name.trim().replace('-', "_"), rest.trim().to_owned());
        }
    }
    found
}

#[test]
fn nobody_names_a_module_or_crate_that_its_place_in_the_map_forbids() {
    let (modules, dependencies) = (modules(), dependencies());
    let mut faults = Vec::new();
    for rule in RULES {
        for path in files_of(rule.module) {
            let code = code(&read(&path));
            let place = path.strip_prefix(root()).unwrap_or(&path).display();
            for name in own_modules(&code) {
                if modules.contains(&name) && name != rule.module && !rule.may_use.contains(&name.as_str()) {
                    faults.push(format!("{place} names crate::{name}"));
                }
            }
            for name in first_names(&code).into_iter().filter(|name| dependencies.contains_key(*name)) {
                let forbidden = match &rule.crates {
                    Crates::Only(allowed) => !allowed.contains(&name),
                    Crates::Not(forbidden) => forbidden.iter().any(|group| group.contains(&name)),
                };
                if forbidden {
                    faults.push(format!("{place} names the crate {name}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_module_has_a_rule() {
    let ruled: BTreeSet<String> = RULES.iter().map(|r| r.module).chain(WIRING.iter().copied()).map(str::to_owned).collect();
    assert_eq!(modules(), ruled);
}

#[test]
fn no_provider_knows_another() {
    let mut faults = Vec::new();
    for side in ["channels", "simulator"] {
        let providers: Vec<String> =
            ["wechat_v2", "wechat_v3", "alipay", "qq", "unionpay", "baidu", "jd", "lianlian"].map(str::to_owned).to_vec();
        for path in files_of(side) {
            // Below the repository only: a clone may itself lie in a folder of such a name.
            let place = path.strip_prefix(root()).expect("a file of ours");
            let inside = place.components().filter_map(|c| c.as_os_str().to_str()).find(|c| providers.iter().any(|p| p == c));
            let Some(own) = inside.map(str::to_owned) else { continue };
            let code = code(&read(&path));
            for other in providers.iter().filter(|other| **other != own) {
                if code.contains(&format!("crate::{side}::{other}")) || code.contains(&format!("super::{other}::")) {
                    faults.push(format!("{} names {other}", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// SQL belongs into one module: a statement elsewhere would be a second place that knows the tables.
#[test]
fn sql_stands_in_storage_only() {
    let mut faults = Vec::new();
    for module in modules().iter().filter(|m| *m != "storage") {
        for path in files_of(module) {
            let source = read(&path).to_lowercase();
            let code: String = source.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned();
            for verb in ["\"select ", "\"insert into ", "\"update orders", "\"delete from ", "\"create table"] {
                if code.contains(verb) {
                    faults.push(format!("{}: {verb}", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_dependency_says_why_it_is_there() {
    for (name, line) in dependencies() {
        let reason = line.rsplit_once(" # ").map_or("", |(_, reason)| reason.trim());
        assert!(reason.len() >= 4, "{name} = {line}: where is the reason?");
    }
}

/// Two server functions at one address would silently hide one of them.
#[test]
fn no_two_server_functions_share_an_address() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for path in files_of("rpc") {
        let source = read(&path);
        for (at, _) in source.match_indices("#[server") {
            let rest = &source[at..];
            if rest.starts_with("#[server(default)]") {
                continue; // an argument's, not a function's
            }
            let attribute = &rest[..rest.find(")]").or_else(|| rest.find(']')).unwrap_or(rest.len())];
            let value = |name: &str| {
                let (_, after) = attribute.split_once(name)?;
                after.split('"').nth(1).map(str::to_owned)
            };
            let place = path.display().to_string();
            let (Some(prefix), Some(endpoint)) = (value("prefix"), value("endpoint")) else {
                panic!("{place}: a server function without a fixed address: {attribute}")
            };
            assert!(["/rpc", "/rpc/admin"].contains(&prefix.as_str()), "{place}: {prefix}/{endpoint}");
            let address = format!("{prefix}/{endpoint}");
            if let Some(other) = seen.insert(address.clone(), place.clone()) {
                panic!("{address} is in {other} and in {place}");
            }
        }
    }
    assert!(!seen.is_empty(), "the scan finds no server function at all");
}

/// What the browser downloads. A new name in this list is a decision, made by changing the file beside this one.
#[test]
fn no_crate_reaches_the_browser_unnoticed() {
    let tree = |how: &str| {
        let mut cargo = std::process::Command::new(env!("CARGO"));
        cargo.current_dir(root()).args(["tree", how, "--target", "wasm32-unknown-unknown"]);
        cargo.args(["--no-default-features", "--features", "hydrate", "--edges", "normal,no-proc-macro"]);
        let output = cargo.args(["--prefix", "none", "--format", "{p}"]).output().expect("cargo runs");
        output.status.success().then(|| String::from_utf8(output.stdout).expect("UTF-8")).ok_or(output.stderr)
    };
    // Not everything may have been fetched when only the server was built so far.
    let tree = tree("--frozen").or_else(|_| tree("--locked"));
    let tree = tree.unwrap_or_else(|e| panic!("cargo tree: {}", String::from_utf8_lossy(&e)));
    let names: BTreeSet<&str> = tree.lines().filter_map(|l| l.split_whitespace().next()).filter(|n| *n != "cashier").collect();
    let known = read(&root().join("src/tests/architecture/wasm_crates.txt"));
    let known: BTreeSet<&str> = known.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect();
    let new: Vec<&&str> = names.difference(&known).collect();
    let gone: Vec<&&str> = known.difference(&names).collect();
    assert!(new.is_empty(), "new in the browser: {new:?}");
    assert!(gone.is_empty(), "no longer there, take them off the list: {gone:?}");
}

#[test]
fn the_scan_itself_sees_what_it_looks_for() {
    let source = "use crate::pay::X;\nuse crate::{model::A, storage::{B, C}};\n// crate::web::no\nlet t = \"crate::ui::no\"; axum::x();\n\
                  a::sqlx::y();\n#[cfg(test)]\nmod tests {\n use crate::demo::Z;\n}\n";
    let code = code(source);
    let named = own_modules(&code);
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["model", "pay", "storage"]);
    let firsts = first_names(&code);
    assert!(firsts.contains("axum") && !firsts.contains("sqlx"), "{firsts:?}");
    assert_eq!(test_modules("#[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) mod loopback;\nmod a;\n"), ["tests", "loopback"]);
}
