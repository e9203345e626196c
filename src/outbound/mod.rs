//! The client for addresses that merchants give. It connects to public addresses only, follows nothing, and reads little.
//!
//! Must not know: storage, channels, pages.

mod addresses;

use crate::pay::{Notifier, Reply};
use addresses::Guard;
use async_trait::async_trait;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

const TOTAL: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(3);
/// What is read of a reply before we hang up, and what is kept of it.
const READ_BYTES: usize = 16 * 1024;
const KEEP_BYTES: usize = 2 * 1024;

/// Posts webhooks.
pub struct Outbound {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

impl Outbound {
    /// `allow`: networks that may be called although they are not public.
    ///
    /// # Errors
    /// When no client can be built: TLS roots are missing.
    pub fn new(allow: Vec<IpNet>) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(Guard::new(allow));
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(Resolver(guard.clone())))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .pool_max_idle_per_host(8)
            .user_agent("cashier-webhook/1")
            .build()?;
        Ok(Self { client, guard })
    }

    /// The address, if it may be called as far as one can say before resolving. A literal never reaches the resolver, so
    /// it is judged here; the parser has already turned every spelling of it (hex, octal, one number) into the address.
    fn parse(&self, url: &str) -> Result<Url, String> {
        let url = Url::parse(url).map_err(|e| format!("not an address: {e}"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return Err("only http and https addresses without user name are called".to_owned());
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err("the address has no host".to_owned()),
        };
        match literal {
            Some(ip) if !self.guard.allows(ip) => Err(REFUSED.to_owned()),
            _ => Ok(url),
        }
    }
}

const REFUSED: &str = "the address is not public";

#[async_trait]
impl Notifier for Outbound {
    async fn post(&self, url: &str, headers: &[(String, String)], body: &str) -> Result<Reply, String> {
        let url = self.parse(url)?;
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
            map.insert(name, HeaderValue::from_str(value).map_err(|e| e.to_string())?);
        }
        let sent = self.client.post(url).headers(map).body(body.to_owned()).send();
        let mut response = sent.await.map_err(|e| reason(&e))?;
        let status = response.status().as_u16();
        let retry_after_s = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
        let mut read = Vec::new();
        // A body that breaks off or never ends does not undo the status.
        while let Ok(Some(chunk)) = response.chunk().await {
            read.extend_from_slice(&chunk);
            if read.len() >= READ_BYTES {
                break;
            }
        }
        read.truncate(KEEP_BYTES);
        Ok(Reply { status, body: String::from_utf8_lossy(&read).into_owned(), retry_after_s })
    }
}

/// The innermost cause, without the address, which may hold a merchant's secret.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Resolves, then refuses when **any** answer is not public: a name that points to both sides is an attack. The client
/// connects to exactly the addresses that were judged.
struct Resolver(Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !guard.allows(address.ip())) {
                return Err(REFUSED.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn outbound(allow: &[&str]) -> Outbound {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Outbound::new(allow.iter().map(|n| n.parse().expect("network")).collect()).expect("client")
    }

    /// A receiver that answers one request with these bytes.
    async fn receiver(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<String>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://127.0.0.1:{}/hook", listener.local_addr().expect("address").port());
        let task = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("accept");
            let mut got = vec![0; 8192];
            let n = stream.read(&mut got).await.expect("read");
            let _ = stream.write_all(answer).await;
            String::from_utf8_lossy(&got[..n]).into_owned()
        });
        (url, task)
    }

    #[tokio::test]
    async fn loopback_has_many_faces_and_none_is_called() {
        let out = outbound(&[]);
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "127.255.255.254",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "0.1.2.3",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "169.254.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:10.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2002:a00:1::1]",
            "[2001::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[100::1]",
            "[2001:2::1]",
            "[2001:10::1]",
            "[2001:20::1]",
            "１２７.0.0.1",
            "①②⑦.0.0.1",
        ] {
            let answer = out.post(&format!("http://{host}:9/hook"), &[], "{}").await;
            // Some resolvers do not know the name with a dot at its end at all.
            let unknown = host == "localhost." && answer.is_err();
            assert!(unknown || answer == Err(REFUSED.to_owned()), "{host}: {answer:?}");
        }
    }

    #[tokio::test]
    async fn odd_addresses_are_refused() {
        let out = outbound(&["127.0.0.0/8"]);
        for url in [
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "http://user@127.0.0.1/",
            "http://u:p@127.0.0.1/",
            "gopher://x",
            "x",
            "http://",
            "//127.0.0.1/",
        ] {
            assert!(out.post(url, &[], "{}").await.is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn the_operators_networks_are_called_with_our_headers() {
        let (url, got) = receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let headers = [("webhook-id".to_owned(), "evt_1".to_owned())];
        let reply = outbound(&["127.0.0.0/8"]).post(&url, &headers, "{\"a\":1}").await.expect("delivered");
        assert_eq!((reply.status, reply.body.as_str()), (200, "ok"));
        let got = got.await.expect("request");
        assert!(got.starts_with("POST /hook ") && got.contains("webhook-id: evt_1") && got.ends_with("{\"a\":1}"), "{got}");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_a_way() {
        let (url, _) =
            receiver(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n").await;
        let reply = outbound(&["127.0.0.0/8"]).post(&url, &[], "{}").await.expect("answered");
        assert_eq!((reply.status, reply.retry_after_s), (302, Some(7)));
    }

    #[tokio::test]
    async fn only_the_beginning_of_a_long_reply_is_kept() {
        static LONG: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 1_000_000]].concat());
        let (url, _) = receiver(&LONG).await;
        let reply = outbound(&["127.0.0.0/8"]).post(&url, &[], "{}").await.expect("answered");
        assert_eq!(reply.body.len(), KEEP_BYTES);
    }
}
