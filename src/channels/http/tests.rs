use super::*;
use crate::channels::credentials::Fields;
use crate::channels::keys::tests::KEY;
use crate::channels::loopback::{Loopback, Request, Script};
use crate::pay::{Credentials, Secret};
use rsa::pkcs8::EncodePrivateKey;
use tokio_rustls::rustls;

const QUERY: Duration = Duration::from_millis(300);

fn impatient() -> Transport {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Transport { limits: Limits { query: QUERY, act: QUERY * 2, download: QUERY * 3 }, pools: Mutex::default() }
}

fn http() -> Http {
    impatient().open(ChannelKind::WechatV2, None, None).unwrap()
}

async fn ask(http: &Http, url: String) -> Result<Reply, ChannelError> {
    http.send(Call::post("test", Patience::Query, url, "text/xml", b"<xml/>")).await
}

async fn asked(answer: impl Fn(&Request) -> Script + Send + Sync + 'static) -> Result<Reply, ChannelError> {
    let server = Loopback::serve(answer).await;
    ask(&http(), format!("{}/pay", server.origin)).await
}

fn reason(result: Result<Reply, ChannelError>) -> String {
    match result {
        Err(ChannelError::Unclear(reason)) => reason,
        other => panic!("expected an unclear call, got {other:?}"),
    }
}

#[tokio::test]
async fn a_call_arrives_as_it_was_given() {
    let server = Loopback::serve(|_| Script::ok("fine")).await;
    let call =
        Call::post("test", Patience::Act, format!("{}/a?b=1", server.origin), "text/xml", "中".as_bytes()).header("x-a", "b");
    let reply = http().send(call).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"fine".as_slice()));
    let seen = server.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", "/a?b=1"));
    assert_eq!(seen[0].text(), "中");
    assert_eq!(seen[0].header("content-type"), Some("text/xml"));
    assert_eq!(seen[0].header("x-a"), Some("b"));
}

#[tokio::test]
async fn a_client_error_is_handed_on_for_the_provider_to_read() {
    let reply = asked(|_| Script::status(400, "  <HTML>No required SSL certificate was sent</HTML>")).await.unwrap();
    assert_eq!(reply.status, 400);
    assert!(reply.is_html());
}

