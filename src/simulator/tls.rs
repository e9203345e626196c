//! The optional TLS listener: a server certificate of the simulator's own CA, and client certificates of merchants.
//!
//! The plain listener cannot carry a client certificate; handlers learn from [`Transport`] what they stand behind.

use super::keys::Keys;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use rand::RngCore;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
    date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// How a request came in. Present as a request extension on every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Plain,
    /// With or without a client certificate that the merchants' CA issued.
    Tls {
        client_certificate: bool,
    },
}

/// The demo merchant's client certificate, and the authority that issued it.
pub struct Client {
    pub cert_pem: String,
    pub key_pem: String,
    authority: CertificateDer<'static>,
}

/// The listener's own certificate, and the authority to trust for it.
pub struct Server {
    pub ca_pem: String,
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

/// Makes certificates when first asked for. The authorities have Ed25519 keys, which cost nothing to make; only what
/// partners must be able to use has RSA ones, and the listener's only if there will be a listener.
pub struct Certificates {
    keys: Keys,
    client: OnceLock<Client>,
    server: OnceLock<Server>,
}

impl Certificates {
    pub fn new(keys: Keys, with_listener: bool) -> Self {
        // Asking begins the work.
        let _ = keys.rsa(CLIENT_KEY);
        if with_listener {
            let _ = keys.rsa(SERVER_KEY);
        }
        Self { keys, client: OnceLock::new(), server: OnceLock::new() }
    }

    #[expect(clippy::expect_used, reason = "constant names and fresh keys always give a certificate")]
    pub fn client(&self) -> &Client {
        self.client.get_or_init(|| issue_client(&self.keys).expect("a certificate"))
    }

    #[expect(clippy::expect_used, reason = "constant names and fresh keys always give a certificate")]
    pub fn server(&self) -> &Server {
        self.server.get_or_init(|| issue_server(&self.keys).expect("a certificate"))
    }
}

const CLIENT_KEY: &str = "tls/client";
const SERVER_KEY: &str = "tls/server";

fn issue_client(keys: &Keys) -> Result<Client, rcgen::Error> {
    let (issuer, _, authority) = authority("Cashier simulator merchant CA", &ed25519(keys, "tls/client-ca"))?;
    let key = keys.rsa(CLIENT_KEY);
    let mut params = params("Cashier demo merchant", 3, vec![])?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.signed_by(&pair(&key.private_der())?, &issuer)?;
    Ok(Client { cert_pem: certificate.pem(), key_pem: key.private_pem(), authority })
}

fn issue_server(keys: &Keys) -> Result<Server, rcgen::Error> {
    let (issuer, ca_pem, _) = authority("Cashier simulator CA", &ed25519(keys, "tls/server-ca"))?;
    let key = keys.rsa(SERVER_KEY).private_der();
    let mut params = params("127.0.0.1", 2, vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.signed_by(&pair(&key)?, &issuer)?;
    Ok(Server { ca_pem, certificate: certificate.der().clone(), key })
}

/// An Ed25519 private key as PKCS#8 (RFC 8410): a fixed head and 32 bytes.
fn ed25519(keys: &Keys, label: &str) -> Vec<u8> {
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let mut secret = [0; 32];
    keys.generator(label).fill_bytes(&mut secret);
    der.extend_from_slice(&secret);
    der
}

/// Fixed dates and serial numbers: a seed fixes the certificates as well.
fn params(name: &str, serial: u64, names: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2045, 1, 1);
    params.serial_number = Some(SerialNumber::from(serial));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn pair(pkcs8: &[u8]) -> Result<KeyPair, rcgen::Error> {
    KeyPair::try_from(pkcs8)
}

type Authority = (Issuer<'static, KeyPair>, String, CertificateDer<'static>);

fn authority(name: &str, key: &[u8]) -> Result<Authority, rcgen::Error> {
    let mut ca = params(name, 1, vec![])?;
    ca.use_authority_key_identifier_extension = false;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = pair(key)?;
    let certificate = ca.self_signed(&key)?;
    Ok((Issuer::new(ca, key), certificate.pem(), certificate.der().clone()))
}

/// Serves `router` over TLS until `shutdown`.
///
/// # Errors
/// When the certificates do not make a TLS configuration.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    certificates: &Certificates,
    shutdown: CancellationToken,
) -> Result<(), rustls::Error> {
    let acceptor = TlsAcceptor::from(Arc::new(configuration(certificates)?));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = accepted else { continue };
        let (acceptor, router, shutdown) = (acceptor.clone(), router.clone(), shutdown.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let client_certificate = stream.get_ref().1.peer_certificates().is_some_and(|chain| !chain.is_empty());
            let router = router.layer(Extension(Transport::Tls { client_certificate }));
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
            tokio::select! {
                () = shutdown.cancelled() => {}
                _ = connection => {}
            }
        });
    }
}

fn configuration(certificates: &Certificates) -> Result<rustls::ServerConfig, rustls::Error> {
    let mut merchants = RootCertStore::empty();
    merchants.add(certificates.client().authority.clone())?;
    let verifier = WebPkiClientVerifier::builder(Arc::new(merchants))
        .allow_unauthenticated()
        .build()
        .map_err(|e| rustls::Error::General(e.to_string()))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificates.server().key.clone()));
    rustls::ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificates.server().certificate.clone()], key)
}
