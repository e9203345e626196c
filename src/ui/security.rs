//! The page's content security policy, and the few settings that pages need from the server.

#[cfg(feature = "ssr")]
use http::{HeaderValue, header::CONTENT_SECURITY_POLICY};
#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// What the server tells every page. Put into context by whoever serves the pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSettings {
    /// Marks every page: no real money.
    pub demo: bool,
    /// The demo's simulated wallet: codes get a link into it, since no real wallet can pay them.
    pub wallet: Option<String>,
    /// Payers reach us over TLS.
    pub secure: bool,
}

/// The policy of a page: scripts only with this answer's nonce, no inline style but the nonced one, forms to us and to
/// `form_origins`.
#[cfg(any(feature = "ssr", test))]
#[must_use]
fn policy(nonce: Option<&str>, form_origins: &[String]) -> String {
    let nonce = nonce.map(|n| format!(" 'nonce-{n}'")).unwrap_or_default();
    let mut forms = String::new();
    for origin in form_origins {
        forms.push(' ');
        forms.push_str(origin);
    }
    format!(
        "default-src 'self'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'{nonce}; img-src 'self' data:; \
         connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{forms}"
    )
}

/// The origin of an absolute http(s) address, as a policy wants it; `None` for anything else.
#[must_use]
pub fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" && scheme != "http" {
        return None;
    }
    let host = rest.split(['/', '?', '#', '\\']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    // Anything but a bare host would let a value add words of its own to the policy.
    (!host.is_empty() && host.chars().all(plain)).then(|| format!("{scheme}://{}", host.to_ascii_lowercase()))
}

#[cfg(feature = "ssr")]
pub(super) fn send_policy(form_origins: &[String]) {
    let nonce = leptos::nonce::use_nonce();
    let value = policy(nonce.as_ref().map(|n| n.as_inner().as_ref()), form_origins);
    if let (Some(response), Ok(value)) = (use_context::<leptos_axum::ResponseOptions>(), HeaderValue::from_str(&value)) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

/// Lets this page post a form to the origin of `action`. Only pages whose data is there before the first byte may call it,
/// since the policy is a header.
pub fn allow_form_action(action: &str) {
    allow_form_actions(&[action.to_owned()]);
}

/// The same for several. Each call replaces the one before.
pub fn allow_form_actions(actions: &[String]) {
    #[cfg(feature = "ssr")]
    {
        let origins: Vec<String> = actions.iter().filter_map(|action| origin(action)).collect();
        if !origins.is_empty() {
            send_policy(&origins);
        }
    }
    #[cfg(not(feature = "ssr"))]
    let _ = actions;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (address, wanted) in [
            ("https://Gateway.95516.com/gateway/api/frontTransReq.do", Some("https://gateway.95516.com")),
            ("http://127.0.0.1:3100/pay?x=1", Some("http://127.0.0.1:3100")),
            ("https://[::1]:8443/", Some("https://[::1]:8443")),
            ("javascript:alert(1)", None),
            ("weixin://wxpay/bizpayurl?pr=1", None),
            ("https://a.com;script-src *", None),
            ("https://user@a.com/", None),
            ("https:///x", None),
        ] {
            assert_eq!(origin(address).as_deref(), wanted, "{address}");
        }
    }

    #[test]
    fn a_policy_names_the_nonce_and_the_gateway() {
        let text = policy(Some("abc"), &["https://g.example".to_owned()]);
        assert!(text.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval'"));
        assert!(text.ends_with("form-action 'self' https://g.example"));
        assert!(!text.contains("unsafe-inline"));
        assert!(!text.contains("\n"));
    }
}