#[tokio::test]
async fn silence_and_dripping_end_in_time() {
    assert_eq!(reason(asked(|_| Script::Silence).await), "no complete answer in time");
    let drip = |_: &Request| {
        let mut pieces = vec![(Duration::ZERO, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".to_vec())];
        pieces.extend((0..1000).map(|_| (Duration::from_millis(20), b"x".to_vec())));
        Script::Pieces(pieces)
    };
    assert_eq!(reason(asked(drip).await), "no complete answer in time");
}

#[tokio::test]
async fn server_errors_tell_nothing() {
    for status in [500, 502, 503, 504] {
        assert_eq!(
            reason(asked(move |_| Script::status(status, "<xml><result_code>SUCCESS</result_code></xml>")).await),
            format!("answered HTTP {status}")
        );
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Loopback::serve(|_| Script::ok("elsewhere")).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/moved", target.origin);
        let answer = move |_: &Request| Script::Reply { status, headers: vec![("location", location.clone())], body: Vec::new() };
        assert!(reason(asked(answer).await).contains("redirect"));
    }
    assert!(target.seen().is_empty());
}

#[tokio::test]
async fn replies_above_one_mebibyte_are_cut_off() {
    assert_eq!(asked(|_| Script::ok(vec![b'x'; MAX_REPLY])).await.unwrap().body.len(), MAX_REPLY);
    assert!(reason(asked(|_| Script::ok(vec![b'x'; MAX_REPLY + 1])).await).contains("1 MiB"));
    let unannounced = |_: &Request| {
        let chunk = [format!("{:x}\r\n", 64 * 1024).into_bytes(), vec![b'x'; 64 * 1024], b"\r\n".to_vec()].concat();
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        Script::Pieces(std::iter::once(head).chain(std::iter::repeat_n(chunk, 17)).map(|p| (Duration::ZERO, p)).collect())
    };
    assert!(reason(asked(unannounced).await).contains("1 MiB"));
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_unclear() {
    let cut =
        |_: &Request| Script::Pieces(vec![(Duration::ZERO, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<xml>".to_vec())]);
    assert_eq!(reason(asked(cut).await), "the connection broke off");
    let garbage = |_: &Request| Script::Pieces(vec![(Duration::ZERO, b"\x00\x01 nonsense".to_vec())]);
    assert_eq!(reason(asked(garbage).await), "the connection broke off");
}

#[tokio::test]
async fn reasons_never_contain_the_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let text = reason(ask(&http(), format!("http://{address}/pay?secret=canary")).await);
    assert_eq!(text, "no connection, or TLS was refused");
    assert!(!reason(ask(&http(), "not an address?secret=canary".to_owned()).await).contains("canary"));
}

struct Tls {
    url: String,
    ca: rcgen::Certificate,
    client: (rcgen::Certificate, rcgen::KeyPair),
}

/// An HTTPS server that says whether it got a client certificate.
async fn tls_server() -> Tls {
    use rustls::server::WebPkiClientVerifier;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca = params.self_signed(&ca_key).unwrap();
    let issuer = rcgen::Issuer::new(params, &ca_key);
    let issue = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        (rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap(), key)
    };
    let (server, server_key) = issue("localhost");
    let client = issue("merchant");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(roots.into()).allow_unauthenticated().build().unwrap();
    let config = rustls::ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![server.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(server_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await.ok()?;
                let body = if stream.get_ref().1.peer_certificates().is_some() { "known" } else { "anon!" };
                // Keeps the connection open, so that a pool shared by mistake would show.
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.ok()? > 0 {
                    stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{body}").as_bytes()).await.ok()?;
                }
                Some(())
            });
        }
    });
    Tls { url, ca, client }
}

fn identity(certificate: &str, key: &str) -> Identity {
    let map: Credentials =
        [("cert", certificate), ("key", key)].into_iter().map(|(n, v)| (n.to_owned(), Secret::new(v.to_owned()))).collect();
    Fields::new(&map).identity("cert", "key").unwrap().unwrap()
}

#[tokio::test]
async fn certificates_are_verified_and_pools_kept_apart() {
    let tls = tls_server().await;
    let transport = Transport::default();
    let stranger = transport.open(ChannelKind::WechatV2, None, None).unwrap();
    assert!(reason(ask(&stranger, tls.url.clone()).await).contains("TLS"), "an unknown CA is refused");

    let ca = tls.ca.pem();
    let identity = identity(&tls.client.0.pem(), &tls.client.1.serialize_pem());
    let anonymous = transport.open(ChannelKind::WechatV2, None, Some(&ca)).unwrap();
    let merchant = transport.open(ChannelKind::WechatV2, Some(&identity), Some(&ca)).unwrap();
    for _ in 0..2 {
        assert_eq!(ask(&anonymous, tls.url.clone()).await.unwrap().body, b"anon!");
        assert_eq!(ask(&merchant, tls.url.clone()).await.unwrap().body, b"known");
    }
    let by_address = tls.url.replace("localhost", "127.0.0.1");
    assert!(reason(ask(&anonymous, by_address).await).contains("TLS"), "another host name is refused");
    assert_eq!(transport.pools.lock().unwrap().len(), 3);
}

#[test]
fn unusable_certificates_name_their_field() {
    let transport = impatient();
    let field = |result: Result<Http, ChannelError>| match result {
        Err(ChannelError::Credentials { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    for ca in ["nonsense!", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
        assert_eq!(field(transport.open(ChannelKind::WechatV2, None, Some(ca))), "ca_pem", "{ca}");
    }
    let other = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["a".to_owned()]).unwrap().self_signed(&other).unwrap();
    let foreign = keys::pem("PRIVATE KEY", KEY.to_pkcs8_der().unwrap().as_bytes());
    assert_eq!(field(transport.open(ChannelKind::WechatV2, Some(&identity(&certificate.pem(), &foreign)), None)), "key");
}
