//! Where a channel's calls go: the provider's production hosts, or one origin that replaces all of them.

use crate::pay::channel::ChannelError;
use url::Url;

/// The `gateway_url` of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Without a trailing slash.
    origin: Option<String>,
}

impl Gateway {
    /// Reads a `gateway_url`: an origin, or nothing for production.
    ///
    /// # Errors
    /// `Credentials` naming `gateway_url` when it is more, less or other than an http(s) origin.
    pub fn parse(gateway_url: Option<&str>) -> Result<Self, ChannelError> {
        let text = gateway_url.unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(Self { origin: None });
        }
        let wrong = |problem: &str| ChannelError::Credentials { field: "gateway_url", problem: problem.to_owned() };
        let url = Url::parse(text).map_err(|_| wrong("is not an address such as https://pay.example.com"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("must begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("must not contain a user name"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("must be an origin, without path or query"));
        }
        Ok(Self { origin: Some(url.origin().ascii_serialization()) })
    }

    /// The address to use for an address of the provider. Path, query and fragment stay exactly as they are, since some
    /// providers sign them or want them in their own order.
    #[must_use]
    pub fn url(&self, production: &str) -> String {
        let Some(origin) = &self.origin else { return production.to_owned() };
        let rest = production.split_once("://").map_or(production, |(_, rest)| rest);
        let path = rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]);
        format!("{origin}{path}")
    }

    /// Whether calls go to the provider itself.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.origin.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_means_the_providers_own_hosts() {
        for empty in [None, Some(""), Some("  ")] {
            let gateway = Gateway::parse(empty).unwrap();
            assert!(gateway.is_production());
            assert_eq!(gateway.url("https://api.example.com/a?b=c#d"), "https://api.example.com/a?b=c#d");
        }
    }

    #[test]
    fn every_host_is_replaced_and_the_rest_kept() {
        let gateway = Gateway::parse(Some("http://127.0.0.1:3100/")).unwrap();
        for (production, used) in [
            ("https://api.mch.weixin.qq.com/pay/orderquery", "http://127.0.0.1:3100/pay/orderquery"),
            ("https://api.weixin.qq.com/sns?b=2&a=1#wechat_redirect", "http://127.0.0.1:3100/sns?b=2&a=1#wechat_redirect"),
            ("https://host.example?x=%2F", "http://127.0.0.1:3100?x=%2F"),
            ("https://host.example", "http://127.0.0.1:3100"),
        ] {
            assert_eq!(gateway.url(production), used);
        }
    }

    #[test]
    fn anything_but_an_origin_is_refused_by_name() {
        for bad in ["ftp://x", "pay.example.com", "https://x/path", "https://x?q", "https://u:p@x", "https://x/#f", "//x"] {
            let error = Gateway::parse(Some(bad)).unwrap_err();
            assert!(matches!(error, ChannelError::Credentials { field: "gateway_url", .. }), "{bad}");
        }
    }
}
