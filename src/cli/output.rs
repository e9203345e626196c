//! How commands print: text for people, or one JSON document on standard output.

use super::Failure;
use crate::pay::Secret;
use serde_json::Value;
use std::io::{IsTerminal, Read, Write};

/// The document with `json`, else the lines.
pub fn print(json: bool, document: &Value, lines: &[String]) {
    let text = if json { document.to_string() } else { lines.join("\n") };
    // A closed pipe is the reader's decision.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A secret from standard input, without the line's end.
///
/// # Errors
/// When nothing can be read.
pub fn secret_from_stdin(what: &str) -> Result<Secret<String>, Failure> {
    let mut text = String::new();
    if std::io::stdin().is_terminal() {
        eprint!("{what}: ");
        std::io::stdin().read_line(&mut text)?;
    } else {
        std::io::stdin().lock().take(4096).read_to_string(&mut text)?;
    }
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() { Err(Failure::new(format!("no {what} on standard input"))) } else { Ok(Secret::new(line.to_owned())) }
}

/// A file, or standard input for `-`.
///
/// # Errors
/// When it cannot be read.
pub fn read_file(path: &str) -> Result<String, Failure> {
    if path == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path).map_err(|e| Failure::new(format!("{path}: {e}")))
}
