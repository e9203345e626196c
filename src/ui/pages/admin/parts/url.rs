//! Addresses: the URL holds a page's state, so pages read it from there and links write it back.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};
use std::fmt::Write;

/// A value of the query; empty when absent.
pub fn at(name: &str) -> String {
    use_query_map().get_untracked().get(name).unwrap_or_default()
}

/// A part of the path.
pub fn param(name: &str) -> String {
    use_params_map().get_untracked().get(name).unwrap_or_default()
}

/// Path and query of this page, without what a failed form left behind.
pub fn current() -> String {
    let place = use_location();
    let search = place.search.get_untracked();
    let kept: Vec<&str> = search
        .trim_start_matches('?')
        .split('&')
        .filter(|pair| !pair.is_empty() && !["__err=", "__path=", "done="].iter().any(|gone| pair.starts_with(gone)))
        .collect();
    let path = place.pathname.get_untracked();
    if kept.is_empty() { path } else { format!("{path}?{}", kept.join("&")) }
}

/// An address with a query; empty values are left out.
pub fn link(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut mark = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, "{mark}{name}={}", encode(value));
        mark = '&';
    }
    out
}

/// Percent-encodes all but letters, digits and `-._~`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_what_is_set_and_encode_it() {
        assert_eq!(
            link("/admin/orders", &[("status", "paid"), ("q", ""), ("app", "a&b 蓝")]),
            "/admin/orders?status=paid&app=a%26b%20%E8%93%9D"
        );
        assert_eq!(link("/admin", &[("q", "")]), "/admin");
    }
}
