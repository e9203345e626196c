//! A kind of channel as Markdown: what its declaration says, for `docs/channels`. Knows nothing but declarations.

use crate::model::Amount;
use crate::pay::channel::{Declaration, Field, Input, Limits, MethodSpec};

/// Credential fields, methods, limits and capabilities of a kind, ending in a line break.
#[must_use]
pub fn markdown(declaration: &Declaration) -> String {
    let mut lines = vec!["| field | name | where to find it | value |".to_owned(), "|---|---|---|---|".to_owned()];
    lines.extend(declaration.fields.iter().map(field_row));
    lines.push(String::new());
    lines.push("| method | amount in yuan | needs |".to_owned());
    lines.push("|---|---|---|".to_owned());
    lines.extend(declaration.methods.iter().map(method_row));
    lines.push(String::new());
    lines.push(format!("- Production address (`gateway_url` empty): `{}`", declaration.production_url));
    lines.push(format!("- Provider's limits: {}", limits(&declaration.limits)));
    let able = |wanted: bool| {
        let c = &declaration.capabilities;
        let all =
            [("query", c.query), ("close", c.close), ("refund", c.refund), ("refund query", c.refund_query), ("bill", c.bill)];
        let words: Vec<&str> = all.into_iter().filter(|(_, can)| *can == wanted).map(|(word, _)| word).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    lines.push(format!("- It can: {}; it cannot: {}", able(true), able(false)));
    lines.join("\n") + "\n"
}

fn field_row(field: &Field) -> String {
    let kind = match field.input {
        Input::Text => "text".to_owned(),
        Input::Pem => "PEM or base64".to_owned(),
        Input::File => "file as base64".to_owned(),
        Input::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "),
    };
    let mut notes = vec![kind, if field.required { "required".to_owned() } else { "optional".to_owned() }];
    if field.secret {
        notes.push("secret".to_owned());
    }
    let (zh, en) = field.label;
    let name = if zh == en { cell(en) } else { format!("{}<br>{}", cell(en), cell(zh)) };
    format!("| `{}` | {name} | {} | {} |", field.name, cell(field.help.1), notes.join(", "))
}

fn method_row(spec: &MethodSpec) -> String {
    let yuan = |fen: i64| Amount::from_stored(fen).unwrap_or_default().yuan();
    let needs: Vec<String> = spec.needs.iter().map(|need| format!("`{need}`")).collect();
    let needs = if needs.is_empty() { "–".to_owned() } else { needs.join(", ") };
    format!("| `{}` | {} to {} | {needs} |", spec.method, yuan(spec.min), yuan(spec.max))
}

fn limits(limits: &Limits) -> String {
    let mut parts = vec![format!("a code or link lives at most {}", span(limits.code_lifetime_s))];
    if limits.min_lifetime_s > 0 {
        parts.push(format!("a payment is given at least {}", span(limits.min_lifetime_s)));
    }
    if limits.close_delay_s > 0 {
        parts.push(format!("closing is refused for the first {}", span(limits.close_delay_s)));
    }
    parts.join(", ")
}

/// Seconds in the largest unit that divides them.
fn span(seconds: i64) -> String {
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("min", 60)] {
        if seconds >= length && seconds % length == 0 {
            return format!("{} {unit}", seconds / length);
        }
    }
    format!("{seconds} s")
}

/// Text that stays text within a table's cell.
fn cell(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChannelKind, Method};
    use crate::pay::channel::Capabilities;

    #[test]
    fn a_declaration_becomes_tables_and_sentences() {
        let declaration = Declaration {
            kind: ChannelKind::Qq,
            fields: &[
                Field {
                    name: "key",
                    label: ("密钥", "Key"),
                    help: ("甲|乙", "a | <b>"),
                    required: true,
                    secret: true,
                    input: Input::Text,
                },
                Field {
                    name: "sort",
                    label: ("MD5", "MD5"),
                    help: ("丙", "c"),
                    required: false,
                    secret: false,
                    input: Input::Choice(&["MD5", "RSA"]),
                },
            ],
            methods: &[
                MethodSpec { method: Method::QqNative, min: 1, max: 500_000, needs: &[] },
                MethodSpec { method: Method::QqMicropay, min: 100, max: 100_000, needs: &["auth_code", "openid"] },
            ],
            production_url: "https://pay.example.com",
            capabilities: Capabilities { query: true, close: false, refund: true, refund_query: true, bill: false },
            limits: Limits { code_lifetime_s: 7200, min_lifetime_s: 90, close_delay_s: 300 },
        };
        assert_eq!(
            markdown(&declaration),
            "| field | name | where to find it | value |\n\
             |---|---|---|---|\n\
             | `key` | Key<br>密钥 | a \\| &lt;b> | text, required, secret |\n\
             | `sort` | MD5 | c | `MD5` or `RSA`, optional |\n\
             \n\
             | method | amount in yuan | needs |\n\
             |---|---|---|\n\
             | `qq_native` | 0.01 to 5000.00 | – |\n\
             | `qq_micropay` | 1.00 to 1000.00 | `auth_code`, `openid` |\n\
             \n\
             - Production address (`gateway_url` empty): `https://pay.example.com`\n\
             - Provider's limits: a code or link lives at most 2 h, a payment is given at least 90 s, closing is refused for the first 5 min\n\
             - It can: query, refund, refund query; it cannot: close, bill\n"
        );
    }

    #[test]
    fn spans_are_told_in_whole_units() {
        for (seconds, text) in [(45, "45 s"), (60, "1 min"), (5400, "90 min"), (7200, "2 h"), (86_400, "1 d"), (90_000, "25 h")] {
            assert_eq!(span(seconds), text);
        }
    }
}
